"""Rules of one notification: the Article 17(1) notice to one State, organization or the Clearing-House."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contacts.model import ContactId
from notify.policy import EscalationStep
from notify.sentence import Sentence
from notify.words import Assessment, CaseReference, Grade, Means, NotificationId, Severity


class AddresseeKind(StrEnum):
    """Whom Article 17(1) names: States, the Biosafety Clearing-House, international organizations."""

    STATE = "state"
    ORGANIZATION = "organization"
    BCH = "bch"


@dataclass(frozen=True, slots=True)
class Addressee:
    """One State, organization, or the BCH; written as its code in logs and keys."""

    kind: AddresseeKind
    code: str

    def __str__(self) -> str:
        return self.code

    @property
    def climbs(self) -> bool:
        """Tell whether its silence climbs the whole ladder; the others are only reminded."""
        return self.kind is AddresseeKind.STATE


BCH = Addressee(AddresseeKind.BCH, "BCH")


@dataclass(slots=True)
class Notification:
    """What we told one addressee of one case, and how far it has answered.

    One addressee has one notification in a case: a later report is a new message on it.
    """

    id: NotificationId
    case_reference: CaseReference
    addressee: Addressee
    status: str
    reason: Sentence
    issued_at: datetime
    due_at: datetime | None  # acknowledge by
    asked_at: datetime  # when the acknowledgement was asked for: at issue, and anew by a material report
    round: int  # the sequence of the report that asked for it
    severity: Severity  # the one under which its ladder runs
    received_at: datetime | None = None
    assessed_at: datetime | None = None
    acting_at: datetime | None = None
    assessment: Assessment | None = None
    assessment_preliminary: bool = False
    assessed_by: ContactId | None = None  # the contact whose assessment stands, when it came by link or reply
    means: Means | None = None
    step: EscalationStep | None = None  # the last step of the ladder that fired
    no_receipt_at: datetime | None = None
    version: int = 1

    @property
    def acknowledged(self) -> bool:
        """Tell whether its acknowledgement ladder has ended by an answer."""
        return self.received_at is not None

    @property
    def grade(self) -> Grade | None:
        """Give the highest grade reached."""
        if self.received_at is None:
            return None
        if self.acting_at is not None:
            return Grade.ACTING
        return Grade.ASSESSED if self.assessed_at is not None else Grade.RECEIVED

    @property
    def climbing(self) -> bool:
        """Tell whether steps of its ladder are still to come."""
        last = EscalationStep.NO_RECEIPT if self.addressee.climbs else EscalationStep.REMINDER
        is_reminded = self.addressee.kind is not AddresseeKind.ORGANIZATION
        return not self.acknowledged and is_reminded and self.step is not last

    def rung(self, step: str) -> str:
        """Name a step of the ladder for its deliveries: a ladder that began anew tells the same contacts again."""
        return step if self.asked_at == self.issued_at else f"{step}:{self.round}"

    def ask_anew(self, *, at: datetime, round: int, severity: Severity, due_at: datetime | None) -> None:
        """Ask for a new acknowledgement and begin the ladder anew; what was answered before stays in its rows.

        Its assessment stands until the State itself changes it.
        """
        self.asked_at, self.round, self.severity, self.due_at = at, round, severity, due_at
        self.received_at = self.means = self.step = self.no_receipt_at = None
