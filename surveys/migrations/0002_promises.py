"""Promises that the database itself keeps, whoever writes to it."""

from django.db import migrations

FROZEN_EDITION = """
CREATE FUNCTION surveys_refuse_frozen(edition bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM surveys_edition e WHERE e.id = edition AND e.published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'edition % is published and cannot be changed', edition USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION surveys_edition_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'edition % is published and cannot be changed', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER edition_frozen BEFORE UPDATE OR DELETE ON surveys_edition
    FOR EACH ROW EXECUTE FUNCTION surveys_edition_frozen();

CREATE FUNCTION surveys_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM surveys_refuse_frozen(OLD.edition_id); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM surveys_refuse_frozen(NEW.edition_id); END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER section_frozen BEFORE INSERT OR UPDATE OR DELETE ON surveys_section
    FOR EACH ROW EXECUTE FUNCTION surveys_part_frozen();
CREATE TRIGGER question_frozen BEFORE INSERT OR UPDATE OR DELETE ON surveys_question
    FOR EACH ROW EXECUTE FUNCTION surveys_part_frozen();

CREATE FUNCTION surveys_question_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM surveys_refuse_frozen(q.edition_id) FROM surveys_question q WHERE q.id = OLD.question_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM surveys_refuse_frozen(q.edition_id) FROM surveys_question q WHERE q.id = NEW.question_id;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER option_frozen BEFORE INSERT OR UPDATE OR DELETE ON surveys_option
    FOR EACH ROW EXECUTE FUNCTION surveys_question_part_frozen();
CREATE TRIGGER edition_fact_frozen BEFORE INSERT OR UPDATE OR DELETE ON surveys_editionfact
    FOR EACH ROW EXECUTE FUNCTION surveys_part_frozen();

CREATE FUNCTION surveys_fact_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM surveys_refuse_frozen(f.edition_id) FROM surveys_editionfact f WHERE f.id = OLD.fact_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM surveys_refuse_frozen(f.edition_id) FROM surveys_editionfact f WHERE f.id = NEW.fact_id;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER edition_fact_value_frozen BEFORE INSERT OR UPDATE OR DELETE ON surveys_editionfactvalue
    FOR EACH ROW EXECUTE FUNCTION surveys_fact_part_frozen();

CREATE FUNCTION surveys_refuse_frozen_of(question bigint, section bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM surveys_refuse_frozen(q.edition_id) FROM surveys_question q WHERE q.id = question;
    PERFORM surveys_refuse_frozen(s.edition_id) FROM surveys_section s WHERE s.id = section;
END $$;
CREATE FUNCTION surveys_condition_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM surveys_refuse_frozen_of(OLD.question_id, OLD.section_id); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM surveys_refuse_frozen_of(NEW.question_id, NEW.section_id); END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER condition_frozen BEFORE INSERT OR UPDATE OR DELETE ON surveys_condition
    FOR EACH ROW EXECUTE FUNCTION surveys_condition_frozen();
CREATE FUNCTION surveys_condition_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM surveys_refuse_frozen_of(c.question_id, c.section_id)
            FROM surveys_condition c WHERE c.id = OLD.condition_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM surveys_refuse_frozen_of(c.question_id, c.section_id)
            FROM surveys_condition c WHERE c.id = NEW.condition_id;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER condition_option_frozen BEFORE INSERT OR UPDATE OR DELETE ON surveys_conditionoption
    FOR EACH ROW EXECUTE FUNCTION surveys_condition_part_frozen();
"""

FROZEN_EDITION_BACK = """
DROP FUNCTION surveys_condition_part_frozen, surveys_condition_frozen, surveys_fact_part_frozen,
    surveys_question_part_frozen, surveys_part_frozen, surveys_edition_frozen CASCADE;
DROP FUNCTION surveys_refuse_frozen_of, surveys_refuse_frozen;
"""

CORRECTED = """
CREATE FUNCTION surveys_correction_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT 1 FROM surveys_edition e WHERE e.id = NEW.edition_id AND e.published_at IS NULL) THEN
            RAISE EXCEPTION 'edition % is a draft: it is edited, not corrected', NEW.edition_id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    -- Who made it may be forgotten; what was made may not.
    IF TG_OP = 'DELETE' OR (OLD.edition_id, OLD.part, OLD.part_id, OLD.field, OLD.language, OLD.before, OLD.after,
        OLD.corrected_at) IS DISTINCT FROM (NEW.edition_id, NEW.part, NEW.part_id, NEW.field, NEW.language, NEW.before,
        NEW.after, NEW.corrected_at) OR NEW.person_id IS NOT NULL
    THEN
        RAISE EXCEPTION 'correction % is on record and stays', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER correction_kept BEFORE INSERT OR UPDATE OR DELETE ON surveys_correction
    FOR EACH ROW EXECUTE FUNCTION surveys_correction_kept();
"""

