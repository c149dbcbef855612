"""A page as a tree that tests can ask: what it says, and what stands where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


@dataclass
class Node:
    """An element. `find` and `all` take a tag, and attributes; `class_` is one of its classes."""

    tag: str
    attributes: dict[str, str]
    parts: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words, with one blank between."""
        return " ".join("".join(self._texts()).split())

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def nodes(self) -> Iterator[Node]:
        """Itself and everything below, in the order of the page."""
        yield self
        for part in self.parts:
            if isinstance(part, Node):
                yield from part.nodes()

    def all(self, tag: str = "", class_: str = "", **attributes: str) -> list[Node]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            each
            for each in self.nodes()
            if tag in ("", each.tag)
            and (not class_ or class_ in each.attributes.get("class", "").split())
            and wanted.items() <= each.attributes.items()
        ]

    def find(self, tag: str = "", class_: str = "", **attributes: str) -> Node:
        found = self.all(tag, class_, **attributes)
        assert found, f"no {tag} .{class_} {attributes}"
        return found[0]

    @property
    def children(self) -> list[Node]:
        return [part for part in self.parts if isinstance(part, Node)]

    def _texts(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part._texts()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].parts.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def parse(page: Any) -> Node:
    """The tree of a response or of markup. Tags that are not closed in order fail."""
    markup = page if isinstance(page, str) else page.content.decode()
    builder = _Builder()
    builder.feed(markup)
    builder.close()
    assert builder.open == [builder.root], f"<{builder.open[-1].tag}> is not closed"
    return builder.root
