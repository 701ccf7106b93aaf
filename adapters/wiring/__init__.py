"""Picks every implementation and puts the service together: the only place that does."""

from __future__ import annotations

from adapters.wiring.system import System, open_system

__all__ = ["System", "open_system"]
