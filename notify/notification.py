"""Rules of one notification: the Article 17(1) notice to one State, organization or the Clearing-House."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contacts.model import ContactId
from notify.policy import EscalationStep
from notify.sentence import Sentence
from notify.words import Assessment, CaseReference, Grade, Means, NotificationId


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
        if self.acting_at is not None:
            return Grade.ACTING
        if self.assessed_at is not None:
            return Grade.ASSESSED
        return Grade.RECEIVED if self.received_at is not None else None
