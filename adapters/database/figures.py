"""Keeps what is counted of each case, so that statistics need not read the whole log again."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import case_figures, case_log, delivery, log_head
from contacts.model import ContactId
from notify.delivery import DeliveryState
from notify.rows import FiguresRow, LogRow
from notify.words import CaseReference

_OF_A_CASE = sa.or_(log_head.c.chain.startswith("A17-"), log_head.c.chain.startswith("EX17-"))
_BEHIND = (
    sa.select(log_head.c.chain, log_head.c.sequence)
    .outerjoin(case_figures, case_figures.c.chain == log_head.c.chain)
    .where(_OF_A_CASE, sa.or_(case_figures.c.sequence.is_(None), case_figures.c.sequence != log_head.c.sequence))
    .order_by(log_head.c.chain)
    .limit(sa.bindparam("at_most", type_=sa.Integer))
)
_ROWS = (
    sa.select(case_log.c.chain, case_log.c.sequence, case_log.c.at, case_log.c.kind, case_log.c.body)
    .where(
        case_log.c.chain.in_(sa.bindparam("chains", expanding=True)),
        case_log.c.kind.in_(sa.bindparam("kinds", expanding=True)),
    )
    .order_by(case_log.c.chain, case_log.c.sequence)
)
_ALL = sa.select(case_figures.c.chain, case_figures.c.document).order_by(case_figures.c.chain)
_GOT_THROUGH = (DeliveryState.ACCEPTED, DeliveryState.RELAYED, DeliveryState.DELIVERED)


class SqlFigures:
    """The figures on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def behind(self, limit: int) -> dict[CaseReference, int]:
        found = await self._connection.execute(_BEHIND, {"at_most": limit})
        return {CaseReference(row.chain): row.sequence for row in found}

    async def rows(
        self, chains: Collection[CaseReference], kinds: Collection[str]
    ) -> dict[CaseReference, list[LogRow]]:
        read: dict[CaseReference, list[LogRow]] = {chain: [] for chain in chains}
        found = await self._connection.execute(_ROWS, {"chains": list(chains), "kinds": list(kinds)})
        for chain, sequence, at, kind, body in found:
            read[chain].append(LogRow(0, chain, sequence, at, kind, json.loads(body), ""))
        return read

    async def put(self, figures: Sequence[FiguresRow]) -> None:
        dialect: Any = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(case_figures)
        new = {"sequence": statement.excluded.sequence, "document": statement.excluded.document}
        statement = statement.on_conflict_do_update(index_elements=["chain"], set_=new)
        rows = [{"chain": one.chain, "sequence": one.sequence, "document": one.document} for one in figures]
        await self._connection.execute(statement, rows)

    async def all(self) -> Sequence[tuple[CaseReference, str]]:
        found = await self._connection.execute(_ALL)
        return [(CaseReference(chain), document) for chain, document in found]

    async def bounced(self) -> frozenset[ContactId]:
        last = sa.func.max(delivery.c.queued_at)
        bounces = await self._connection.execute(
            sa.select(delivery.c.contact, last)
            .where(delivery.c.state == DeliveryState.BOUNCED, delivery.c.contact.is_not(None))
            .group_by(delivery.c.contact)
        )
        bounced_at = {ContactId(contact): at for contact, at in bounces}
        if not bounced_at:
            return frozenset()
        reached = await self._connection.execute(
            sa.select(delivery.c.contact, last)
            .where(delivery.c.contact.in_(list(bounced_at)), delivery.c.state.in_(_GOT_THROUGH))
            .group_by(delivery.c.contact)
        )
        well = {contact for contact, at in reached if at > bounced_at[contact]}
        return frozenset(bounced_at.keys() - well)
