"""The headings of an XLSForm's sheets and the types of its rows, in the spellings that are in use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# How our languages are called in files that we write.
LANGUAGES = {
    "nb": "Norsk bokmål (nb)",
    "nn": "Norsk nynorsk (nn)",
    "en": "English (en)",
    "se": "Davvisámegiella (se)",
}
_LANGUAGE_CODES = {"nb": "nb", "no": "nb", "nob": "nb", "nn": "nn", "nno": "nn", "en": "en", "eng": "en"}
_LANGUAGE_CODES |= {"se": "se", "sme": "se"}
_LANGUAGE_WORDS = {
    "nynorsk": "nn", "bokmål": "nb", "bokmal": "nb", "norsk": "nb", "norwegian": "nb", "english": "en",
    "engelsk": "en", "davvisámegiella": "se", "northern sámi": "se", "northern sami": "se", "nordsamisk": "se",
    "sámi": "se", "sami": "se", "samisk": "se",
}  # fmt: skip

TEXTS = frozenset({"label", "hint"})
_ALIASES = {
    "caption": "label", "command": "type", "tag": "name", "value": "name", "relevance": "relevant",
    "readonly": "read_only", "calculate": "calculation", "count": "repeat_count", "jr:count": "repeat_count",
    "constraining_message": "constraint_message", "jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message", "jr:requiredmsg": "required_message", "form_id": "form_id",
    "set_form_id": "form_id", "id_string": "form_id", "set_form_title": "form_title", "title": "form_title",
    "image": "media", "audio": "media", "video": "media", "big-image": "media", "list": "list_name",
}  # fmt: skip
_GROUPS = ("bind", "control", "body")


@dataclass(frozen=True)
class Heading:
    """A column: what it holds, and the language it says it in ("" if it names none)."""

    name: str
    language: str = ""


def heading(written: str) -> Heading:
    """A heading of a sheet, such as “label::English (en)”."""
    parts = [part.strip() for part in _split(written.strip()) if part.strip()]
    if not parts:
        return Heading("")
    name = _plain(parts[0])
    if name in _GROUPS and len(parts) > 1:
        inner = _plain(parts[1])
        known = _ALIASES.get(inner, inner)
        return Heading(known if known in KNOWN else f"{name}::{inner}")
    if name == "media":
        return Heading("media", parts[-1] if len(parts) > 2 else "")
    return Heading(_ALIASES.get(name, name), parts[1] if len(parts) > 1 else "")


def _split(written: str) -> list[str]:
    """By double colons, or by single ones as old forms do; "jr:count" is one word."""
    if "::" in written or written.startswith("jr:"):
        return written.split("::")
    return written.split(":", 2 if written.lower().startswith("media") else 1)


def _plain(word: str) -> str:
    return re.sub(r"\s+", "_", word.strip().lower())


def language(written: str) -> str | None:
    """Which of our languages a file's name for one means; None for any other."""
    word = written.strip().lower()
    if found := re.search(r"\(([a-z]{2,3})(?:[-_][a-z]+)?\)\s*$", word):
        return _LANGUAGE_CODES.get(found.group(1))
    if word in _LANGUAGE_CODES:
        return _LANGUAGE_CODES[word]
    return next((code for name, code in _LANGUAGE_WORDS.items() if name in word), None)


# Why what stands in a column is not taken over.
UNSUPPORTED: dict[str, str | Promise] = {
    "default": _("Answers are never filled in beforehand here."),
    "read_only": _("Answers are never filled in beforehand here."),
    "calculation": _("Nothing is worked out from the answers while they are given."),
    "trigger": _("Nothing is worked out from the answers while they are given."),
    "choice_filter": _("The answers to choose between cannot depend on another answer here; all are offered."),
    "constraint_message": _("What is said of a wrong answer is decided here."),
    "required_message": _("What is said of a missing answer is decided here."),
    "guidance_hint": _("There is one help text for each question."),
    "media": _("Pictures, sound and film cannot be imported."),
    "parameters": _("This setting is not known here."),
    "repeat_count": _("Questions cannot be repeated here."),
    "save_to": _("Entities are not known here."),
}
KNOWN = frozenset(
    {"type", "name", "list_name", "label", "hint", "required", "relevant", "constraint", "appearance", *UNSUPPORTED}
)

