"""Typed readers: the value, the default, or a refusal that names the variable and keeps the secret."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_text_is_trimmed_and_empty_counts_as_absent() -> None:
    assert env.text({"A": " x "}, "A") == "x"
    assert env.text({"A": "  "}, "A", "default") == "default"
    with pytest.raises(ImproperlyConfigured, match=r"^A must be set"):
        env.text({"A": ""}, "A")


@pytest.mark.parametrize(("value", "number"), [("5", 5), ("9", 9), (" 7 ", 7), ("", 6)])
def test_integer_within_its_range(value: str, number: int) -> None:
    assert env.integer({"A": value}, "A", 6, 5, 9) == number


@pytest.mark.parametrize("value", ["4", "10", "x", "5.0", "1e1"])
def test_integer_refuses(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^A must be"):
        env.integer({"A": value}, "A", 6, 5, 9)


@pytest.mark.parametrize(
    ("value", "truth"), [("1", True), ("YES", True), ("on", True), ("0", False), ("False", False), ("", True)]
)
def test_boolean(value: str, truth: bool) -> None:
    assert env.boolean({"A": value}, "A", default=True) is truth


@pytest.mark.parametrize("value", ["2", "maybe", "enabled"])
def test_boolean_refuses(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="A must be 1 or 0"):
        env.boolean({"A": value}, "A", default=False)


@pytest.mark.parametrize("value", ["", "post@example.org", "Forbundet <post@example.org>", "På Ås <a.b+c@x.example>"])
def test_mailbox(value: str) -> None:
    assert env.mailbox({"REPLY": value}, "REPLY") == value
    assert env.mailbox({}, "REPLY") == ""


@pytest.mark.parametrize(
    "value", ["post", "@example.org", "post@", "a@b@c", "a@x.no,b@x.no", "a@x.no b@x.no", "a@x.no\nBcc: b@x.no", "<>"]
)
def test_mailbox_refuses(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REPLY must be one mail address"):
        env.mailbox({"REPLY": value}, "REPLY")


def test_choice() -> None:
    assert env.choice({"A": "info"}, "A", "ERROR", ("INFO", "ERROR")) == "INFO"
    with pytest.raises(ImproperlyConfigured, match="A must be one of INFO, ERROR"):
        env.choice({"A": "loud"}, "A", "ERROR", ("INFO", "ERROR"))


def test_secret_from_the_value_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("from-the-file\n")
    assert env.secret({"A": "from-the-value"}, "A", 10) == "from-the-value"
    assert env.secret({"A_FILE": str(tmp_path / "s")}, "A", 10) == "from-the-file"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "A or A_FILE must be set"),
        ({"A": "short-one"}, "A must have at least 10 characters"),
        ({"A": "long-enough", "A_FILE": "/x"}, "not both"),
        ({"A_FILE": "/nonexistent/x"}, "A_FILE cannot be read: FileNotFoundError"),
    ],
)
def test_secret_refuses_without_repeating_it(source: dict[str, str], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message) as refusal:
        env.secret(source, "A", 10)
    assert "short-one" not in str(refusal.value)


KEY = bytes(range(224, 256))


@pytest.mark.parametrize(
    "value",
    [
        KEY.hex(),
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
    ],
)
def test_key_in_every_usual_spelling(value: str) -> None:
    assert env.key32("A", value) == KEY


@pytest.mark.parametrize("value", ["", "x" * 42, "zz" * 32, KEY.hex()[:-2], base64.b64encode(KEY[:-1]).decode()])
def test_key_refuses(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="A must be 32 random bytes"):
        env.key32("A", value)


def test_kept_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret-key"
    made = env.kept_secret(path)
    assert env.kept_secret(path) == made
    assert len(made) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["secret-key"]


def test_of_two_that_make_a_secret_at_once_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret-key"
    numbers = iter(range(1000))
    monkeypatch.setattr(os, "getpid", lambda: next(numbers))  # threads in the place of processes
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: env.kept_secret(path), range(40)))
    assert made == {path.read_text()}


@pytest.mark.parametrize("value", ["https://s.example.org", "http://localhost:8000", "https://s.example.org/"])
def test_origin(value: str) -> None:
    assert env.origin({"A": value}, "A") == value.rstrip("/")


@pytest.mark.parametrize(
    "value",
    ["s.example.org", "ftp://h", "https://", "https://h/path", "https://h?x", "https://u:p@h", "http://h:x"],
)
def test_origin_refuses(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="A must be a scheme and a host"):
        env.origin({"A": value}, "A")


def test_directories() -> None:
    assert env.directories({"A": f"/a{os.pathsep}/b"}, "A", []) == [Path("/a"), Path("/b")]
    assert env.directories({}, "A", [Path("/c")]) == [Path("/c")]
    with pytest.raises(ImproperlyConfigured, match="absolute"):
        env.directories({"A": "/a:b"}, "A", [])


def test_database_over_tcp_with_options() -> None:
    assert env.database({"A": "postgres://u:p%40@h:5433/d?sslmode=require"}, "A", "") == {
        "USER": "u", "PASSWORD": "p@", "HOST": "h", "PORT": "5433", "NAME": "d", "OPTIONS": {"sslmode": "require"},
    }  # fmt: skip


def test_database_over_a_socket_below_an_odd_folder() -> None:
    assert env.database({"A": "postgresql://u@/d?host=%2Fr%C3%A5%20d%2Frun"}, "A", "") == {
        "USER": "u", "HOST": "/rå d/run", "NAME": "d", "OPTIONS": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", ["sqlite:///x", "postgresql://u:hemmelig@h/d?nonsense=1", "postgresql://u:hemmelig@h"]
)
def test_database_refuses_without_repeating_the_password(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^A ") as refusal:
        env.database({"A": value}, "A", "")
    assert "hemmelig" not in str(refusal.value)


@pytest.mark.parametrize(
    "read",
    [
        lambda source: env.integer(source, "A", 1, 0, 2),
        lambda source: env.boolean(source, "A", default=True),
        lambda source: env.origin(source, "A", "https://h"),
    ],
)
def test_defaults_hold_when_nothing_is_set(read: Callable[[dict[str, str]], object]) -> None:
    assert read({}) == read({"A": ""})
