import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What colleagues were asked stays as it was: their comments are about those words.
FROZEN_TRIAL = """
CREATE FUNCTION surveys_trial_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.content, OLD.questionnaire_id, OLD.selector, OLD.made_at)
        IS DISTINCT FROM (NEW.content, NEW.questionnaire_id, NEW.selector, NEW.made_at)
    THEN
        RAISE EXCEPTION 'what trial % asks cannot be changed', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        RAISE EXCEPTION 'trial % has been ended', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trial_frozen BEFORE UPDATE ON surveys_trial
    FOR EACH ROW EXECUTE FUNCTION surveys_trial_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0003_releases'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Trial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.JSONField(editable=False)),
                ('selector', models.BigIntegerField(editable=False, unique=True)),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('closes_at', models.DateTimeField(verbose_name='open until')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('questionnaire', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='surveys.questionnaire', verbose_name='questionnaire')),
            ],
            options={
                'verbose_name': 'trial',
                'verbose_name_plural': 'trials',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='TrialRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(editable=False)),
                ('name', models.CharField(blank=True, default='', max_length=80, verbose_name='name')),
                ('started_at', models.DateTimeField(verbose_name='started')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('trial', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='surveys.trial')),
            ],
            options={
                'verbose_name': 'run of a trial',
                'verbose_name_plural': 'runs of a trial',
            },
        ),
        migrations.CreateModel(
            name='TrialComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(blank=True, default='', max_length=20, verbose_name='question')),
                ('text', models.TextField(verbose_name='comment')),
                ('written_at', models.DateTimeField(verbose_name='written')),
                ('handled_at', models.DateTimeField(null=True, verbose_name='dealt with')),
                ('handled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='surveys.trialrun')),
            ],
            options={
                'verbose_name': 'comment on a trial',
                'verbose_name_plural': 'comments on a trial',
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.CheckConstraint(condition=models.Q(('made_at__lt', models.F('closes_at'))), name='trial_made_before_it_closes'),
        ),
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('made_at')), _connector='OR'), name='trial_ended_after_made'),
        ),
        migrations.AddConstraint(
            model_name='trialrun',
            constraint=models.UniqueConstraint(fields=('trial', 'key'), name='trial_run_once'),
        ),
        migrations.AddConstraint(
            model_name='trialrun',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at__isnull', True), ('finished_at__gte', models.F('started_at')), _connector='OR'), name='trial_run_finished_after_started'),
        ),
        migrations.AddConstraint(
            model_name='trialcomment',
            constraint=models.UniqueConstraint(fields=('run', 'question'), name='trial_comment_once'),
        ),
        migrations.AddConstraint(
            model_name='trialcomment',
            constraint=models.CheckConstraint(condition=models.Q(('text__length__gte', 1), ('text__length__lte', 1000)), name='trial_comment_length'),
        ),
        migrations.AddConstraint(
            model_name='trialcomment',
            constraint=models.CheckConstraint(condition=models.Q(('handled_by__isnull', True), ('handled_at__isnull', False), _connector='OR'), name='trial_comment_handled_when'),
        ),
        migrations.RunSQL(FROZEN_TRIAL, "DROP FUNCTION surveys_trial_frozen CASCADE;"),
    ]
