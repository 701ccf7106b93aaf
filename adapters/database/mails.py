"""Keeps mails that came in, whole, and the evidence drawn from them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import delivery, evidence, received_mail
from notify.errors import NotFound
from notify.inbound import ReceivedMail
from notify.rows import EvidenceRow, StoredMail
from notify.words import CaseReference


def _fingerprint(mail: ReceivedMail) -> str:
    addresses = f"{mail.sender}\n{mail.recipient}\n".encode("utf-8", "surrogateescape")
    return hashlib.sha256(addresses + mail.raw).hexdigest()


class SqlMails:
    """The received mails on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, mail: StoredMail) -> bool:
        dialect: Any = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        row = {
            "id": mail.id,
            "fingerprint": _fingerprint(mail.mail),
            "received_at": mail.mail.received_at,
            "source": mail.mail.source,
            "sender": mail.mail.sender,
            "recipient": mail.mail.recipient,
            "raw": mail.mail.raw,
            "delivery_id": mail.delivery_id,
        }
        added = await self._connection.execute(
            dialect.insert(received_mail)
            .values(row)
            .on_conflict_do_nothing(index_elements=["fingerprint"])
            .returning(received_mail.c.id)
        )
        return added.first() is not None

    async def get(self, mail_id: str) -> StoredMail:
        found = await self._connection.execute(sa.select(received_mail).where(received_mail.c.id == mail_id))
        row = found.first()
        if row is None:
            raise NotFound(f"there is no mail {mail_id}")
        mail = ReceivedMail(row.sender, row.recipient, row.raw, row.received_at, row.source)
        return StoredMail(row.id, mail, row.delivery_id, row.meaning, row.read_at)

    async def number_read(self, address: str) -> int:
        counted = await self._connection.scalar(
            sa.select(sa.func.count())
            .select_from(received_mail)
            .where(received_mail.c.recipient == address, received_mail.c.read_at.isnot(None))
        )
        return int(counted or 0)

    async def mark_read(self, mail_id: str, meaning: str, at: datetime) -> None:
        await self._connection.execute(
            sa.update(received_mail).where(received_mail.c.id == mail_id).values(meaning=meaning, read_at=at)
        )

    async def add_evidence(self, drawn: EvidenceRow) -> None:
        names = [column.name for column in evidence.columns]
        await self._connection.execute(sa.insert(evidence), {name: getattr(drawn, name) for name in names})

    async def evidence(self, case: CaseReference) -> Sequence[EvidenceRow]:
        found = await self._connection.execute(
            sa.select(evidence)
            .join(delivery, delivery.c.id == evidence.c.delivery_id)
            .where(delivery.c.case_reference == case)
            .order_by(evidence.c.at, evidence.c.id)
        )
        return [EvidenceRow(**row._mapping) for row in found]
