"""Markdown as paragraphs of runs, for programs that draw pages and know nothing of HTML."""

from __future__ import annotations

from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


@dataclass(frozen=True)
class Run:
    text: str
    strong: bool = False
    emphasised: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    Args:
        style: text, heading, item (of a list) or quotation.
        mark: what stands before an item of a list: a bullet or its number.
    """

    style: str
    runs: tuple[Run, ...]
    mark: str = ""


def paragraphs(markdown: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a Markdown text, in order."""
    found: list[Paragraph] = []
    styles, lists, marks = ["text"], [], [""]
    for token in _markdown.parse(markdown):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrs.get("start", 1)) if token.type[0] == "o" else 0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            styles.append("item")
            marks.append(f"{lists[-1]}." if lists[-1] else "•")
            lists[-1] += 1 if lists[-1] else 0
        elif token.type in ("heading_open", "blockquote_open"):
            styles.append("heading" if token.type[0] == "h" else "quotation")
            marks.append("")
        elif token.type in ("list_item_close", "heading_close", "blockquote_close"):
            styles.pop()
            marks.pop()
        elif token.type == "inline":
            found.append(Paragraph(styles[-1], _runs(token.children or []), marks[-1]))
            marks[-1] = ""
        elif token.type in ("code_block", "fence"):
            found.append(Paragraph("text", (Run(token.content.strip()),)))
    return tuple(each for each in found if each.runs)


def _runs(tokens: list[Token]) -> tuple[Run, ...]:
    strong = emphasised = 0
    runs: list[Run] = []
    addresses: list[str] = []
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            strong += 1 if token.type == "strong_open" else -1
        elif token.type in ("em_open", "em_close"):
            emphasised += 1 if token.type == "em_open" else -1
        elif token.type == "link_open":
            addresses.append(str(token.attrs.get("href", "")))
        elif token.type == "link_close":
            # On paper an address must be read to be followed.
            address = addresses.pop()
            if runs and runs[-1].text != address:
                runs.append(Run(f" ({address})"))
        elif token.type in ("softbreak", "hardbreak"):
            runs.append(Run("\n"))
        elif token.content:
            runs.append(Run(token.content, bool(strong), bool(emphasised)))
    return tuple(runs)
