"""Says how mails that came in are kept, and what was concluded from them; each docstring is a contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from notify.rows import EvidenceRow, StoredMail
from notify.words import CaseReference


class MailStore(Protocol):
    """Keeps received mails whole, and the evidence drawn from them."""

    async def add(self, mail: StoredMail) -> bool:
        """Keep a mail; False when the same mail was kept before."""
        ...

    async def get(self, mail_id: str) -> StoredMail:
        """Read one mail; raise NotFound."""
        ...

    async def number_read(self, address: str) -> int:
        """Count the mails at one address that were read, or put aside as too many, before."""
        ...

    async def mark_read(self, mail_id: str, meaning: str, at: datetime) -> None:
        """Note what a mail was taken for."""
        ...

    async def add_evidence(self, drawn: EvidenceRow) -> None: ...

    async def evidence(self, case: CaseReference) -> Sequence[EvidenceRow]:
        """List what the states of a case's deliveries were concluded from, oldest first."""
        ...
