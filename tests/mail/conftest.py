"""Starts the real mail servers once for the tests of this group, or says why they cannot be had."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.mail.rig import Received, Rig, running_rig
from tests.mail.servers import NoMailServers


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """Run the servers for the tests of this process."""
    try:
        with running_rig() as running:
            yield running
    except NoMailServers as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def received(rig: Rig) -> AsyncIterator[Received]:
    """Run our listener for one test, with the target in a good mood."""
    rig.greylist(0)
    async with rig.receiving() as kept:
        yield kept
