"""Sections of a lab's handout, for the pages of those who lost points there."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from grader.feedback.visible import visible

Sections: TypeAlias = Mapping[str, Markup]
"""What stands under a heading, by the heading's `key`."""

HANDOUT_MOST: Final = 200_000
"""Characters of a handout that is read; those of this course have about 10,000."""
SECTION_MOST: Final = 60_000
"""Characters of a section's HTML, since every page may carry it."""
_LINKS: Final = ("https://", "http://", "mailto:")
_LEVEL: Final = 4
"""Of headings in a section: on the page it stands below one of level 3."""


def key(heading: str) -> str:
    """What a heading and a group of checks have in common if they mean the same."""
    return " ".join(visible(heading).split()).casefold()


def sections(markdown: str) -> Sections:
    """The sections of a handout; one whose heading occurs twice, or that is very long, is left out.

    Markup in it shows as text, pictures as the words that stand for them, and links only lead to the web or to a mail.
    """
    if len(markdown) > HANDOUT_MOST:
        return {}
    tokens = _reader().parse(visible(markdown))
    starts = [at for at, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    found = [(key(_text(tokens[at + 1])), _body(tokens, at, starts)) for at in starts]
    often = Counter(name for name, _ in found)
    made = {name: _rendered(body) for name, body in found if name and often[name] == 1 and body}
    return {name: text for name, text in made.items() if len(text) <= SECTION_MOST}


class _Reader(MarkdownIt):
    """Takes every link for one; which of them a page may have is decided in `_kept`."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the reader's name for it
        return True


@cache
def _reader() -> MarkdownIt:
    reader = _Reader("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("table_open", _table_open)
    reader.add_render_rule("table_close", _table_close)
    return reader


def _table_open(self: Any, tokens: Sequence[Token], at: int, *_: Any) -> str:  # noqa: ARG001
    """A table may be wider than a phone: it scrolls by itself, also by keyboard."""
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Table">'
        '<table><caption class="hidden">Table</caption>'
    )


def _table_close(self: Any, tokens: Sequence[Token], at: int, *_: Any) -> str:  # noqa: ARG001
    return "</table></div>\n"


def _body(tokens: Sequence[Token], start: int, starts: Sequence[int]) -> Sequence[Token]:
    """What follows a heading, up to the next one that is not below it."""
    ends = (at for at in starts if at > start and tokens[at].tag <= tokens[start].tag)
    return tokens[start + 3 : next(ends, len(tokens))]


def _rendered(body: Sequence[Token]) -> Markup:
    kept = [token.copy(children=list(_kept(token.children or ()))) if token.children else token for token in body]
    reader = _reader()
    return Markup(reader.renderer.render(_levelled(kept), reader.options, {}))  # noqa: S704 - the reader escapes every text


def _kept(children: Sequence[Token]) -> Iterator[Token]:
    """The parts of a line without links that a page must not have, and with words for pictures."""
    dropped: list[bool] = []
    for token in children:
        if token.type == "link_open":
            dropped.append(not str(token.attrs.get("href", "")).lower().startswith(_LINKS))
            if not dropped[-1]:
                yield token.copy(attrs={"href": token.attrs["href"]})
        elif token.type == "link_close":
            if not dropped.pop():
                yield token
        elif token.type == "image":
            yield Token("text", "", 0, content=_text(token))
        else:
            yield token


def _levelled(tokens: Sequence[Token]) -> list[Token]:
    """The same with headings that skip no level of the page, and headers of tables that say what they head."""
    level, made = _LEVEL - 1, []
    for token in tokens:
        if token.type == "heading_open":
            level = min(level + 1, max(_LEVEL, int(token.tag[1]) + 1), 6)
        if token.type in {"heading_open", "heading_close"}:
            made.append(token.copy(tag=f"h{level}"))
        elif token.type == "th_open":
            made.append(token.copy(attrs={"scope": "col"}))
        else:
            made.append(token.copy(attrs={}) if token.type == "td_open" else token)
    return made


def _text(token: Token) -> str:
    return "".join(child.content if child.type != "softbreak" else " " for child in token.children or ())
