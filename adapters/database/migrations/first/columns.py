"""Writes several columns of one type in one line, for the first migration."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def needed(kind: Any, *names: str) -> list[sa.Column[Any]]:
    """Give columns that every row fills."""
    return [sa.Column(name, kind, nullable=False) for name in names]


def optional(kind: Any, *names: str) -> list[sa.Column[Any]]:
    """Give columns that a row may leave empty."""
    return [sa.Column(name, kind) for name in names]