CORRECTED_BACK = """
DROP FUNCTION surveys_correction_kept CASCADE;
"""

OPENED_SURVEY = """
CREATE FUNCTION surveys_survey_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.opened_at IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'survey % has been opened and cannot be deleted', OLD.code USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.promise, OLD.edition_id, OLD.threshold, OLD.key_id, OLD.code, OLD.opened_at)
        IS DISTINCT FROM (NEW.promise, NEW.edition_id, NEW.threshold, NEW.key_id, NEW.code, NEW.opened_at)
        -- To remind everyone instead of some is a promise more; the other way is a promise broken.
        OR (OLD.strict_reminders AND NOT NEW.strict_reminders)
        OR (OLD.stopped_at IS NOT NULL
            AND (OLD.stopped_at, OLD.closes_at) IS DISTINCT FROM (NEW.stopped_at, NEW.closes_at))
        OR (OLD.closed_at IS NOT NULL AND OLD.closed_at IS DISTINCT FROM NEW.closed_at)
    THEN
        RAISE EXCEPTION 'survey % has been opened: its promise is fixed', OLD.code USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER survey_fixed BEFORE UPDATE OR DELETE ON surveys_survey
    FOR EACH ROW EXECUTE FUNCTION surveys_survey_fixed();

CREATE FUNCTION surveys_refuse_opened(survey bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM surveys_survey s WHERE s.id = survey AND s.opened_at IS NOT NULL) THEN
        RAISE EXCEPTION 'survey % has been opened: its release plan is fixed', survey
            USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION surveys_plan_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM surveys_refuse_opened(OLD.survey_id); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM surveys_refuse_opened(NEW.survey_id); END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER fact_fixed BEFORE INSERT OR UPDATE OR DELETE ON surveys_backgroundfact
    FOR EACH ROW EXECUTE FUNCTION surveys_plan_fixed();
CREATE TRIGGER cross_fixed BEFORE INSERT OR UPDATE OR DELETE ON surveys_plannedcross
    FOR EACH ROW EXECUTE FUNCTION surveys_plan_fixed();
CREATE FUNCTION surveys_fact_value_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM surveys_refuse_opened(f.survey_id) FROM surveys_backgroundfact f WHERE f.id = OLD.fact_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM surveys_refuse_opened(f.survey_id) FROM surveys_backgroundfact f WHERE f.id = NEW.fact_id;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER fact_value_fixed BEFORE INSERT OR UPDATE OR DELETE ON surveys_backgroundvalue
    FOR EACH ROW EXECUTE FUNCTION surveys_fact_value_fixed();
"""

OPENED_SURVEY_BACK = """
DROP FUNCTION surveys_fact_value_fixed, surveys_plan_fixed, surveys_survey_fixed CASCADE;
DROP FUNCTION surveys_refuse_opened;
"""

ANONYMOUS_RESPONSE = """
CREATE FUNCTION surveys_response_unlinked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept record;
BEGIN
    SELECT promise, stopped_at INTO kept FROM surveys_survey WHERE id = NEW.survey_id;
    IF kept.promise = 'anonymous' AND NEW.locator IS NOT NULL THEN
        RAISE EXCEPTION 'a response to an anonymous survey cannot point at an invitation'
            USING ERRCODE = 'check_violation';
    END IF;
    IF kept.promise = 'anonymous' AND kept.stopped_at IS NULL THEN
        RAISE EXCEPTION 'an anonymous survey has no responses while it is open' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER response_unlinked BEFORE INSERT OR UPDATE ON surveys_response
    FOR EACH ROW EXECUTE FUNCTION surveys_response_unlinked();
"""

ANSWER_OF_RESPONSE = """
ALTER TABLE surveys_answer ADD CONSTRAINT answer_of_response
    FOREIGN KEY (response_id, survey_id) REFERENCES surveys_response (id, survey_id) DEFERRABLE INITIALLY DEFERRED;
"""

