"""Bands of numbers and dates, the history of drafts, and the sentence that a finding was accepted for."""

import django.db.models.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

BANDS = """
-- A number that two bands of a question held would be counted twice.
ALTER TABLE surveys_band ADD CONSTRAINT band_once
    EXCLUDE USING gist (int8range(question_id, question_id, '[]') WITH &&, numrange(lower, upper, '[]') WITH &&);
CREATE TRIGGER band_frozen BEFORE INSERT OR UPDATE OR DELETE ON surveys_band
    FOR EACH ROW EXECUTE FUNCTION surveys_question_part_frozen();
"""

BANDS_BACK = """
DROP TRIGGER band_frozen ON surveys_band;
ALTER TABLE surveys_band DROP CONSTRAINT band_once;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0004_pilot"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="acceptedfinding",
            name="sentence",
            field=models.TextField(blank=True, default="", verbose_name="sentence"),
        ),
        migrations.CreateModel(
            name="Band",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "lower",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="from"),
                ),
                (
                    "upper",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="to"),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bands", to="surveys.question"
                    ),
                ),
            ],
            options={
                "verbose_name": "band",
                "verbose_name_plural": "bands",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("question", "position"),
                        name="band_position_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lower__isnull", True),
                            ("upper__isnull", True),
                            ("lower__lte", models.F("upper")),
                            _connector="OR",
                        ),
                        name="band_lower_to_upper",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lower__isnull", False), ("upper__isnull", False), _connector="OR"),
                        name="band_bounded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.PositiveIntegerField()),
                ("after", models.PositiveIntegerField()),
                (
                    "did",
                    models.CharField(
                        choices=[
                            ("wrote", "%(subject)s changed"),
                            ("added", "%(subject)s added"),
                            ("copied", "%(subject)s duplicated"),
                            ("moved", "%(subject)s moved"),
                            ("deleted", "%(subject)s deleted"),
                            ("repaired", "%(subject)s repaired"),
                            ("took", "%(subject)s taken from the question bank"),
                            ("declared", "%(subject)s taken from the register"),
                            ("withdrew", "%(subject)s no longer taken from the register"),
                            ("read", "everything replaced from a file"),
                            ("restored", "put back as it was before: %(subject)s"),
                        ],
                        max_length=10,
                        verbose_name="what was done",
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="to what")),
                ("place", models.CharField(blank=True, max_length=80)),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("state", models.BinaryField()),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="surveys.edition"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a draft",
                "verbose_name_plural": "changes of drafts",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("edition", "after"), name="draft_change_once"),
                    models.CheckConstraint(
                        condition=models.Q(("after__gt", models.F("before"))), name="draft_change_goes_on"
                    ),
                ],
            },
        ),
        migrations.RunSQL(BANDS, BANDS_BACK),
    ]
