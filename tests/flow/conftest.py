"""Opens a story for each flow test, on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flow.story import Story, tell


@pytest.fixture
async def story(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    """Tell a story with an empty registry of contacts."""
    async with tell(database_url, tmp_path) as told:
        yield told
