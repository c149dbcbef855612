"""How long a register takes to be read, laid beside the one there is, and applied."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from benchmarks import register
from benchmarks.figures import Aim, Figure, Round, compared, number, peak_megabytes, seconds
from consult import importing
from consult.models import Person

SIZE, ROUNDS = register.MEMBERS, 3


def run(*, quick: bool = False) -> list[Figure]:
    """Seconds, each round into an empty register; the floor is parsing, COPY, and three INSERTs on conflict."""
    size, rounds = (300, 1) if quick else (SIZE, ROUNDS)
    path = Path(settings.DATA_DIR) / "register.csv"
    register.write(path, size)
    content = path.read_bytes()
    before = peak_megabytes()
    applying: list[Round] = []
    both: list[Round] = []
    for _round in range(rounds):
        _empty()
        planned, applied = _import(content, size)
        again = seconds(lambda: importing.preview(content, path.name, timezone.now()))
        _empty()
        bare = seconds(lambda: _bare(content, size))
        applying.append((applied, bare))
        both.append((planned + applied, bare))
    title = f"{number(size)} people"
    note = "floor without units and without looking for mistakes"
    return [
        compared(
            f"apply a register of {title}", "s", applying,
            Aim("value", "at most", 1.5), Aim("ratio", "at most", 3), note=note,
        ),
        compared(
            f"plan and apply a register of {title}", "s", both, Aim("value", "at most", 5),
            note=f"looking at the same file again takes {again:.2f} s",
        ),
        Figure(
            "memory while importing it", peak_megabytes(), "MB", aim=(Aim("value", "at most", 300),),
            note=f"{before:.0f} MB before",
        ),
    ]  # fmt: skip


def _import(content: bytes, size: int) -> tuple[float, float]:
    now = timezone.now()
    plans: list[int] = []
    planned = seconds(lambda: plans.append(importing.plan(content, "register.csv", now).pk))
    applied = seconds(lambda: importing.apply(plans[0], now))
    _check(size)
    return planned, applied


def _bare(content: bytes, size: int) -> None:
    """The least that must be done to get the people in: no check, no comparison, no plan."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO consult_unit (code, name, kind, county, size_band) VALUES ('all', 'All', 'union', '', '')"
        )
        cursor.execute("CREATE TEMPORARY TABLE bare (number text, name text, email text, starts text) ON COMMIT DROP")
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                if row["rad"] == "verv":
                    copy.write_row((row["medlemsnummer"], row["navn"], row["e-post"], row["fra"]))
        for statement in BARE:
            cursor.execute(statement)
    _check(size)


BARE = (
    """
    INSERT INTO consult_person (number, given_name, family_name, language)
    SELECT number, split_part(name, ', ', 2), split_part(name, ', ', 1), 'nb' FROM bare ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO consult_address (person_id, email, kind)
    SELECT p.id, b.email, 'private' FROM bare b JOIN consult_person p USING (number) ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO consult_appointment (person_id, unit_id, role, starts_on)
    SELECT p.id, u.id, 'member', to_date(b.starts, 'DD.MM.YYYY')
    FROM bare b JOIN consult_person p USING (number), consult_unit u ON CONFLICT DO NOTHING
    """,
)


def _check(size: int) -> None:
    if Person.objects.count() != size:
        raise RuntimeError(f"{Person.objects.count()} people of {size}")


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE consult_unit, consult_person, consult_registerimport CASCADE")
