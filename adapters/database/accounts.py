"""Keeps accounts, drafts and the brake."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import account, draft, pause
from contacts.model import StateCode
from notify.account import Account, Role
from notify.errors import Conflict, NotFound, StaleVersion
from notify.rows import DraftRow, PauseRow
from notify.words import AccountId, DraftId

_ONE = 1  # the brake's only row


def _account(row: Any) -> Account:
    return Account(AccountId(row.id), row.name, Role(row.role), row.state, row.created_at)


class SqlAccounts:
    """The accounts on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Account) -> None:
        try:
            await self._connection.execute(sa.insert(account), asdict(new))
        except IntegrityError as error:
            raise Conflict(f"there is already an account named {new.name}") from error

    async def by_name(self, name: str) -> Account:
        row = (await self._connection.execute(sa.select(account).where(account.c.name == name))).first()
        if row is None:
            raise NotFound(f"there is no account named {name}")
        return _account(row)

    async def by_token(self, token_hash: str) -> Account | None:
        found = await self._connection.execute(sa.select(account).where(account.c.token_hash == token_hash))
        row = found.first()
        return None if row is None else _account(row)

    async def set_token(self, account_id: AccountId, token_hash: str) -> None:
        await self._connection.execute(
            sa.update(account).where(account.c.id == account_id).values(token_hash=token_hash)
        )

    async def all(self) -> list[Account]:
        return [_account(row) for row in await self._connection.execute(sa.select(account).order_by(account.c.name))]


class SqlDrafts:
    """The drafts on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: DraftRow) -> None:
        await self._connection.execute(sa.insert(draft), asdict(new))

    async def get(self, draft_id: DraftId) -> DraftRow:
        row = (await self._connection.execute(sa.select(draft).where(draft.c.id == draft_id))).first()
        if row is None:
            raise NotFound("there is no such draft")
        return DraftRow(**row._mapping)

    async def save(self, changed: DraftRow, expected: int) -> None:
        result = await self._connection.execute(
            sa.update(draft).where(draft.c.id == changed.id, draft.c.version == expected).values(asdict(changed))
        )
        if result.rowcount == 0:
            raise StaleVersion("the draft was changed meanwhile; read it again")

    async def remove(self, draft_id: DraftId) -> None:
        await self._connection.execute(sa.delete(draft).where(draft.c.id == draft_id))

    async def of_state(self, state: StateCode) -> list[DraftRow]:
        found = await self._connection.execute(
            sa.select(draft).where(draft.c.state == state).order_by(draft.c.created_at)
        )
        return [DraftRow(**row._mapping) for row in found]


class SqlBrake:
    """The brake on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def current(self) -> PauseRow | None:
        row = (await self._connection.execute(sa.select(pause))).first()
        return None if row is None else PauseRow(row.paused_until, AccountId(row.account), row.reason)

    async def put(self, put_on: PauseRow) -> None:
        await self.lift()
        await self._connection.execute(sa.insert(pause), asdict(put_on) | {"id": _ONE})

    async def lift(self) -> None:
        await self._connection.execute(sa.delete(pause))
