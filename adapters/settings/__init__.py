"""Holds every option of the service: what there is, how it is read, what production demands, and the page of it."""

from __future__ import annotations

from adapters.settings.checks import Check, production_faults, unknown_variables
from adapters.settings.loading import InvalidSettings, load_settings
from adapters.settings.model import PREFIX, LogFormat, MailTls, Mode, Settings
from adapters.settings.page import settings_page, variable_names

__all__ = [
    "PREFIX",
    "Check",
    "InvalidSettings",
    "LogFormat",
    "MailTls",
    "Mode",
    "Settings",
    "load_settings",
    "production_faults",
    "settings_page",
    "unknown_variables",
    "variable_names",
]
