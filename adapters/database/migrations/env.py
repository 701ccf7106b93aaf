"""Runs migrations on the connection that `adapters.database.migrating` opened."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from adapters.database.tables import metadata

_OUR_TYPES = "adapters.database.columns"


def render_type(kind: str, thing: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write our own column types by their names in a new migration; leave the rest to Alembic."""
    if kind != "type" or type(thing).__module__ != _OUR_TYPES:
        return False
    name = type(thing).__name__
    autogenerate.imports.add(f"from {_OUR_TYPES} import {name}")
    return f"{name}()"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a table by copying it, which batches do.
    render_as_batch=True,
    render_item=render_type,
)
with context.begin_transaction():
    context.run_migrations()
