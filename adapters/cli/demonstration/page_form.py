"""Reads the form that a person would fill in on the acknowledgement page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class PageForm:
    """One form of a page: where it is sent, and the fields with what stands in them."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


def find_form(page: str, *, asking_for: str) -> PageForm | None:
    """Find the form that has a field of this name, with its hidden fields and what is chosen beforehand."""
    reader = _FormReader()
    reader.feed(page)
    return next((form for form in reader.forms if asking_for in form.fields), None)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = PageForm(attributes.get("action", ""))
            self.forms.append(self._open)
        elif self._open is not None and tag in ("input", "textarea", "select"):
            self._keep(self._open, attributes, chosen="checked" in attributes)

    @staticmethod
    def _keep(form: PageForm, attributes: dict[str, str], *, chosen: bool) -> None:
        name, kind = attributes.get("name", ""), attributes.get("type", "text")
        if not name or kind == "submit" or (kind in ("radio", "checkbox") and not chosen):
            return
        form.fields[name] = attributes.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
