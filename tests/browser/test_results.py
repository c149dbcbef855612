"""The pages for leadership in a real browser: accessible, and as wide as the screen."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Page

from tests import cast, make
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, violations
from tests.consult.nav import Nav, nav

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/results/",
    "/results/nav-local/",
    "/results/nav-local/B1.stance/",
    "/results/nav-local/B2.stance/",
    "/results/consultations/nav-2021/",
    "/results/apen/",
]


@pytest.fixture
def case() -> Nav:
    case = nav()
    make.asked(make.in_field("apen", state="open", closes_at=make.datetime(2099, 1, 1, tzinfo=make.UTC)))
    return case


def sign_in(page: Page, live_server: object, client: Client) -> None:
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": str(live_server)}])


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_results(
    case: Nav, live_server: object, open_page: OpenPage, client: Client, screen: dict, scheme: str
) -> None:
    client.force_login(make.granted(cast.leader(), case.union))
    page = open_page(viewport=screen, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    sign_in(page, live_server, client)
    found = {}
    for address in PAGES:
        page.goto(f"{live_server}{address}")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        found[address] = (violations(page), page.evaluate("document.documentElement.scrollWidth"))
    assert found == {address: ([], screen["width"]) for address in PAGES}
    assert complaints == []


@pytest.mark.parametrize("width", [320, 390, 640])
def test_no_table_is_cut_off_on_a_phone(
    case: Nav, live_server: object, open_page: OpenPage, client: Client, width: int
) -> None:
    client.force_login(make.granted(cast.leader(), case.union))
    page = open_page(viewport={"width": width, "height": 844}, java_script_enabled=False)
    sign_in(page, live_server, client)
    for address in (
        "/results/nav-local/B1.stance/",
        "/results/nav-local/B2.stance/",
        "/results/consultations/nav-2021/",
    ):
        page.goto(f"{live_server}{address}")
        tables = page.locator(".table-scroll")
        assert page.locator(".table-scroll:visible").count() == 0
        for summary in page.locator(".result-wide summary").all():
            summary.click()
        assert tables.count() == page.locator(".table-scroll:visible").count() > 0
        cut = tables.evaluate_all("all => all.map(each => each.scrollWidth - each.clientWidth)")
        assert cut == [0] * tables.count()


def test_what_is_folded_is_printed(case: Nav, live_server: object, open_page: OpenPage, client: Client) -> None:
    client.force_login(make.granted(cast.leader(), case.union))
    page = open_page(viewport=DESKTOP)
    sign_in(page, live_server, client)
    page.goto(f"{live_server}/results/nav-local/B1.stance/")
    cell = page.locator("#by-size_band td").first
    seen = []
    for medium in ("screen", "print"):
        page.emulate_media(media=medium)
        seen.append(cell.evaluate("each => each.checkVisibility({contentVisibilityAuto: true})"))
    assert seen == [False, True]


def test_signing_in_by_keyboard_and_choosing_a_language(case: Nav, live_server: object, open_page: OpenPage) -> None:
    make.granted(cast.leader(), case.union)
    page = open_page()
    page.goto(f"{live_server}/results/nav-local/")
    assert violations(page) == []
    page.locator("input[name=login]").focus()
    page.keyboard.type("leader")
    page.keyboard.press("Tab")
    page.keyboard.type(cast.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/results/nav-local/")
    with page.expect_navigation(wait_until="load"):
        page.locator(".languages button[value=en]").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator(".headline").first.inner_text() == "47 of 85 said yes"


def test_text_twice_as_large_fits_its_chart(
    case: Nav, live_server: object, open_page: OpenPage, client: Client
) -> None:
    client.force_login(make.granted(cast.leader(), case.union))
    page = open_page(viewport=DESKTOP)
    sign_in(page, live_server, client)
    page.goto(f"{live_server}/results/nav-local/")

    def height() -> float:
        box = page.locator("svg.chart").first.bounding_box()
        assert box is not None
        return box["height"]

    before = height()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert height() == pytest.approx(2 * before, rel=0.01)
