"""Writes an HTML mail as plain lines, with what it quotes marked by `>` as plain mails mark it."""

from __future__ import annotations

import html
import re

HTML_LIMIT = 200_000
_DEPTH_LIMIT = 200

# The parser of the standard library takes quadratic time on broken declarations; each of these is read once, forward.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^>]*(?:>|\Z)", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)([^<>]*)>")
_ATTRIBUTE = re.compile(r"""\b(class|id|style)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form",
        "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "includetail", "li", "main", "ol", "p", "pre", "section",
        "table", "tr", "ul",
    }
)  # fmt: skip
_UNSEEN = frozenset({"head", "script", "style", "title", "template", "object", "select"})
_QUOTES = frozenset({"blockquote", "includetail"})
_QUOTE_CLASSES = (
    "gmail_quote", "yahoo_quoted", "protonmail_quote", "zmail_extra", "moz-cite-prefix", "outlookmessageheader",
    "moz-forward-container", "qmbox", "ntes-mail-quote", "foxmailquote",
)  # fmt: skip
_QUOTE_IDS = ("yahoo_quoted", "isreplycontent", "original-content", "isforwardcontent")
# From here on Outlook writes the old mail, without a container of its own.
_END_IDS = ("appendonsend", "divrplyfwdmsg", "stopspelling", "mail-editor-reference-message-container")


def lines_of_html(source: str) -> str:
    """Write HTML as plain lines; what is malformed is read as far as it can be guessed, and never fails."""
    reader, place = _Reader(), 0
    # A space instead of each comment, so that what stood around it forms no new one.
    source = _COMMENT.sub(" ", source[:HTML_LIMIT])
    for tag in _TAG.finditer(source):
        reader.read_text(source[place : tag.start()])
        reader.read_tag(tag[2].lower(), tag[3], is_end=bool(tag[1]))
        place = tag.end()
    reader.read_text(source[place:])
    reader.end_line()
    return "\n".join(reader.lines)


class _Reader:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []
        # Each open element, with whether it quotes and whether it is unseen.
        self._open: list[tuple[str, bool, bool]] = []
        self._quotes = 0
        self._unseen = 0
        self._is_over = False

    def read_tag(self, name: str, attributes: str, *, is_end: bool) -> None:
        """Open or close an element."""
        if name == "br" or name in _BLOCKS:
            self.end_line()
        elif name in ("td", "th", "img"):
            self._line.append(" ")
        if is_end:
            self._close(name)
        else:
            self._start(
                name, {key.lower(): value.strip("\"'").lower() for key, value in _ATTRIBUTE.findall(attributes)}
            )

    def read_text(self, text: str) -> None:
        """Take text between two tags, unless nobody sees it."""
        if not self._unseen and not self._is_over:
            self._line.append(html.unescape(text))

    def end_line(self) -> None:
        """End the line that is being written."""
        text = " ".join("".join(self._line).split())
        self._line.clear()
        if self._quotes and text:
            self.lines.append(f"> {text}")
        elif not self._quotes and (text or (self.lines and self.lines[-1])):
            self.lines.append(text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if any(known in attributes.get("id", "") for known in _END_IDS):
            self.end_line()
            self._is_over = True
        if name in _VOID or len(self._open) >= _DEPTH_LIMIT:
            return
        is_quote = name in _QUOTES or _is_quote(attributes)
        is_unseen = name in _UNSEEN or "display:none" in attributes.get("style", "").replace(" ", "")
        if is_quote:
            self.end_line()
        self._open.append((name, is_quote, is_unseen))
        self._quotes += is_quote
        self._unseen += is_unseen

    def _close(self, name: str) -> None:
        place = next((i for i in range(len(self._open) - 1, -1, -1) if self._open[i][0] == name), None)
        if place is None:
            return
        closed = self._open[place:]
        closed_quotes = sum(is_quote for _, is_quote, _ in closed)
        if closed_quotes:
            self.end_line()
        del self._open[place:]
        self._quotes -= closed_quotes
        self._unseen -= sum(is_unseen for _, _, is_unseen in closed)
        if closed_quotes and not self._quotes:
            self.lines.append("")


def _is_quote(attributes: dict[str, str]) -> bool:
    classes, name = attributes.get("class", ""), attributes.get("id", "")
    return any(known in classes for known in _QUOTE_CLASSES) or any(known in name for known in _QUOTE_IDS)
