"""Says how cases, drafts, accounts and the brake are kept; each docstring is a contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from contacts.model import StateCode
from notify.account import Account
from notify.case import Case
from notify.closing import Closing
from notify.delivery import Told
from notify.rows import (
    CaseFilter,
    DraftRow,
    PauseRow,
    RecordRow,
    StoredReport,
)
from notify.words import AccountId, CaseReference, DraftId


class CaseStore(Protocol):
    """Keeps cases, their reports, and which request opened which."""

    async def next_reference(self, prefix: str, year: int) -> CaseReference:
        """Give the next number of the series; a number is given once."""
        ...

    async def add(self, case: Case) -> None: ...

    async def get(self, reference: CaseReference) -> Case:
        """Read one case; raise NotFound."""
        ...

    async def latest(self, references: Sequence[CaseReference]) -> list[tuple[Case, StoredReport, RecordRow | None]]:
        """Read cases, each with the latest report of its chain and its BCH record, in few queries."""
        ...

    async def save(self, case: Case) -> None:
        """Write it back; raise StaleVersion if somebody else did meanwhile."""
        ...

    async def find(self, wanted: CaseFilter) -> list[Case]:
        """List cases, newest first."""
        ...

    async def opened_since(self, account: AccountId, since: datetime) -> int:
        """Count the cases that an account opened since then (the brake)."""
        ...

    async def running(self) -> list[Case]:
        """List the cases whose clocks run."""
        ...

    async def add_report(self, report: StoredReport) -> None: ...

    async def reports(self, reference: CaseReference) -> list[StoredReport]:
        """Read the chain in order."""
        ...

    async def report(self, reference: CaseReference, sequence: int) -> StoredReport: ...

    async def told(self, reference: CaseReference) -> list[Told]:
        """Say which reports there are, in order, without reading them."""
        ...

    async def without_log(self) -> list[CaseReference]:
        """List cases whose log chain is gone."""
        ...

    def all_reports(self) -> AsyncIterator[StoredReport]:
        """Read every report there is, one after the other."""
        ...

    async def case_of_draft(self, key: str) -> CaseReference | None:
        """Give the case that this draft's key opened, whoever submitted it."""
        ...

    async def reference_of_key(self, account: AccountId, key: str) -> tuple[CaseReference, str] | None:
        """Give the case that this idempotency key opened and the hash of its body; keys are kept for good."""
        ...

    async def report_of_key(self, account: AccountId, key: str) -> tuple[CaseReference, str, int] | None:
        """Give the report that this key brought: its case, the hash of its body, its sequence."""
        ...

    async def keep_key(
        self, account: AccountId, key: str, sha256: str, reference: CaseReference, now: datetime, *, sequence: int = 1
    ) -> bool:
        """Bind a key to its report; False if it was taken meanwhile, and then nothing may be committed."""
        ...

    async def put_record(self, record: RecordRow) -> None: ...

    async def record(self, reference: CaseReference) -> RecordRow | None: ...


class ClosingStore(Protocol):
    """Keeps the announced closes of cases."""

    async def add(self, kept: Closing) -> None: ...

    async def latest(self, reference: CaseReference) -> Closing | None:
        """Read the last one that was announced in a case, whatever came of it."""
        ...

    async def save(self, kept: Closing) -> None:
        """Write it back; raise StaleVersion if somebody else did meanwhile."""
        ...


class AccountStore(Protocol):
    """Keeps accounts; of a token only its hash."""

    async def add(self, account: Account) -> None:
        """Add an account; raise Conflict if its name is taken."""
        ...

    async def by_name(self, name: str) -> Account:
        """Read an account; raise NotFound."""
        ...

    async def by_token(self, token_hash: str) -> Account | None: ...

    async def set_token(self, account: AccountId, token_hash: str) -> None: ...

    async def all(self) -> list[Account]: ...


class DraftStore(Protocol):
    """Keeps drafts."""

    async def add(self, draft: DraftRow) -> None: ...

    async def get(self, draft_id: DraftId) -> DraftRow:
        """Read one draft; raise NotFound."""
        ...

    async def save(self, draft: DraftRow, expected: int) -> None:
        """Write it; raise StaleVersion if its version is not the expected one."""
        ...

    async def remove(self, draft_id: DraftId) -> None: ...

    async def of_state(self, state: StateCode) -> list[DraftRow]: ...


class BrakeStore(Protocol):
    """Keeps the brake: one pause of all sending at most."""

    async def current(self) -> PauseRow | None: ...

    async def put(self, pause: PauseRow) -> None: ...

    async def lift(self) -> None: ...
