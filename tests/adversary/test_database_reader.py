"""Someone who reads the whole database, while a survey is open and after it is closed."""

from __future__ import annotations

import pytest
from django.db import connection

from surveys import answering
from surveys.box import keyring, sealing
from surveys.models import SealedBallot
from tests import cast, make

pytestmark = pytest.mark.django_db(transaction=True)

SECRET_TEXT = "Det som bare jeg har skrevet"


def dump() -> str:
    """Every row of every table as text, system columns included; bytes as hex."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT xmin::text, ctid::text, t::text FROM {table} t")
            rows += [f"{table} {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


def in_place(order: str) -> int:
    """How many of the marked texts stand, in this order of the rows, where their author stood in time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.text FROM surveys_answer a JOIN surveys_response r ON r.id = a.response_id"
            f" WHERE a.text LIKE 'merke-%%' ORDER BY {order}"
        )
        found = [int(row[0][-2:]) for row in cursor.fetchall()]
    return sum(number == place for place, number in enumerate(found))


def people(survey, number=12):
    """Invited people whose invitations lie in the database, as those of a real survey do."""
    invitations = make.invited(survey, [make.person(each) for each in range(number)])
    return [
        make.voter(survey, invitation.pk, role="chief" if each % 2 else "local", region="north")
        for each, invitation in enumerate(invitations)
    ]


def tables_with(text, voter):
    """The tables in which this voter's invitation stands, by its id in any spelling."""
    spelt = (str(voter.invitation), voter.invitation.hex)
    return {line.split()[0] for line in text.splitlines() if any(each in line for each in spelt)}


def test_while_open_there_is_nothing_to_read_and_nobody_to_tie_it_to():
    survey = make.opened()
    keys = keyring.keys(survey.key_id)
    voters = people(survey)
    code = sealing.new_resume_code()
    for voter in voters:
        answering.save(voter, code, {"Q3": {"text": SECRET_TEXT}, "Q2": {"option": "good"}}, "nb", make.DURING)
    receipt = answering.submit(voters[0], code, make.DURING)
    text = dump()
    assert "surveys_sealedballot" in text
    for secret in (
        SECRET_TEXT,
        SECRET_TEXT.encode().hex(),
        code,
        code.encode().hex(),
        receipt,
        receipt.replace("-", "").encode().hex(),
        keys.seal.hex(),
        *(sealing.link_token(keys, survey.pk, voter.invitation, 7, 1)[13:] for voter in voters),
    ):
        assert secret not in text
    # Found where it must be, so that the search is known to find; and nowhere near a ballot.
    assert [tables_with(text, voter) for voter in voters] == [{"consult_invitation"}] * len(voters)


def test_the_search_for_invitations_would_find_one_beside_an_answer():
    """The control: an answer that names its invitation, in either spelling, is found."""
    survey = make.opened(promise="named")
    one, two = people(survey, 2)
    make.answered(one, {"Q2": {"option": "good"}, "Q3": {"text": str(one.invitation)}})
    make.answered(two, {"Q2": {"option": "good"}, "Q3": {"text": two.invitation.hex}})
    text = dump()
    assert [tables_with(text, each) for each in (one, two)] == [{"consult_invitation", "surveys_answer"}] * 2


def test_a_ballot_tells_neither_its_time_nor_how_much_was_written():
    survey = make.opened()
    short, long = people(survey, 2)
    make.answered(short, {"Q2": {"option": "good"}})
    make.answered(long, {"Q2": {"option": "good"}, "Q3": {"text": "langt " * 60}})
    assert {len(bytes(ballot.box)) for ballot in SealedBallot.objects.all()} == {1052}
    columns = {field.column for field in SealedBallot._meta.concrete_fields}
    assert columns == {"locator", "survey_id", "final", "version", "box"}


def test_a_ballot_is_written_by_a_transaction_that_writes_nothing_else():
    survey = make.opened()
    make.answered(make.voter(survey))
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM surveys_sealedballot")
        writer = cursor.fetchone()[0]
    others = [line for line in dump().splitlines() if f"('{writer}'," in line]
    assert [line.split()[0] for line in others] == ["surveys_sealedballot"]


def test_after_closing_order_times_and_ids_lead_nowhere(settings):
    settings.CLOSING_APPROVALS = 1
    survey = make.opened()
    voters = people(survey, 40)
    for number, voter in enumerate(voters):
        make.answered(voter, {"Q2": {"option": "good"}, "Q3": {"text": f"merke-{number:02}"}})
    places, before = make.places(survey, voters), dump()
    assert all(place.hex() in before for place in places)
    make.closed(survey, voters, cast.designer())
    with connection.cursor() as cursor:
        # One transaction wrote them all, and neither place nor id follows the order of arrival (below).
        cursor.execute("SELECT DISTINCT xmin::text FROM surveys_response")
        assert len(cursor.fetchall()) == 1
    for order in ("a.ctid", "a.id", "r.id", "r.ctid"):
        # 40 in a random order: 1 in place on average, 8 or more once in a hundred thousand.
        assert in_place(order) < 8
    text = dump()
    assert [tables_with(text, voter) for voter in voters] == [{"consult_invitation"}] * len(voters)
    # Nor is the place of a ballot left anywhere, by which its key would lead from one to the other.
    assert text.count("merke-") == len(voters)
    assert not [place for place in places if place.hex() in text]


def test_the_same_attack_breaks_facts_that_are_written_as_they_come():
    """The control: a named survey stores each response at once, and its order of arrival gives everyone away."""
    survey = make.opened(promise="named")
    for number, voter in enumerate(people(survey, 40)):
        make.answered(voter, {"Q2": {"option": "good"}, "Q3": {"text": f"merke-{number:02}"}})
    assert in_place("a.id") == 40
