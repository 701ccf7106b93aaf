"""Says how measures, inquiries and attachments are kept; each docstring is a contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from notify.attachment import AttachmentUse, StoredAttachment
from notify.inquiry import Inquiry
from notify.measure import Measure
from notify.rows import InquiryRow
from notify.words import CaseReference


class MeasureStore(Protocol):
    """Keeps measures with every status they had."""

    async def add(self, measure: Measure) -> None: ...

    async def get(self, measure_id: str) -> Measure:
        """Read one measure; raise NotFound."""
        ...

    async def of_case(self, reference: CaseReference) -> list[Measure]:
        """Read all measures of a case, oldest first."""
        ...

    async def add_status(self, measure: Measure, known: int) -> None:
        """Add each status after the first `known`, and who may read it; raise StaleVersion if one came meanwhile."""
        ...


class InquiryStore(Protocol):
    """Keeps inquiries with every answer."""

    async def add(self, row: InquiryRow) -> None: ...

    async def get(self, reference: str) -> InquiryRow:
        """Read one inquiry; raise NotFound."""
        ...

    async def many(self, references: Sequence[str]) -> list[InquiryRow]: ...

    async def of_state(self, state: str | None) -> list[InquiryRow]:
        """List the inquiries that a State makes or is asked (None: all), newest first."""
        ...

    async def save(self, row: InquiryRow) -> None:
        """Write its step and withdrawal; raise StaleVersion if somebody else did meanwhile."""
        ...

    async def add_answer(self, inquiry: Inquiry) -> None:
        """Add the last answer; raise StaleVersion if another came meanwhile."""
        ...


class AttachmentStore(Protocol):
    """Keeps what is known of files, once for each State that handed them in or named them; not their bytes."""

    async def add(self, attachment: StoredAttachment) -> None:
        """Add a file of a State; the same bytes of the same State once more change nothing."""
        ...

    async def find(self, digests: Sequence[str]) -> list[StoredAttachment]:
        """List the files with these digests, of every State that has them."""
        ...

    async def name(self, uses: Sequence[AttachmentUse]) -> None:
        """Enter what names files; twice is harmless."""
        ...

    async def uses(self, sha256: str) -> list[AttachmentUse]:
        """List all that names a file."""
        ...
