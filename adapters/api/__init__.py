"""Serves the HTTP API to national systems and authorities, and the service's own signs of life."""

from __future__ import annotations

from adapters.api.application import add_api, middlewares
from adapters.api.options import ApiOptions

__all__ = ["ApiOptions", "add_api", "middlewares"]
