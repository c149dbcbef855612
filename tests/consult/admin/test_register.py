"""The admin's pages for the register: look up, upload, read the plan, apply or drop."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config.middleware import CLOCK_KEY
from consult import importing
from consult.models import Person, RegisterImport, Unit, User
from tests import cast, make

pytestmark = pytest.mark.django_db

IMPORTS = "/admin/consult/registerimport/"
UPLOAD = f"{IMPORTS}add/"


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.defaults[CLOCK_KEY] = make.OPENS  # type: ignore[assignment]  # a WSGI environment holds more than text
    client.force_login(user)
    return client


def upload(client: Client, content: bytes, name: str = "register.csv") -> Any:
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})


def planned(*rows: dict[str, str], name: str = "register.csv") -> RegisterImport:
    return importing.plan(make.register_csv(*(rows or [make.appointed("1")])), name, make.OPENS)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def says(client: Client, address: str) -> list[str]:
    return [str(message) for message in client.get(address).context["messages"]]


# --- Upload -----------------------------------------------------------------------------------------------


def test_a_file_is_uploaded_read_as_a_plan_and_applied() -> None:
    user = cast.registrar()
    client = signed_in(user)
    assert "Show what it would change" in text(client.get(UPLOAD))

    uploaded = upload(client, make.register_csv(make.appointed("1"), make.appointed("")))

    record = RegisterImport.objects.get()
    assert uploaded["Location"] == f"{IMPORTS}{record.pk}/change/"
    assert (record.uploaded_by, record.uploaded_at, record.file_name) == (user, make.OPENS, "register.csv")
    assert Person.objects.count() == 0

    page = client.get(f"{IMPORTS}{record.pk}/change/")
    assert page.context["counts"]["rows"] == [
        ["Units", 5, 0, 0], ["People", 1, 0, 0], ["Addresses", 1, 0, 0], ["Appointments", 1, 0, 0],
    ]  # fmt: skip
    assert page.context["problems"]["rows"] == [(8, "The membership number is missing. The line is left out.")]
    assert "The file has 7 lines. This is what they would do; nothing has been changed yet." in text(page)
    assert "The membership number is missing." in text(page)
    assert f'action="{IMPORTS}{record.pk}/apply/"' in text(page)

    applied = client.post(f"{IMPORTS}{record.pk}/apply/")
    assert applied["Location"] == f"{IMPORTS}{record.pk}/change/"
    assert Person.objects.get().number == "1"
    page = client.get(f"{IMPORTS}{record.pk}/change/")
    assert [str(message) for message in page.context["messages"]] == ["The register now agrees with the file."]
    assert "/apply/" not in text(page)
    assert "The figures are what was done" in text(page)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Hei", "No row of headings was found."),
        (bytes(range(256)), "This is not a spreadsheet. Save the list as .csv or .xlsx and try again."),
        (b"", "The submitted file is empty."),
        (
            b"medlemsnummer;navn;enhetskode;fnr\n1;A, B;k;x\n",
            "The column “fnr” holds national identity numbers, which must not be here. Remove it.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_the_form(content: bytes, reason: str) -> None:
    response = upload(signed_in(cast.registrar()), content)

    assert response.status_code == 200
    assert response.context["form"].errors["file"][0].startswith(reason)
    assert reason in text(response)
    assert RegisterImport.objects.count() == 0


def test_no_file_at_all() -> None:
    response = signed_in(cast.registrar()).post(UPLOAD, {})

    assert response.context["form"].errors == {"file": ["This field is required."]}


def test_a_file_above_the_limit_is_cut_off() -> None:
    response = upload(signed_in(cast.registrar()), b"x" * (10 * 1024 * 1024 + 1))

    assert response.status_code in {400, 413}
    assert RegisterImport.objects.count() == 0


def test_what_stood_in_the_file_is_shown_as_text() -> None:
    bad = "<script>alert(1)</script>"
    content = make.register_csv(make.appointed("1", **{bad: "x"}), make.appointed("2", verv=bad))
    client = signed_in(cast.registrar())
    location = upload(client, content, "<b>x.csv")["Location"]

    page = client.get(location).content.decode()

    assert bad not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert "<b>x.csv" not in page


# --- Apply and drop ---------------------------------------------------------------------------------------


def test_applying_twice_says_so() -> None:
    record = planned()
    client = signed_in(cast.registrar())
    client.post(f"{IMPORTS}{record.pk}/apply/")
    says(client, f"{IMPORTS}{record.pk}/change/")

    client.post(f"{IMPORTS}{record.pk}/apply/")

    assert says(client, f"{IMPORTS}{record.pk}/change/") == ["This was already applied."]
    assert Person.objects.count() == 1


def test_an_outdated_plan_is_refused_with_the_reason() -> None:
    make.imported(make.appointed("1"))
    record = planned()
    Person.objects.update(given_name="Endret")
    client = signed_in(cast.registrar())

    client.post(f"{IMPORTS}{record.pk}/apply/")

    assert says(client, f"{IMPORTS}{record.pk}/change/") == [
        "The register has changed since this plan was made. Upload the file again."
    ]


def test_a_dropped_plan_is_forgotten_and_cannot_be_applied() -> None:
    record = planned()
    client = signed_in(cast.registrar())
    client.post(f"{IMPORTS}{record.pk}/drop/")
    assert says(client, f"{IMPORTS}{record.pk}/change/") == ["The plan was dropped and the file is forgotten."]
    page = client.get(f"{IMPORTS}{record.pk}/change/")
    assert "/apply/" not in text(page)
    assert "This plan was dropped." in text(page)

    client.post(f"{IMPORTS}{record.pk}/apply/")

    assert says(client, f"{IMPORTS}{record.pk}/change/") == ["This plan was dropped. Upload the file again."]
    assert Person.objects.count() == 0


@pytest.mark.parametrize("deed", ["apply", "drop"])
def test_deeds_answer_to_post_alone(deed: str) -> None:
    record = planned()
    client = signed_in(cast.registrar())

    for method in (client.get, client.put, client.delete, client.head):
        assert method(f"{IMPORTS}{record.pk}/{deed}/").status_code == 405
    record.refresh_from_db()
    assert (record.applied_at, record.content is None) == (None, False)


@pytest.mark.parametrize("deed", ["apply", "drop"])
def test_deeds_need_the_right(deed: str) -> None:
    record = planned()

    for user in (cast.register_reader(), cast.outsider(), cast.designer()):
        assert signed_in(user).post(f"{IMPORTS}{record.pk}/{deed}/").status_code == 403
    stranger = Client().post(f"{IMPORTS}{record.pk}/{deed}/")
    assert stranger["Location"].startswith("/admin/login/")
    assert signed_in(cast.leader()).post(f"{IMPORTS}{record.pk}/{deed}/").status_code == 302
    record.refresh_from_db()
    assert (record.applied_at, record.content is None) == (None, False)


@pytest.mark.parametrize("deed", ["apply", "drop", "change"])
@pytest.mark.parametrize("key", ["999999", "abc", "-1"])
def test_imports_that_do_not_exist(deed: str, key: str) -> None:
    client = signed_in(cast.registrar())
    address = f"{IMPORTS}{key}/{deed}/"
    response = client.get(address, follow=True) if deed == "change" else client.post(address, follow=True)

    assert response.status_code == 404


def test_deeds_need_the_token_of_the_form() -> None:
    record = planned()
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.registrar())

    assert client.post(f"{IMPORTS}{record.pk}/apply/").status_code == 403
    assert Person.objects.count() == 0


# --- Who sees what ----------------------------------------------------------------------------------------


def test_a_reader_sees_plans_and_has_no_buttons() -> None:
    record = planned()
    client = signed_in(cast.register_reader())

    page = client.get(f"{IMPORTS}{record.pk}/change/")
    assert page.status_code == 200
    assert "/apply/" not in text(page)
    assert client.get(UPLOAD).status_code == 403
    assert upload(client, make.register_csv(make.appointed("1"))).status_code == 403
    assert client.post(f"{IMPORTS}{record.pk}/change/").status_code == 405


@pytest.mark.parametrize("thing", ["unit", "person", "appointment", "registerimport"])
def test_the_register_is_closed_to_those_without_rights(thing: str) -> None:
    planned()
    make.imported(make.appointed("1"))
    assert signed_in(cast.outsider()).get(f"/admin/consult/{thing}/").status_code == 403
    assert signed_in(cast.designer()).get(f"/admin/consult/{thing}/").status_code == 403
    assert signed_in(cast.register_reader()).get(f"/admin/consult/{thing}/").status_code == 200


@pytest.mark.parametrize("thing", ["unit", "person", "appointment"])
def test_nobody_edits_the_register(thing: str) -> None:
    make.imported(make.appointed("1"))
    root = User.objects.create_superuser("root")
    client = signed_in(root)
    key = {"unit": Unit, "person": Person}.get(thing, Person.objects.get().appointments.model).objects.first().pk

    assert client.get(f"/admin/consult/{thing}/add/").status_code == 403
    assert client.get(f"/admin/consult/{thing}/{key}/change/").status_code == 200
    assert client.post(f"/admin/consult/{thing}/{key}/change/", {"given_name": "X"}).status_code == 403
    assert client.post(f"/admin/consult/{thing}/{key}/delete/", {"post": "yes"}).status_code == 403
    assert Person.objects.get().given_name == "Kari"


def test_states_in_the_list() -> None:
    applied, dropped, _waiting = planned(name="a.csv"), planned(name="b.csv"), planned(name="c.csv")
    importing.apply(applied.pk, make.OPENS)
    importing.drop(dropped.pk)

    page = signed_in(cast.registrar()).get(IMPORTS)

    rows = page.context["cl"].result_list
    states = {row.file_name: page.context["cl"].model_admin.state(row) for row in rows}
    assert states == {"a.csv": "applied", "b.csv": "dropped", "c.csv": "waiting to be applied"}


# --- Look up ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"), [("ås", ["1"]), ("2", ["2"]), ("Ola", ["2"]), ("moe kari", ["1"]), ("x", [])]
)
def test_people_are_found_by_name_and_number(words: str, found: list[str]) -> None:
    make.imported(make.appointed("1", "Åsheim Moe, Kari"), make.appointed("2", "Berg, Ola"))

    page = signed_in(cast.register_reader()).get("/admin/consult/person/", {"q": words})

    assert [person.number for person in page.context["cl"].result_list] == found


def test_a_person_with_addresses_and_appointments() -> None:
    make.imported(make.appointed("1"), make.appointed("1", verv="HTV", enhetskode="drift", til="31.12.2020"))

    page = text(signed_in(cast.register_reader()).get(f"/admin/consult/person/{Person.objects.get().pk}/change/"))

    for shown in ("Åsheim", "p1@medlem.example", "Nav Bø", "Nav Ås", "local representative", "chief representative"):
        assert shown in page


@pytest.mark.parametrize("thing", ["unit", "person", "appointment", "registerimport"])
def test_lists_ask_as_often_for_three_rows_as_for_one(thing: str, django_assert_max_num_queries: Any) -> None:
    client = signed_in(User.objects.create_superuser("root"))

    def queries() -> int:
        with django_assert_max_num_queries(40) as counted:
            client.get(f"/admin/consult/{thing}/")
        return len(counted)

    make.imported(make.appointed("1"))
    queries()
    one = queries()
    for number in ("2", "3"):
        make.imported(make.appointed(number, enhetskode="k2", fra=f"0{number}.01.2020"))
    assert Person.objects.count() == RegisterImport.objects.count() == 3
    assert queries() == one


def test_a_person_page_asks_as_often_for_three_appointments_as_for_one(django_assert_max_num_queries: Any) -> None:
    client = signed_in(User.objects.create_superuser("root"))
    make.imported(make.appointed("1"))
    make.imported(*[make.appointed("2", enhetskode=unit) for unit in ("k1", "k2", "drift")])

    def queries(number: str) -> int:
        with django_assert_max_num_queries(40) as counted:
            client.get(f"/admin/consult/person/{Person.objects.get(number=number).pk}/change/")
        return len(counted)

    queries("1")
    assert queries("1") == queries("2")


def test_a_long_list_of_problems_is_cut_with_the_number_left(settings: Any) -> None:
    rows = [make.appointed("", "A, B") for _ in range(203)]
    client = signed_in(cast.registrar())
    page = client.get(upload(client, make.register_csv(make.appointed("1"), *rows))["Location"])

    assert len(page.context["problems"]["rows"]) == 200
    assert "… and 3 lines more." in text(page)


def test_remarks_say_what_else_will_happen() -> None:
    make.imported(make.appointed("1"), make.appointed("1", **{"e-post": "b@medlem.example"}), make.appointed("9"))
    client = signed_in(cast.registrar())
    rows = [
        make.appointed("1", til=date(2026, 1, 31).isoformat(), utmeldt="31.01.2026", Skostørrelse="40"),
        make.appointed("2", **{"e-post": ""}),
        make.appointed("2", **{"e-post": ""}),
    ]

    page = text(client.get(upload(client, make.register_csv(*rows))["Location"]))

    for remark in (
        "1 person has left.",
        "1 appointment ends.",
        "1 address that the file has no longer is removed.",
        "1 person has no address that works.",
        "1 person in the register is not in the file, and stays as before.",
        "1 line only repeats another.",
        "Columns that are not used: Skostørrelse.",
    ):
        assert remark in page