# An answer without an option is not held against it: a key with a null in it is not looked up.
OPTION_OF_QUESTION = """
ALTER TABLE surveys_answer ADD CONSTRAINT answer_option_of_question
    FOREIGN KEY (option_id, question_id) REFERENCES surveys_option (id, question_id) DEFERRABLE INITIALLY DEFERRED;
"""

COMPUTED_RELEASE = """
CREATE FUNCTION surveys_release_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.computed_at IS NOT NULL THEN
        RAISE EXCEPTION 'release % is out and cannot be changed', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER release_fixed BEFORE UPDATE OR DELETE ON surveys_release
    FOR EACH ROW EXECUTE FUNCTION surveys_release_fixed();

CREATE FUNCTION surveys_refuse_released(release bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM surveys_release r WHERE r.id = release AND r.computed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'release % is out and cannot be changed', release USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION surveys_table_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM surveys_refuse_released(OLD.release_id); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM surveys_refuse_released(NEW.release_id); END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER table_fixed BEFORE INSERT OR UPDATE OR DELETE ON surveys_releasedtable
    FOR EACH ROW EXECUTE FUNCTION surveys_table_fixed();
CREATE FUNCTION surveys_cell_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM surveys_refuse_released(t.release_id) FROM surveys_releasedtable t WHERE t.id = OLD.table_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM surveys_refuse_released(t.release_id) FROM surveys_releasedtable t WHERE t.id = NEW.table_id;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER cell_fixed BEFORE INSERT OR UPDATE OR DELETE ON surveys_releasedcell
    FOR EACH ROW EXECUTE FUNCTION surveys_cell_fixed();
"""

COMPUTED_RELEASE_BACK = """
DROP FUNCTION surveys_cell_fixed, surveys_table_fixed, surveys_release_fixed CASCADE;
DROP FUNCTION surveys_refuse_released;
"""

# A save or submission is this one statement. The shared lock is what closing waits for; because the function is
# volatile, each query in it sees what was committed before it, so a save that had to wait still notices the stop.
KEEP_SEALED = """
ALTER TABLE surveys_sealedballot
    ADD CONSTRAINT sealed_locator_size CHECK (octet_length(locator) = 16),
    -- bucket + nonce (12) + tag (16): any other length would tell how much was written.
    ADD CONSTRAINT sealed_box_padded CHECK (octet_length(box) IN (1052, 4124, 16412, 65564));

CREATE FUNCTION surveys_keep_sealed(
    the_survey bigint, the_locator bytea, expected integer, is_final boolean, the_box bytea, moment timestamptz
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
    IF expected = 0 THEN
        INSERT INTO surveys_sealedballot (locator, survey_id, final, version, box)
        VALUES (the_locator, the_survey, is_final, 1, the_box)
        ON CONFLICT (locator) DO NOTHING;
    ELSE
        UPDATE surveys_sealedballot b
        SET box = the_box, version = expected + 1, final = b.final OR is_final
        WHERE b.locator = the_locator AND b.survey_id = the_survey AND b.version = expected;
    END IF;
    RETURN CASE WHEN FOUND THEN 'kept' ELSE 'stale' END;
END $$;
"""

KEEP_SEALED_BACK = """
DROP FUNCTION surveys_keep_sealed;
ALTER TABLE surveys_sealedballot DROP CONSTRAINT sealed_locator_size, DROP CONSTRAINT sealed_box_padded;
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [
        migrations.RunSQL(FROZEN_EDITION, FROZEN_EDITION_BACK),
        migrations.RunSQL(CORRECTED, CORRECTED_BACK),
        migrations.RunSQL(OPENED_SURVEY, OPENED_SURVEY_BACK),
        migrations.RunSQL(ANONYMOUS_RESPONSE, "DROP FUNCTION surveys_response_unlinked CASCADE;"),
        migrations.RunSQL(ANSWER_OF_RESPONSE, "ALTER TABLE surveys_answer DROP CONSTRAINT answer_of_response;"),
        migrations.RunSQL(OPTION_OF_QUESTION, "ALTER TABLE surveys_answer DROP CONSTRAINT answer_option_of_question;"),
        migrations.RunSQL(COMPUTED_RELEASE, COMPUTED_RELEASE_BACK),
        migrations.RunSQL(KEEP_SEALED, KEEP_SEALED_BACK),
    ]
