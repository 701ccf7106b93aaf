"""Renders the pages in the reader's language and direction."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from babel import negotiate_locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from adapters.languages.catalogues import available_languages, say
from adapters.languages.directions import direction, with_tags
from adapters.languages.formatting import own_name
from notify.sentence import Sentence

_ENVIRONMENT = Environment(
    loader=PackageLoader("adapters.portal"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One language in which a page can be read, by the name that its speakers give it."""

    code: str
    name: str
    direction: str
    address: str  # the same page in it, relative to the page; "" when it is shown now


def language_chosen(request: web.Request) -> str:
    """Give the language that the reader chose on the page; "" when none was, or none that the pages speak."""
    chosen = request.query.get("language", "")
    return chosen if chosen in available_languages() else ""


def language_asked_for(request: web.Request) -> str:
    """Choose the language of a page that has no known reader: the one chosen, else what the browser asks for."""
    if chosen := language_chosen(request):
        return chosen
    header = request.headers.get("Accept-Language", "")[:200]
    asked = [choice.partition(";")[0].strip() for choice in header.split(",")]
    return negotiate_locale([tag for tag in asked if tag], available_languages(), sep="-") or "en"


def page(request: web.Request, template: str, language: str, *, status: int = 200, **values: Any) -> web.Response:
    """Render one page; `_` says a text in its language with the values in their places.

    What runs in the other direction is set apart by `bdi` there, and by the filter of that name in other words of ours.
    """

    def translated(text: str, **places: Any) -> Markup:
        return set_apart(say(Sentence(text, places), language))

    def set_apart(text: str) -> Markup:
        return Markup(with_tags(str(escape(text)), language))  # noqa: S704 - escaped here

    # Relative, so that the pages also work behind a proxy that puts a folder in front of them.
    root = "../" * (request.rel_url.raw_path.count("/") - 1)
    frame = {
        "_": translated,
        "bdi": set_apart,
        "language": language,
        "direction": direction(language),
        "languages": choices(request, language),
        "root": root,
    }
    text = _ENVIRONMENT.get_template(template).render(values | frame)
    response = web.Response(text=text, status=status, content_type="text/html")
    response.headers["Content-Language"] = language
    return response


def choices(request: web.Request, language: str) -> list[Choice]:
    """List the languages of a page that was asked for; the answer to a form is read in one language only."""
    if request.method not in ("GET", "HEAD"):
        return []
    kept = {name: value for name, value in request.query.items() if name == "done"}
    return [
        Choice(
            code,
            own_name(code),
            direction(code),
            "" if code == language else f"?{urlencode({'language': code, **kept})}",
        )
        for code in available_languages()
    ]


def message_page(
    request: web.Request, status: int, heading: Sentence, *lines: Sentence, email: str = ""
) -> web.Response:
    """Render a page that only says something; `email` is where the reader may write."""
    language = language_asked_for(request)
    said = [say(line, language) for line in lines]
    return page(
        request, "message.html", language, status=status, heading=say(heading, language), lines=said, email=email
    )


async def show_style_sheet(request: web.Request) -> web.Response:
    """Serve the one style sheet of all pages."""
    sheet = (files("adapters.portal") / "static" / "portal.css").read_text(encoding="utf-8")
    return web.Response(text=sheet, content_type="text/css", headers={"Cache-Control": "public, max-age=3600"})
