"""Keeps what is known of files that were handed in, and of what names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database.tables import attachment, attachment_use
from contacts.model import StateCode
from notify.attachment import AttachmentUse, NamedIn, ScanVerdict, StoredAttachment

_SECRETARIAT = "secretariat"


def _owner(state: StateCode | None) -> str:
    return state or _SECRETARIAT


def _state(owner: str) -> StateCode | None:
    return None if owner == _SECRETARIAT else StateCode(owner)


class SqlAttachments:
    """The attachments on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, stored: StoredAttachment) -> None:
        row = {
            "sha256": stored.sha256,
            "owner": _owner(stored.state),
            "filename": stored.filename,
            "media_type": stored.media_type,
            "size": stored.size,
            "verdict": stored.verdict,
            "account": stored.account,
            "uploaded_at": stored.uploaded_at,
        }
        await self._connection.execute(self._insert(attachment).values(row).on_conflict_do_nothing())

    async def find(self, digests: Sequence[str]) -> list[StoredAttachment]:
        query = sa.select(attachment).where(attachment.c.sha256.in_([digest.lower() for digest in digests]))
        found = await self._connection.execute(query.order_by(attachment.c.uploaded_at, attachment.c.owner))
        return [
            StoredAttachment(
                row.sha256,
                row.filename,
                row.media_type,
                row.size,
                ScanVerdict(row.verdict),
                _state(row.owner),
                row.account,
                row.uploaded_at,
            )
            for row in found
        ]

    async def name(self, uses: Sequence[AttachmentUse]) -> None:
        for use in uses:
            row = {
                "sha256": use.sha256.lower(),
                "owner": _owner(use.state),
                "kind": use.named_in,
                "subject": use.subject,
                "reference": use.reference,
            }
            await self._connection.execute(self._insert(attachment_use).values(row).on_conflict_do_nothing())

    async def uses(self, sha256: str) -> list[AttachmentUse]:
        query = sa.select(attachment_use).where(attachment_use.c.sha256 == sha256.lower())
        return [
            AttachmentUse(row.sha256, _state(row.owner), NamedIn(row.kind), row.subject, row.reference)
            for row in await self._connection.execute(query)
        ]

    def _insert(self, table: sa.Table) -> Any:
        dialect: Any = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        return dialect.insert(table)