_COLLECTED = _("Only answers that people give themselves are collected.")
_COUNTED = _("There is no kind of question for this here.")
_UNKNOWN = _("This type of row is not known.")
_TYPES: dict[str, str] = {
    "text": "text", "string": "text", "integer": "integer", "int": "integer", "decimal": "decimal",
    "range": "range", "date": "date", "note": "note", "begin_group": "begin_group", "end_group": "end_group",
    "begin_repeat": "begin_repeat", "end_repeat": "end_repeat", "begin_loop": "begin_repeat",
    "begin_looped_group": "begin_repeat", "begin_lgroup": "begin_repeat", "end_loop": "end_repeat",
    "end_looped_group": "end_repeat", "end_lgroup": "end_repeat", "group": "begin_group", "repeat": "begin_repeat",
    "add_text_prompt": "text", "add_integer_prompt": "integer", "add_decimal_prompt": "decimal",
    "add_date_prompt": "date", "add_note_prompt": "note", "q_string": "text", "q_int": "integer",
}  # fmt: skip
_REFUSED: dict[str, str | Promise] = dict.fromkeys(
    (
        "start", "end", "today", "deviceid", "device_id", "subscriberid", "simserial", "phonenumber", "username",
        "email", "audit", "imei", "uri:deviceid", "uri:username", "start-geopoint", "background-audio",
        "background-geopoint", "get_device_id", "get_start_time", "get_end_time", "start_time", "end_time",
        "get_phone_number", "get_subscriber_id", "get_sim_id", "get_today", "phone_number", "subscriber_id",
        "sim_id", "location", "sms",
    ),
    _COLLECTED,
)  # fmt: skip
_REFUSED |= dict.fromkeys(
    (
        "time", "datetime", "date_time", "geopoint", "geotrace", "geoshape", "gps", "q_geopoint", "image", "photo",
        "picture", "audio", "video", "file", "barcode", "q_barcode", "acknowledge", "trigger", "percentage",
        "add_image_prompt", "add_photo_prompt", "add_audio_prompt", "add_video_prompt", "add_file_prompt",
        "add_location_prompt", "add_barcode_prompt", "add_acknowledge_prompt", "osm",
    ),
    _COUNTED,
)  # fmt: skip
_REFUSED |= dict.fromkeys(
    ("calculate", "add_calculate_prompt", "q_calculate", "hidden", "xml-external", "csv-external"),
    _("Nothing is worked out from the answers while they are given."),
)
_REFUSED["include"] = _("Other forms cannot be taken in from a file.")
_SELECTS = {
    "select_one": "select_one", "select one from": "select_one", "select one": "select_one",
    "select1": "select_one", "add select one prompt using": "select_one", "select_multiple": "select_multiple",
    "select all that apply from": "select_multiple", "select all that apply": "select_multiple",
    "select multiple from": "select_multiple", "select multiple": "select_multiple",
    "add select multiple prompt using": "select_multiple", "rank": "rank",
}  # fmt: skip
_SELECT = re.compile(rf"({'|'.join(sorted(_SELECTS, key=len, reverse=True))})\s+(.+)", re.IGNORECASE)
_OTHER = re.compile(r"\s+or[ _](?:specify[ _])?other$", re.IGNORECASE)


@dataclass(frozen=True)
class Type:
    """The type of a row: what it is, the list it chooses from, or why it is not supported."""

    name: str
    choices: str = ""
    or_other: bool = False
    refusal: str = ""


def row_type(written: str) -> Type:
    """The type that a row of the sheet “survey” states."""
    text = " ".join(written.split())
    word = text.lower().replace(" ", "_")
    if word in _TYPES:
        return Type(_TYPES[word])
    if word.startswith("begin_loop_over_"):
        return Type("begin_repeat")
    if word in _REFUSED:
        return Type("", refusal=str(_REFUSED[word]))
    if "from_file" in word or "external" in word:
        return Type("", refusal=str(_("Answers to choose between cannot come from another file.")))
    if found := _SELECT.fullmatch(text):
        rest = found.group(2)
        name = _OTHER.sub("", rest).strip()
        if name.startswith("${"):
            return Type("", refusal=str(_("The options cannot be taken from another answer.")))
        return Type(_SELECTS[found.group(1).lower()], name, or_other=name != rest)
    first = word.split("_", 1)[0]
    return Type("", refusal=str(_COUNTED if first in ("cascading", "osm") else _UNKNOWN))
