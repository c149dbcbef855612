"""The people of the tests, each with the rights their work needs. Plain functions; each makes one user."""

from __future__ import annotations

from django.contrib.auth.models import Permission

from consult.models import User

PASSWORD = "correct horse battery staple"


def _user(name: str, *permissions: str, staff: bool = False) -> User:
    user = User.objects.create_user(name, password=PASSWORD, is_staff=staff)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def designer(name: str = "designer") -> User:
    """Union staff who write questionnaires, plan surveys and close them."""
    verbs = ("view", "add", "change", "delete")
    texts = ("questionnaire", "edition", "section", "question", "option", "condition", "concept")
    plans = ("survey", "backgroundfact", "backgroundvalue", "plannedcross", "codebook", "code")
    rights = [f"surveys.{verb}_{thing}" for verb in verbs for thing in texts + plans]
    return _user(name, *rights, "surveys.close_survey", "surveys.add_release", staff=True)


def coder(name: str = "coder") -> User:
    """Union staff who read and code open answers, and nothing else."""
    return _user(name, "surveys.view_survey", "surveys.code_answers", staff=True)


def leader(name: str = "leader") -> User:
    """Leadership: reads results where a grant says so, and has no business in the admin."""
    return _user(name)


def regional_leader(name: str = "regional-leader") -> User:
    """Leadership of one region: like a leader, with a narrower grant."""
    return _user(name)


def outsider(name: str = "outsider") -> User:
    """Signed in as staff, without any right."""
    return _user(name, staff=True)


def registrar(name: str = "registrar") -> User:
    """Union staff who bring the register up to date and look people up in it."""
    things = ("unit", "person", "address", "appointment", "registerimport")
    return _user(name, *[f"consult.view_{thing}" for thing in things], "consult.add_registerimport", staff=True)


def register_reader(name: str = "register-reader") -> User:
    """Union staff who may look at the register and at imports, and import nothing."""
    things = ("unit", "person", "address", "appointment", "registerimport")
    return _user(name, *[f"consult.view_{thing}" for thing in things], staff=True)


def distributor(name: str = "distributor") -> User:
    """Union staff who say who is asked, and plan the letters."""
    rights = [f"consult.{verb}_{thing}" for verb in ("view", "add", "change") for thing in ("audience", "mailing")]
    return _user(name, *rights, "consult.view_letter", staff=True)


def distribution_reader(name: str = "distribution-reader") -> User:
    """Union staff who may look at audiences and letters, and change nothing."""
    return _user(name, "consult.view_audience", "consult.view_mailing", "consult.view_letter", staff=True)
