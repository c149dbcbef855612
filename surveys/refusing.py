"""Refusing: why a ballot was not read, saved, submitted or withdrawn. Nothing has then been changed."""

from __future__ import annotations


class Closed(Exception):
    """The survey no longer takes answers."""


class Throttled(Exception):
    """Too many wrong codes for this link within the hour."""


class Busy(Exception):
    """The same ballot was being saved from elsewhere all the time."""


class Superseded(Exception):
    """The ballot this code has saved to has since been begun afresh with another code."""


class Withdrawn(Superseded):
    """What this code had saved has been withdrawn: a save that comes late must not bring it back."""


class Settled(Exception):
    """It has been submitted with this code, and in this survey what is submitted cannot be changed."""


class Blank(Exception):
    """There is nothing to submit: no question has been answered."""


class Incomplete(Exception):
    """A required question lacks an answer; `codes` names them in order."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes
