"""Renders the pages in the reader's language and direction."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from aiohttp import web
from babel import negotiate_locale
from jinja2 import Environment, PackageLoader, StrictUndefined

from adapters.languages.catalogues import available_languages, say
from adapters.languages.formatting import direction
from notify.sentence import Sentence

_ENVIRONMENT = Environment(
    loader=PackageLoader("adapters.portal"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@cache
def spoken(wanted: str) -> str:
    """Give the language that the pages can speak: the wanted one when it has a catalogue, else English."""
    return wanted if wanted in available_languages() else "en"


def language_asked_for(request: web.Request) -> str:
    """Choose the language of a page that has no known reader, from what the browser asks for."""
    header = request.headers.get("Accept-Language", "")[:200]
    asked = [choice.partition(";")[0].strip() for choice in header.split(",")]
    return negotiate_locale([tag for tag in asked if tag], available_languages(), sep="-") or "en"


def page(request: web.Request, template: str, language: str, *, status: int = 200, **values: Any) -> web.Response:
    """Render one page; `_` says a text in its language with the values in their places."""

    def translated(text: str, **places: Any) -> str:
        return say(Sentence(text, places), language)

    # Relative, so that the pages also work behind a proxy that puts a folder in front of them.
    root = "../" * (request.rel_url.raw_path.count("/") - 1)
    text = _ENVIRONMENT.get_template(template).render(
        values | {"_": translated, "language": language, "direction": direction(language), "root": root}
    )
    response = web.Response(text=text, status=status, content_type="text/html")
    response.headers["Content-Language"] = language
    return response


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
