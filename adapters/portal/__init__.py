"""Serves the pages for people outside the API: acknowledgement, status, and in development the caught mails."""

from __future__ import annotations

from adapters.portal.middleware import portal_middleware
from adapters.portal.options import PortalOptions
from adapters.portal.routes import add_portal

__all__ = ["PortalOptions", "add_portal", "portal_middleware"]
