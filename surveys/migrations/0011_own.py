"""One's own answer: changed or not once submitted, withdrawn, and quoted or not."""

import django.db.models.deletion
from django.db import migrations, models

OWN_FIXED = """
CREATE FUNCTION surveys_own_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.opened_at IS NOT NULL
        AND (OLD.may_change, OLD.asks_quoting) IS DISTINCT FROM (NEW.may_change, NEW.asks_quoting)
    THEN
        RAISE EXCEPTION 'survey % has been opened: what was said of changing and quoting is fixed', OLD.code
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER survey_own_fixed BEFORE UPDATE ON surveys_survey
    FOR EACH ROW EXECUTE FUNCTION surveys_own_fixed();
"""

# Who starts afresh by the link must not learn from a lack of room that something has been submitted: a draft and
# another code's submission, each of 64 KiB at most, fit beside each other.
ROOM = """
ALTER TABLE surveys_sealedballot DROP CONSTRAINT sealed_box_padded,
    ADD CONSTRAINT sealed_box_padded CHECK (octet_length(box) IN (1052, 4124, 16412, 65564, 131100));
"""
ROOM_BACK = """
ALTER TABLE surveys_sealedballot DROP CONSTRAINT sealed_box_padded,
    ADD CONSTRAINT sealed_box_padded CHECK (octet_length(box) IN (1052, 4124, 16412, 65564));
"""

# To withdraw is one statement as well, under the lock that closing waits for: see surveys_keep_sealed.
WITHDRAW_SEALED = """
CREATE FUNCTION surveys_withdraw_sealed(
    the_survey bigint, the_locator bytea, expected integer, moment timestamptz
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7201, the_survey::integer);
    IF NOT EXISTS (
        SELECT 1 FROM surveys_survey s
        WHERE s.id = the_survey AND s.opened_at IS NOT NULL AND s.stopped_at IS NULL
            AND s.opens_at <= moment AND moment < s.closes_at
    ) THEN
        RETURN 'closed';
    END IF;
    DELETE FROM surveys_sealedballot b
    WHERE b.locator = the_locator AND b.survey_id = the_survey AND b.version = expected;
    RETURN CASE WHEN FOUND THEN 'gone' ELSE 'stale' END;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0010_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(null=True, verbose_name="left out since release")),
            ],
            options={
                "verbose_name": "withdrawn answer",
                "verbose_name_plural": "withdrawn answers",
            },
        ),
        migrations.AddField(
            model_name="closing",
            name="changes",
            field=models.PositiveIntegerField(default=0, verbose_name="changes by holders of receipts"),
        ),
        migrations.AddField(
            model_name="closing",
            name="backed_up",
            field=models.PositiveIntegerField(default=0, verbose_name="changes in the backup"),
        ),
        migrations.AddConstraint(
            model_name="closing",
            constraint=models.CheckConstraint(
                condition=models.Q(("backed_up__lte", models.F("changes"))), name="closing_changed_before_backed_up"
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="quoting",
            field=models.CharField(
                blank=True,
                choices=[("yes", "yes"), ("ask", "only after I have been asked"), ("no", "no")],
                default="",
                max_length=3,
                verbose_name="may be quoted",
            ),
        ),
        migrations.AddField(
            model_name="survey",
            name="asks_quoting",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "Asked of those who have written something, before they submit. Without a yes nothing is quoted."
                ),
                verbose_name="ask for leave to quote",
            ),
        ),
        migrations.AddField(
            model_name="survey",
            name="may_change",
            field=models.BooleanField(
                default=True,
                help_text="Until the deadline, with the code. Otherwise what is submitted first counts.",
                verbose_name="answers can be changed after they are submitted",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["receipt_hash"], name="response_by_receipt"),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("quoting__in", ["", "yes", "ask", "no"])), name="response_quoting_known"
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="survey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="withdrawals", to="surveys.survey"
            ),
        ),
        migrations.RunSQL(OWN_FIXED, "DROP FUNCTION surveys_own_fixed CASCADE;"),
        migrations.RunSQL(ROOM, ROOM_BACK),
        migrations.RunSQL(WITHDRAW_SEALED, "DROP FUNCTION surveys_withdraw_sealed;"),
    ]
