"""Says how the figures of cases and the exercises are kept; each docstring is a contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from contacts.model import ContactId
from notify.rows import ExerciseRow, FiguresRow, LogRow
from notify.words import CaseReference


class FigureStore(Protocol):
    """Keeps the figures of each case: made from its log alone, and made anew when that grew."""

    async def behind(self, limit: int) -> dict[CaseReference, int]:
        """Give cases whose log has grown since their figures were made, each with the last row of its log."""
        ...

    async def rows(
        self, chains: Collection[CaseReference], kinds: Collection[str]
    ) -> dict[CaseReference, list[LogRow]]:
        """Read the rows of these kinds of several logs, each in order."""
        ...

    async def put(self, figures: Sequence[FiguresRow]) -> None: ...

    async def all(self) -> Sequence[tuple[CaseReference, str]]:
        """Read the documents of all cases, as they are written."""
        ...

    async def bounced(self) -> frozenset[ContactId]:
        """Name the contacts to which nothing has got through since something bounced."""
        ...


class ExerciseStore(Protocol):
    """Keeps exercises: what was planned stays until it is purged, that there was one for good."""

    async def add(self, exercise: ExerciseRow) -> None: ...

    async def get(self, reference: CaseReference) -> ExerciseRow:
        """Read one; raise NotFound."""
        ...

    async def save(self, exercise: ExerciseRow) -> None: ...

    async def unpurged(self) -> list[ExerciseRow]:
        """List those that still hold something."""
        ...

    async def purge(self, reference: CaseReference) -> Mapping[str, int]:
        """Remove all that is kept of one exercise but its log and that there was one; give the rows of each table."""
        ...
