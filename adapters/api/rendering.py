"""Writes answers: JSON in UTF-8, with the headers that go with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web


def answer(
    document: Mapping[str, Any],
    *,
    status: int = 200,
    location: str | None = None,
    version: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Write a JSON answer; `location` is its own address, `version` becomes its ETag."""
    body = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    response = web.Response(body=body, status=status, content_type="application/json", headers=headers)
    response.charset = "utf-8"
    if location is not None:
        response.headers["Location"] = location
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def nothing() -> web.Response:
    """Answer that it is done and there is nothing to say."""
    return web.Response(status=204)
