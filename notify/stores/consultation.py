"""Says how the consultation of a case and the assessments of its States are kept; each docstring is a contract."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from notify.assessment import Statement
from notify.consultation import Conclusion, Invitation, Message, Request
from notify.words import AccountId, CaseReference


class ConsultationStore(Protocol):
    """Keeps what States say to each other; whatever was said is added to and never changed."""

    async def opened_at(self, reference: CaseReference) -> datetime | None:
        """Say when the consultation of a case opened; None: it has not."""
        ...

    async def open(self, reference: CaseReference, at: datetime, account: AccountId | None) -> bool:
        """Open it; False when it was open already, and then nothing changes."""
        ...

    async def add_message(self, message: Message) -> None: ...

    async def messages(self, reference: CaseReference) -> list[Message]:
        """Read all messages of a case, oldest first."""
        ...

    async def add_request(self, request: Request) -> None: ...

    async def request(self, request_id: str) -> Request:
        """Read one request with all that was said to it; raise NotFound."""
        ...

    async def requests(self, reference: CaseReference) -> list[Request]:
        """Read all requests of a case, each with all that was said to it, oldest first."""
        ...

    async def add_act(self, request: Request) -> None:
        """Add the last of what was said to a request; raise StaleVersion if somebody said something meanwhile."""
        ...

    async def add_conclusion(self, conclusion: Conclusion) -> None:
        """Add a conclusion with the positions that it has."""
        ...

    async def conclusion(self, conclusion_id: str) -> Conclusion:
        """Read one conclusion with its positions; raise NotFound."""
        ...

    async def conclusions(self, reference: CaseReference) -> list[Conclusion]:
        """Read all conclusions of a case, each with its positions in order, oldest first."""
        ...

    async def replace_conclusion(self, conclusion_id: str, at: datetime) -> None:
        """Enter that another took its place; the first time counts."""
        ...

    async def add_position(self, conclusion: Conclusion) -> None:
        """Add the last position; raise StaleVersion if somebody took one meanwhile."""
        ...

    async def invite(self, invitation_id: str, reference: CaseReference, invitation: Invitation) -> None: ...

    async def invitations(self, reference: CaseReference) -> dict[str, Invitation]:
        """Read all invitations of a case by id, oldest first, also those that ended."""
        ...

    async def end_invitation(self, invitation_id: str, at: datetime) -> None:
        """Enter that an invitation ended; the first time counts."""
        ...


class StatementStore(Protocol):
    """Keeps what each State said of itself, by whomever."""

    async def add(
        self, reference: CaseReference, statement: Statement, *, by: str, office: str, acknowledgement_id: str | None
    ) -> None: ...

    async def of_case(self, reference: CaseReference) -> list[Statement]:
        """Read all that the States of a case said of themselves, oldest first."""
        ...

    async def speakers(self, reference: CaseReference) -> dict[str, tuple[str, str]]:
        """Give for each statement, by its id, who gave it and for which office."""
        ...

    async def dispute(self, acknowledgement_id: str, at: datetime) -> None:
        """Enter that a contact of the State said of the answer it came with: this was not us."""
        ...
