"""The admin's pages for people, consultations and rights."""

from . import access, consultation

__all__ = ["access", "consultation"]
