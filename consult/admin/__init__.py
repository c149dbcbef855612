"""The admin's pages for people, consultations and rights."""

from . import access, consultation, distribution, entry, letters, register

__all__ = ["access", "consultation", "distribution", "entry", "letters", "register"]
