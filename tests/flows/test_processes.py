"""Run for real: the commands of docker-compose.yml as processes, and one survey played through them over HTTP.

Nothing is called in this process but a mail server and a proxy; what people do they do through pages. On the way
the worker is killed among its letters, Redis is emptied twice, and nothing may be lost or come twice.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest
import redis

from consult.reference.browsing import Browser
from consult.reference.playing import FOLDER, OSLO, REGISTER
from tests.flows import staff
from tests.flows.staff import Desk
from tests.installation import OURS, Installation, until
from tests.proxy import Proxy
from tests.sink import Sink, link

pytestmark = pytest.mark.slow

PUBLIC_URL = "https://survey.example.org"
CODE = "samarbeid-puls-2026"
INVITED = 105
TICKS = ("yes", "no", "dont_know")
YEARS = ("under_1", "1_to_3", "4_to_10")
SECRET_TEXT = "Vi trenger mer tid"


def given(number: int) -> dict[str, str]:
    """What the person of this number answers; P2 follows P1 for most."""
    first = TICKS[0 if number < 18 else 1 if number < 29 else 2]
    second = TICKS[number % 2]
    fields = {"P1_option": first, "P2_option": second, "P3_option": TICKS[number % 3], "P4_option": YEARS[number % 3]}
    return fields | ({"P5_text": f"{SECRET_TEXT}, sier nummer {number}."} if number % 4 == 0 else {})


PEOPLE = [given(number) for number in range(36)]


@pytest.fixture
def sink():
    with Sink() as server:
        yield server


@pytest.fixture
def installed(tmp_path, sink):
    settings = {
        "PUBLIC_URL": PUBLIC_URL,
        "DEFAULT_FROM_EMAIL": "Forbundet <undersokelse@example.org>",
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
    }
    installation = Installation(tmp_path, settings)
    try:
        installation.build()
        yield installation
    finally:
        installation.close()


def test_a_survey_is_played_through_the_processes(installed, sink):
    password = secrets.token_urlsafe(16)
    start(installed, password)
    anne, bjorn = (Desk(datetime.now(OSLO), Proxy(installed.port, PUBLIC_URL)) for _desk in range(2))
    anne.sign_in("anne", password)
    field(anne)
    links = send_and_kill_a_worker(installed, sink, anne)
    answer(installed, links)
    close(installed, anne, bjorn, ("bjorn", password))
    check_the_results(installed, anne)
    check_what_is_left(installed, links)
    assert {service: installed.stop(service) for service in OURS} == dict.fromkeys(OURS, 0)


def start(installed, password):
    for service in OURS:
        installed.start(service)
    with ThreadPoolExecutor(2) as hands:
        for name in ("anne", "bjorn"):
            words = ("createsuperuser", "--noinput", "--username", name, "--email", f"{name}@example.org")
            hands.submit(installed.run, "python", "manage.py", *words, DJANGO_SUPERUSER_PASSWORD=password)
    until(20, lambda: installed.is_healthy("web"))
    until(20, lambda: installed.is_healthy("worker"))


def field(desk):
    """From the register to letters that wait for their time, all at the admin."""
    staff.import_register(desk, REGISTER)
    staff.import_questionnaire(desk, FOLDER / f"{CODE}.json")
    staff.publish(desk)
    now = datetime.now(OSLO)
    opens_at, closes_at = now - timedelta(minutes=5), now + timedelta(days=2)
    survey = staff.plan(
        desk, CODE, opens_at, closes_at, promise="anonymous", threshold="5", facts=["role", "region"],
        variable_1="P2", by_1="P1",
    )  # fmt: skip
    staff.invite(desk, survey, ["chief", "deputy", "local"], unit=1)
    staff.press(desk, survey, "open")
    staff.schedule(desk, survey, "invitation", now - timedelta(minutes=1))


def send_and_kill_a_worker(installed, sink, desk):
    """Every letter arrives, and none twice, though the worker is killed among them; the links in them."""
    sink.delay = 0.05
    until(40, lambda: len(sink.taken) >= 60)
    installed.kill("worker")
    empty_redis(installed)
    sink.delay = 0.0
    assert len(sink.taken) < INVITED
    # Twenty minutes later: the dead worker's lease is over.
    lapsed = query(
        installed,
        """UPDATE consult_letter SET lease_until = now() - interval '1 second'
           WHERE lease_until IS NOT NULL RETURNING id""",
    )
    assert lapsed
    installed.start("worker")
    installed.run("celery", "-A", "config", "call", "consult.tasks.sweep_letters")
    until(30, lambda: "waiting" not in fates(installed))
    settle(installed, sink, desk)
    until(15, lambda: fates(installed) == {"sent": INVITED})
    assert Counter(sink.times().values()) == {1: INVITED}
    assert Counter(Counter(sink.recipients).values()) == {1: INVITED}
    links = [link(letter) for letter in sink.messages]
    assert len(set(links)) == INVITED
    assert all(link.startswith(f"{PUBLIC_URL}/s/") for link in links)
    return links


def settle(installed, sink, desk):
    """At most the letter that was on the wire is of unknown fate: a person asks the mail server, and decides."""
    unknown = query(installed, "SELECT message_id FROM consult_letter WHERE status = 'unknown'")
    assert len(unknown) <= 1
    for (message_id,) in unknown:
        arrived = sink.times()[message_id] == 1
        desk.open("/admin/consult/mailing/1/change/")
        desk.send(button="_let_unknown_be" if arrived else "_send_unknown_again")


def fates(installed):
    """{waiting, sent, unknown …: how many letters}."""
    rows = query(
        installed,
        """SELECT CASE WHEN status IN ('pending', 'claimed', 'sending') THEN 'waiting' ELSE status END, count(*)
           FROM consult_letter GROUP BY 1""",
    )
    return dict(rows) or {"waiting": 0}


def answer(installed, links):
    """Some answer, Redis is emptied, the others answer: one of them began before and goes on after."""
    half = len(PEOPLE) // 2
    early, late = list(zip(links, PEOPLE, strict=False))[:half], list(zip(links, PEOPLE, strict=False))[half:]
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda each: respond(installed, *each), early))
        browser = begin(installed, late[0][0])
        browser.press("go", "next", **late[0][1])
        empty_redis(installed)
        finish(browser, late[0][1])
        list(people.map(lambda each: respond(installed, *each), late[1:]))


def respond(installed, link, fields):
    finish(begin(installed, link), fields)


def begin(installed, link):
    browser = Browser(datetime.now(OSLO), Proxy(installed.port, PUBLIC_URL))
    browser.open(link)
    browser.press("go", "start")
    return browser


def finish(browser, fields):
    """Fill in page after page, and submit."""
    for _page in range(10):
        if browser.has("go", "submit"):
            browser.press("go", "submit")
            assert browser.status == 200
            assert re.search(r"[a-z2-7]{6}-[a-z2-7]{7}-[a-z2-7]{6}-[a-z2-7]{7}", browser.text)
            return
        offered = {name for form in browser.forms for name in (*form.fields, *form.choices)}
        browser.press("go", "next", **{name: value for name, value in fields.items() if name in offered})
        assert browser.status == 200
    raise AssertionError(f"no end in sight at {browser.address}")


def close(installed, anne, bjorn, other):
    """Stopped by hand and approved by two; the worker does the rest."""
    staff.stop(anne, 1)
    until(30, lambda: query(installed, "SELECT 1 FROM surveys_closing WHERE verified_at IS NOT NULL"))
    staff.press(anne, 1, "approve")
    # One is not enough, whatever the worker does meanwhile.
    installed.run("celery", "-A", "config", "call", "consult.tasks.close_due_surveys")
    bjorn.sign_in(*other)
    assert query(installed, "SELECT closed_at FROM surveys_survey") == [(None,)]
    assert keys(installed) == 2
    staff.press(bjorn, 1, "approve")
    installed.run("celery", "-A", "config", "call", "consult.tasks.close_due_surveys")
    until(15, lambda: query(installed, "SELECT 1 FROM surveys_release WHERE sha256 <> ''"))


def check_the_results(installed, desk):
    token = installed.run("python", "manage.py", "create_api_token", "anne").strip()
    proxy = Proxy(installed.port, PUBLIC_URL)

    def api(path):
        answer = proxy.ask(f"/api/v1/surveys/{CODE}/{path}", authorization=f"Bearer {token}")
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    detail = api("")
    assert (detail["state"], detail["invited"], detail["responses"]) == ("closed", INVITED, len(PEOPLE))
    for question in ("P1", "P2", "P3", "P4"):
        found = {cell["value"]: cell["n"] for cell in api(f"results/?variable={question}")["cells"] if cell["n"]}
        assert found == Counter(person[f"{question}_option"] for person in PEOPLE)
    shown = {(cell["value"], cell["by"]): cell["n"] for cell in api("results/?variable=P2&by=P1")["cells"] if cell["n"]}
    assert shown == Counter((person["P2_option"], person["P1_option"]) for person in PEOPLE)
    desk.open(f"/results/{CODE}/P1/")
    assert desk.status == 200
    figures = Counter(re.findall(r"\d+", re.sub(r"<[^>]*>", " ", desk.text)))
    assert {"18", "11", "7", "36"} <= set(figures)


def check_what_is_left(installed, links):
    """No key, no ballot, no way from an answer to a person; nothing about anyone in a log."""
    assert keys(installed) == 0
    assert query(installed, "SELECT count(*) FROM surveys_sealedballot") == [(0,)]
    assert query(installed, "SELECT count(*), count(locator) FROM surveys_response") == [(len(PEOPLE), 0)]
    written = sum(person.get("P5_text", "") != "" for person in PEOPLE)
    assert query(installed, "SELECT count(DISTINCT text) FROM surveys_answer WHERE text <> ''") == [(written,)]
    addresses = [email for (email,) in query(installed, "SELECT email FROM consult_address")]
    tokens = [link.rpartition("/")[2] for link in links]
    logs = "".join(installed.log(service).read_text("utf-8") for service in OURS)
    assert [word for word in [*addresses, *tokens, SECRET_TEXT] if word in logs] == []
    assert "Traceback" not in logs


def keys(installed):
    return sum(len(list((installed.folder / name).glob("*.key"))) for name in ("keyring-1", "keyring-2"))


def empty_redis(installed):
    with redis.Redis.from_url(installed.servers.redis_url) as server:
        server.flushall()


def query(installed, statement):
    with psycopg.connect(installed.servers.database_url) as connection:
        return connection.execute(statement).fetchall()
