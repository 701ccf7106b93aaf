"""Logs requests without what must not be logged: link tokens, query strings, headers."""

from __future__ import annotations

import re

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

# Whatever follows the folder of the links is taken for a token, however the address is spelt.
_TOKEN = re.compile(r"((?:^|/|%2F)(?:a|%61)(?:/|%2F)).+", re.IGNORECASE)
LONGEST_PATH = 300

CLIENT = web.RequestKey("client", str)
"""Who asks, where a trusted reverse proxy stands in between; else the peer does."""


def masked(raw_path: str) -> str:
    """Hide the token of an acknowledgement link in a path; the path stays percent-encoded, on one line."""
    return _TOKEN.sub(r"\1***", raw_path)[:LONGEST_PATH]


class MaskedAccessLogger(AbstractAccessLogger):
    """Writes one line for each answer: from where, what was asked, the status, the size, the time it took."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log one answer; `time` is in seconds."""
        self.logger.info(
            "%s %s %s %s %s B %.0f ms",
            request.get(CLIENT, request.remote) or "-",
            request.method,
            masked(request.rel_url.raw_path),
            response.status,
            response.body_length,
            time * 1000,
        )
