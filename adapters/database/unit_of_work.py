"""Keeps one transaction: the changed rows, the log rows of its events, and the outbox rows they leave."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.accounts import SqlAccounts, SqlBrake, SqlDrafts
from adapters.database.attachments import SqlAttachments
from adapters.database.cases import SqlCases
from adapters.database.closings import SqlClosings
from adapters.database.consultation import SqlConsultation
from adapters.database.contacts import SqlContacts
from adapters.database.deliveries import SqlDeliveries
from adapters.database.endpoints import SqlEndpoints
from adapters.database.exercises import SqlExercises
from adapters.database.figures import SqlFigures
from adapters.database.inquiries import SqlInquiries
from adapters.database.keys import SqlKeys
from adapters.database.leases import SqlLeases
from adapters.database.log import SqlLog
from adapters.database.mails import SqlMails
from adapters.database.measures import SqlMeasures, SqlStatements
from adapters.database.notifications import SqlNotifications
from adapters.database.outbox import SqlOutbox
from adapters.database.resending import SqlResending
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
        self.closings = SqlClosings(connection)
        self.notifications = SqlNotifications(connection)
        self.deliveries = SqlDeliveries(connection)
        self.outbox = SqlOutbox(connection)
        self.log = SqlLog(connection)
        self.tasks = SqlTasks(connection)
        self.accounts = SqlAccounts(connection)
        self.drafts = SqlDrafts(connection)
        self.brake = SqlBrake(connection)
        self.contacts = SqlContacts(connection, *seals)
        self.endpoints = SqlEndpoints(connection)
        self.resending = SqlResending(connection)
        self.mails = SqlMails(connection)
        self.leases = SqlLeases(connection)
        self.keys = SqlKeys(connection, *seals)
        self.consultation = SqlConsultation(connection)
        self.statements = SqlStatements(connection)
        self.measures = SqlMeasures(connection)
        self.inquiries = SqlInquiries(connection)
        self.attachments = SqlAttachments(connection)
        self.figures = SqlFigures(connection)
        self.exercises = SqlExercises(connection)

    def record(self, *events: Event) -> None:
        """Keep events for the commit."""
        self._events.extend(events)

    async def alone(self, change: Callable[[SqlUnitOfWork], Awaitable[Any]]) -> Any:
        """Run a change so that, when it raises, nothing of it is left in this transaction."""
        recorded = len(self._events)
        try:
            async with self._connection.begin_nested():
                return await change(self)
        except BaseException:
            del self._events[recorded:]
            raise

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
