"""What the pieces need to have in the field: survey B of 2021, people, invitations and their links."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from consult.models import Address, Audience, Invitation, Person, Unit
from surveys import fielding, publishing
from surveys.box import keyring, sealing
from surveys.fielding import FactPlan
from surveys.formats import json as json_format
from surveys.models import Edition, Survey

REFERENCE = Path(__file__).parent.parent / "consult/reference/nav-partnership-local-2021.json"
REGIONS = ("nord", "vest", "ost", "sor")
BANDS = ("small", "medium", "large")
CODED = ("B1", "B2", "B3")
FACTS = (
    FactPlan("region", {"nb": "Region"}, [(code, {"nb": code.title()}) for code in REGIONS]),
    FactPlan("size_band", {"nb": "Størrelse"}, [(code, {"nb": code.title()}) for code in BANDS]),
)


@dataclass(frozen=True)
class Invited:
    """One invitation, its facts and its link's token."""

    id: UUID
    facts: dict[str, str]
    token: str


def edition() -> Edition:
    """Survey B's questionnaire, published under a code of its own."""
    document = json.loads(REFERENCE.read_text("utf-8"))
    document["code"] = f"bench-{secrets.token_hex(4)}"
    return publishing.publish(json_format.load(document).pk, timezone.now())


def opened(**plan: object) -> Survey:
    """Survey B, open for a week, with region and size band as background."""
    now = timezone.now()
    published = edition()
    given = {"facts": FACTS, "codebooks": CODED, "crosses": [("B2.stance", "B3.stance")], **plan}
    survey = fielding.plan(
        published.questionnaire.code,
        published,
        opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(days=7),
        **given,  # type: ignore[arg-type]
    )
    fielding.open_survey(survey, now)
    return survey


def invite(survey: Survey, count: int) -> list[Invited]:
    """This many people, each with an address and an invitation; the audience is frozen."""
    first = Person.objects.count()
    unit, _made = Unit.objects.get_or_create(code="forbundet", defaults={"name": "Forbundet", "kind": "union"})
    people = Person.objects.bulk_create(
        [
            Person(number=f"{first + number}", given_name="Kari", family_name=f"Nordmann {first + number}")
            for number in range(count)
        ],
        batch_size=5000,
    )
    addresses = Address.objects.bulk_create(
        [Address(person=person, email=f"kari.{person.number}@medlem.example") for person in people], batch_size=5000
    )
    rows = Invitation.objects.bulk_create(
        [
            Invitation(
                id=uuid4(), survey=survey, person=person, address=address, selector=secrets.randbits(63),
                facts={"region": REGIONS[number % 4], "size_band": BANDS[number % 3]},
            )
            for number, (person, address) in enumerate(zip(people, addresses, strict=True))
        ],
        batch_size=5000,
    )  # fmt: skip
    Audience.objects.update_or_create(
        survey=survey, defaults={"unit": unit, "roles": ["member"], "frozen_at": timezone.now(), "size": count}
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    keys = keyring.keys(survey.key_id)
    return [
        Invited(row.pk, row.facts, sealing.link_token(keys, survey.pk, row.pk, row.selector, row.generation))
        for row in rows
    ]
