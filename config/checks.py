"""System checks for settings that would break a promise."""

from __future__ import annotations

import os
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@register(Tags.security)
def check_keyring(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The replicas of the keys: writable, really several, and not readable by others."""
    directories = [Path(directory) for directory in settings.KEYRING]
    found: list[CheckMessage] = []
    if len({_real(directory) for directory in directories}) < len(directories):
        found.append(Error("KEYRING names the same directory twice.", id="raadslag.E001"))
    for directory in directories:
        found += _check_replica(directory)
    if len(directories) < 2:
        found.append(
            Caution(
                "KEYRING has one directory only: losing it loses every open survey.",
                hint="Add a directory on another volume.",
                id="raadslag.W001",
            )
        )
    elif not settings.DEMO and _on_one_device(directories):
        found.append(
            Caution(
                "All directories of KEYRING are on one volume: losing it loses every open survey.",
                id="raadslag.W002",
            )
        )
    return found


@register(Tags.security)
def check_exposure(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """A demo is not for the public, and the public is not for plain HTTP."""
    local = _is_local(str(urlsplit(settings.PUBLIC_URL).hostname))
    if settings.DEMO and settings.IS_HTTPS and not local:
        return [
            Error(
                "DEMO is on with a public PUBLIC_URL: everyone could read every letter.",
                hint="Unset DEMO.",
                id="raadslag.E003",
            )
        ]
    if not settings.DEMO and not settings.IS_HTTPS and not local:
        return [Caution("PUBLIC_URL is not https: links and answers travel in the open.", id="raadslag.W003")]
    return []


@register(Tags.security)
def check_disclosure(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The threshold may be raised, never lowered; settings changed in code pass here too."""
    if settings.DISCLOSURE_K < settings.DISCLOSURE_K_FLOOR or settings.DISCLOSURE_K_FLOOR < 5:
        return [Error("DISCLOSURE_K is below 5.", id="raadslag.E004")]
    return []


@register(Tags.security)
def check_mail(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Letters go out by SMTP, whatever the address says: another backend would be silently passed over."""
    if not settings.DEMO and settings.EMAIL_BACKEND != SMTP:
        return [
            Error(
                "EMAIL_URL is no address of a mail server: letters are sent by SMTP only.",
                hint="Use smtp://, smtp+tls:// or smtp+ssl://.",
                id="raadslag.E005",
            )
        ]
    return []


@register(Tags.security)
def check_notice(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Who is asked for data about themselves must be told by whom, and whom they can turn to."""
    unsaid = [name for name in ("UNION_NAME", "CONTACT_EMAIL") if not getattr(settings, name)]
    if not unsaid:
        return []
    return [
        Caution(
            f"{' and '.join(unsaid)} not set: people are not told who asks them, or whom to turn to.",
            hint="The law demands both (GDPR article 13).",
            id="raadslag.W005",
        )
    ]


def _check_replica(directory: Path) -> list[CheckMessage]:
    # A directory that is still to be made is judged by the nearest one above it.
    existing = next(folder for folder in (directory, *directory.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return [Error(f"KEYRING: {directory} is not writable.", id="raadslag.E002")]
    if existing == directory and directory.stat().st_mode & 0o007:
        return [Caution(f"KEYRING: {directory} is open to other users.", id="raadslag.W004")]
    return []


def _real(directory: Path) -> object:
    """What tells two directories apart, through links and mounts, when they exist."""
    if not directory.exists():
        return directory.resolve()
    found = directory.stat()
    return found.st_dev, found.st_ino


def _on_one_device(directories: list[Path]) -> bool:
    existing = [directory for directory in directories if directory.exists()]
    return len(existing) > 1 and len({directory.stat().st_dev for directory in existing}) == 1


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".test")) or host == "testserver":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
