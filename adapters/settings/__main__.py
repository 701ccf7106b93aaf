"""Prints the page of all settings: `python -m adapters.settings > docs/settings.md`."""

from __future__ import annotations

import sys

from adapters.settings.page import settings_page

sys.stdout.write(settings_page())
