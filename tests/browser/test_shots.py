import pytest
from tests import make
from tests.browser.conftest import DESKTOP, PHONE, violations

@pytest.mark.django_db(transaction=True)
def test_shots(live_server, open_page, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    import config.middleware as m
    from unittest import mock
    with mock.patch.object(m.timezone, "now", lambda: make.DURING):
        survey = make.routed()
        for name, opts in {"phone": {}, "desk": {"viewport": DESKTOP}, "dark": {"color_scheme": "dark"}}.items():
            token = make.link(survey, {"phone": 1, "desk": 2, "dark": 3}[name])
            page = open_page(java_script_enabled=True, **opts)
            n = 0
            def shot(label):
                page.screenshot(path=f"/tmp/shots/{name}-{label}.png", full_page=True)
                print(name, label, page.url, violations(page))
            page.goto(f"{live_server.url}/s/{token}"); shot("1welcome")
            page.get_by_role("button", name="Start").click(); shot("2page1")
            page.locator("#Q1_option").check()
            page.get_by_role("button", name="Next").last.click(); shot("3error")
            page.locator("#Q1_text").fill("Fordi vi ser det <b>hver</b> dag.\nOg natt.")
            page.get_by_role("button", name="Next").last.click(); shot("4page2")
            page.locator("#Q3_option").check()
            page.get_by_role("button", name="Next").last.click(); shot("5page3")
            page.get_by_role("button", name="Back").click()
            page.get_by_role("button", name="Save and leave").click(); shot("6left")
            page.get_by_role("button", name="Go on now").click(); shot("7review")
            page.get_by_role("button", name="Submit my").click(); shot("8receipt")
            page.goto(f"{live_server.url}/s/{token}"); shot("9welcome-again")
            page.goto(f"{live_server.url}/s/aaaa"); shot("a-unknown")
