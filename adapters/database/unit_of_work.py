"""Keeps one transaction: the changed rows, the log rows of its events, and the outbox rows they leave."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.accounts import SqlAccounts, SqlBrake, SqlDrafts
from adapters.database.cases import SqlCases
from adapters.database.contacts import SqlContacts
from adapters.database.deliveries import SqlDeliveries
from adapters.database.keys import SqlKeys
from adapters.database.log import SqlLog
from adapters.database.notifications import SqlNotifications
from adapters.database.outbox import SqlOutbox
from adapters.database.tasks import SqlTasks
from adapters.database.wakeup import announce
from notify.events import Event
from notify.outbox import Lane, NewMessage


class SqlUnitOfWork:
    """One transaction on one connection."""

    def __init__(
        self,
        connection: AsyncConnection,
        reactions: Callable[[Event], Sequence[NewMessage]],
        seals: tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]],
    ) -> None:
        self._connection = connection
        self._reactions = reactions
        self._events: list[Event] = []
        self.committed = False
        self.events: list[Event] = []  # what was committed
        self.lanes: set[Lane] = set()  # where the commit left messages
        self.cases = SqlCases(connection)
        self.notifications = SqlNotifications(connection)
        self.deliveries = SqlDeliveries(connection)
        self.outbox = SqlOutbox(connection)
        self.log = SqlLog(connection)
        self.tasks = SqlTasks(connection)
        self.accounts = SqlAccounts(connection)
        self.drafts = SqlDrafts(connection)
        self.brake = SqlBrake(connection)
        self.contacts = SqlContacts(connection, *seals)
        self.keys = SqlKeys(connection, *seals)

    def record(self, *events: Event) -> None:
        """Keep events for the commit."""
        self._events.extend(events)

    async def commit(self) -> None:
        """Write the log rows and outbox rows of the recorded events, and commit everything at once."""
        if self._events:
            named = [(secrets.token_hex(16), event) for event in self._events]
            await self.log.append(named)
            messages = [(event_id, message) for event_id, event in named for message in self._reactions(event)]
            await self.outbox.add(messages)
            self.events += self._events
            self.lanes |= {message.lane for _, message in messages}
            await announce(self._connection, self.lanes)
            self._events.clear()
        await self._connection.commit()
        self.committed = True
