"""HTML of mails as text: what a reader sees, quotes marked with ">". Nothing of it ever runs.

nh3 (ammonia) reads it as a browser does (HTML Living Standard, 2026) and leaves a few tags
without attributes; scripts, styles and titles go with what is in them.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

_BLOCKS = {"blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre",
           "table", "tr", "ul"}  # fmt: skip
_TAGS = {*_BLOCKS, "br", "hr", "td"}
_GONE = {"script", "style", "title", "template", "noscript", "svg", "math", "select"}


def words(html: str) -> str:
    """Return the text of an HTML mail: lines, list items with a dash, quotes with ">"."""
    clean = nh3.clean(html, tags=_TAGS, clean_content_tags=_GONE, attributes={}, link_rel=None)
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Gathers lines; knows how deep in quotes it is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "td":
            self.line += " "
            return
        self._end(always=tag == "br")
        if tag == "blockquote":
            self.depth += 1
        elif tag == "hr":
            self.lines.append(self._quoted("_" * 20))
        elif tag == "li":
            self.line = "- "

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end()
        if tag == "p":
            self._blank()
        if tag == "blockquote":
            self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        said = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.line += said.lstrip(" ") if not self.line or self.line.endswith(" ") else said

    def text(self) -> str:
        """Return what was gathered."""
        self._end()
        return "\n".join(self.lines).strip()

    def _end(self, *, always: bool = False) -> None:
        if self.line.strip():
            self.lines.append(self._quoted(self.line.strip(" ")))
        elif always:
            self._blank()
        self.line = ""

    def _blank(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._quoted(""))

    def _quoted(self, line: str) -> str:
        return f"{'>' * min(self.depth, 9)} {line}".rstrip() if self.depth else line
