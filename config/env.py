"""Typed readers of environment variables: a value is right, absent with a default, or refused with its name.

Every reader takes the mapping to read (the process's environment in production, a plain dict in tests) and
raises ImproperlyConfigured on nonsense. Messages name the variable and the rule, never the value of a secret.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})

URL_SAFE_TO_STANDARD = str.maketrans("-_", "+/")

# What Django knows under a name of its own; the rest of a libpq address goes to OPTIONS.
DATABASE_PARTS = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}


def text(source: Mapping[str, str], name: str, default: str | None = None) -> str:
    """The trimmed value; an empty one counts as absent. Without a default the variable is required."""
    value = source.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} must be set.")
    return default


def mailbox(source: Mapping[str, str], name: str) -> str:
    """One mail address, with or without a name before it; empty when it is not set."""
    value = text(source, name, "")
    _name, address = parseaddr(value)
    local, _at, domain = address.rpartition("@")
    plain = value.isprintable() and address.isascii() and not set(address) & set(' ,;:<>"')
    if value and not (local and domain and plain and value.count("@") == 1):
        raise ImproperlyConfigured(f"{name} must be one mail address, such as Forbundet <post@example.org>.")
    return value


def choice(source: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of `allowed`, compared without regard to case."""
    value = text(source, name, default).upper()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}.")
    return value


def integer(source: Mapping[str, str], name: str, default: int, minimum: int, maximum: int) -> int:
    """A whole number from `minimum` to `maximum`, both included."""
    value = text(source, name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if not minimum <= number <= maximum:
        raise ImproperlyConfigured(f"{name} must be from {minimum} to {maximum}, not {number}.")
    return number


def boolean(source: Mapping[str, str], name: str, default: bool) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off."""
    value = text(source, name, "1" if default else "0").lower()
    if value not in TRUE_WORDS | FALSE_WORDS:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in TRUE_WORDS


def secret(source: Mapping[str, str], name: str, minimum: int) -> str:
    """A secret from NAME, or from the file that NAME_FILE names; at least `minimum` characters.

    Setting both is refused: it would be a guess which one counts.
    """
    value, path = source.get(name, "").strip(), source.get(f"{name}_FILE", "").strip()
    if value and path:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if path:
        try:
            value = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {type(error).__name__}.") from None
    if not value:
        raise ImproperlyConfigured(f"{name} or {name}_FILE must be set.")
    if len(value) < minimum:
        raise ImproperlyConfigured(f"{name} must have at least {minimum} characters.")
    return value


def key32(name: str, value: str) -> bytes:
    """Exactly 32 bytes from 64 hexadecimal digits or from base64 (either alphabet, padding optional)."""
    try:
        if len(value) == 64:
            return bytes.fromhex(value)
        bare = value.rstrip("=").translate(URL_SAFE_TO_STANDARD)
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} must be 32 random bytes as base64 or hexadecimal.")
    return key


def kept_secret(path: Path) -> str:
    """The secret in the file `path`; made once when there is none, with mode 0600.

    The file appears whole or not at all, and of two processes that make it at once one wins for both.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was first; its secret is the one
        finally:
            draft.unlink()
    return path.read_text("ascii").strip()


def origin(source: Mapping[str, str], name: str, default: str | None = None) -> str:
    """Scheme and host of an address (`https://survey.example.org`), without path or closing slash."""
    value = text(source, name, default).rstrip("/")
    parts = urlsplit(value)
    try:
        clean = not (parts.path or parts.query or parts.fragment or parts.username or parts.port == 0)
    except ValueError:
        clean = False
    if parts.scheme not in {"http", "https"} or not parts.hostname or not clean:
        raise ImproperlyConfigured(f"{name} must be a scheme and a host, such as https://survey.example.org.")
    return value


def directories(source: Mapping[str, str], name: str, default: list[Path]) -> list[Path]:
    """Absolute directories, separated as in PATH."""
    value = text(source, name, "")
    if not value:
        return default
    parts = [Path(part) for part in value.split(os.pathsep) if part]
    if not all(part.is_absolute() for part in parts):
        raise ImproperlyConfigured(f"{name} must list absolute directories.")
    return parts


def database(source: Mapping[str, str], name: str, default: str) -> dict[str, Any]:
    """Django's database parts (HOST, PORT, USER, PASSWORD, NAME, OPTIONS) of a libpq address.

    Any libpq parameter may follow as a query (`?sslmode=verify-full`); it lands in OPTIONS.
    """
    value = text(source, name, default)
    if not value.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(f"{name} must start with postgresql://.")
    try:
        found: dict[str, Any] = conninfo_to_dict(value)
    except psycopg.ProgrammingError:
        # The original message repeats the address, password included.
        raise ImproperlyConfigured(f"{name} is no PostgreSQL address.") from None
    if not found.get("dbname"):
        raise ImproperlyConfigured(f"{name} must name a database.")
    parts: dict[str, Any] = {DATABASE_PARTS[key]: found.pop(key) for key in DATABASE_PARTS if key in found}
    return {**parts, "OPTIONS": found}
