"""Writes the next migration: `python -m adapters.database.migrations "Add attachments"`."""

from __future__ import annotations

import sys

from adapters.database.migrating import write_revision

if len(sys.argv) != 2:
    sys.exit('Say in one sentence what changes: python -m adapters.database.migrations "Add attachments"')
sys.stdout.write(f"{write_revision(sys.argv[1])}\n")
