"""Rules of one delivery: what is said to whom, the states it may claim, and when to try again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from contacts.model import ContactId, StateCode, WebhookFormat
from notify.clocks import Extent
from notify.differences import Difference
from notify.sentence import Sentence
from notify.words import Audience, CaseReference, ChannelName, DeliveryId, NotificationClass, NotificationId, Severity


class DeliveryState(StrEnum):
    """What we may claim about a delivery, and never more than the evidence says."""

    QUEUED = "queued"
    ACCEPTED = "accepted"  # the relay's 250 after DATA: certain for the next hop only
    DELAYED = "delayed"
    RELAYED = "relayed"
    DELIVERED = "delivered"  # a webhook's 2xx, or a delivery report that says so
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"  # overtaken by an acknowledgement, a withdrawal or the close


REPORT = "report"
"""The step of a delivery that tells of a later report: `report:2`."""

ISSUE = "issue"
"""The step of a delivery that tells its contact for the first time, at once."""

FINAL_STATES = frozenset(
    {
        DeliveryState.RELAYED,
        DeliveryState.DELIVERED,
        DeliveryState.BOUNCED,
        DeliveryState.FAILED,
        DeliveryState.CANCELLED,
    }
)


class NoticeKind(StrEnum):
    """What a message says; the value is the `type` of the webhook (Standard Webhooks)."""

    NOTIFICATION = "notification.issued"
    REMINDER = "notification.reminder"
    ESCALATION = "notification.escalated"
    REPORT = "report.added"  # a later report, to everyone who was told before
    WITHDRAWN = "case.withdrawn"  # the retraction, to everyone who was ever told
    CLOSING = "case.closing"  # the case is about to close: does the State object?
    KEPT_OPEN = "case.kept_open"  # the close that was announced was given up
    CLOSED = "case.closed"
    REOPENED = "case.reopened"
    RECORD = "record.drafted"  # to the reporting State's BCH focal point
    FILED = "case.filed"  # the filer's own copy
    ACKNOWLEDGED = "notification.acknowledged"  # to the filer
    ANSWERED = "notification.answered"  # to the State's other contacts: who answered; "this was not us"
    UNREACHED = "notification.unreached"  # to the filer: this State could not be reached
    TASK = "task.raised"
    PAUSED = "dispatch.paused"
    RESUMED = "dispatch.resumed"
    CONSULTATION = "consultation.opened"
    MESSAGE = "message.posted"
    REQUEST = "request.made"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_REMINDER = "request.reminder"
    CONCLUSION = "conclusion.proposed"
    POSITION = "position.taken"
    INVITATION = "lane.opened"  # the secretariat was invited into a private lane
    ASSESSED = "assessment.given"
    MEASURE = "measure.reported"
    MEASURE_CHANGED = "measure.changed"
    INQUIRY = "inquiry.made"
    INQUIRY_REMINDER = "inquiry.reminder"
    INQUIRY_ESCALATION = "inquiry.escalated"
    INQUIRY_ANSWERED = "inquiry.answered"
    INQUIRY_WITHDRAWN = "inquiry.withdrawn"
    CLOCK = "clock.reminder"  # to whoever must act before its time has passed
    DRAFT = "draft.waiting"  # to an authority: a draft was not submitted yet
    TEST = "endpoint.test"
    ENDPOINT_FAILING = "endpoint.failing"  # to its State
    ENDPOINT_RECOVERED = "endpoint.recovered"
    ALARM = "operator.alarm"


@dataclass(frozen=True, slots=True)
class ToldReport:
    """One report of a chain, for one audience."""

    sequence: int
    type: str
    submitted_at: datetime
    reason: Any  # a text by language, or plain; None for the initial report
    material: bool
    report: dict[str, Any]  # what it stated
    withheld: tuple[str, ...]
    differences: tuple[Difference, ...]  # to the report before, as far as this audience may read them

    def to_json(self) -> dict[str, Any]:
        """Write it without the report itself."""
        return {
            "sequence": self.sequence,
            "type": self.type,
            "submitted_at": self.submitted_at.isoformat().replace("+00:00", "Z"),
            "reason": self.reason,
            "material": self.material,
            "differences": [one.to_json() for one in self.differences],
        }


BETWEEN_STATES = frozenset(
    {
        NoticeKind.CONSULTATION,
        NoticeKind.MESSAGE,
        NoticeKind.REQUEST,
        NoticeKind.REQUEST_ANSWERED,
        NoticeKind.REQUEST_REMINDER,
        NoticeKind.CONCLUSION,
        NoticeKind.POSITION,
        NoticeKind.INVITATION,
        NoticeKind.ASSESSED,
        NoticeKind.MEASURE,
        NoticeKind.MEASURE_CHANGED,
    }
)
"""What States say to each other in a case: it asks for other answers than an acknowledgement."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one message says, the same for every reader of one audience and language.

    `key` names the content: two notices with one key are equal, so a channel may encode them once.
    `report` holds only what the audience may read; `withheld` lists the JSON pointers left out.
    """

    key: str
    kind: NoticeKind
    language: str
    audience: Audience
    case_reference: CaseReference | None
    exercise: bool
    sequence: int
    severity: Severity | None
    severity_reason: Sentence | None
    notification_class: NotificationClass | None
    title: Mapping[str, str]
    original_language: str
    reporting_state: StateCode | None
    authority: str
    submitted_at: datetime | None
    report: Mapping[str, Any]
    withheld: tuple[str, ...]
    case_url: str
    log_head: str  # "12 3fa9…": sequence and hash of the last row of the case log
    details: Mapping[str, Any]  # what only this kind of notice says; Sentence or JSON values
    confidential: bool = False  # the report holds marked fields, which this audience reads and the public does not
    extent: Extent = Extent.WHOLE  # how much a later report tells (policy)
    chain: tuple[ToldReport, ...] = ()  # of a later report itself; for those told late, every report so far
    wants_acknowledgement: bool = True
    twin: CaseReference | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told, and what only this reader is told."""

    contact_id: ContactId | None  # None: the filer, the operator
    office: str
    email: str
    language: str
    time_zone: str
    state: StateCode | None
    organization: str | None
    roles: tuple[str, ...]  # every role under which this address is told
    reason: Sentence | None  # why it is told
    status: str  # affected, potentially_affected, transit, presumed_origin, organization, bch, …
    due_at: datetime | None  # acknowledge by
    acknowledge_url: str | None
    given_in_confidence: bool
    webhook_url: str | None = None
    webhook_secrets: tuple[bytes, ...] = ()  # each of them signs; the newest first
    webhook_format: WebhookFormat = WebhookFormat.STANDARD
    standing: Sentence | None = None  # what more there is to its standing: it is named as presumed origin too


@dataclass(frozen=True, slots=True)
class Told:
    """One report of a case as its addressee was told it: which, of what type, and when."""

    sequence: int
    type: str
    at: datetime


def always() -> bool:
    """Say yes: nobody else claims it."""
    return True


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One delivery, ready for its channel; the id never changes between attempts."""

    delivery_id: DeliveryId
    notification_id: NotificationId | None
    channel: ChannelName
    attempt: int  # 1 for the first try
    urgent: bool
    notice: Notice
    recipient: Recipient
    thread: tuple[DeliveryId, ...]  # earlier deliveries to this contact in this case: the first and the previous
    occurred_at: datetime  # when what it tells of happened
    told: tuple[Told, ...] = ()  # the reports that this addressee was told, in order; the last is this one
    may_begin: Callable[[], bool] = always  # no more when the claim on it is about to end: asked before each sending


@dataclass(frozen=True, slots=True)
class Proof:
    """What the other side answered to a try that it accepted."""

    state: DeliveryState
    status: int
    answer: str  # its first bytes, untrusted


_WEBHOOK_DELAYS = tuple(timedelta(seconds=s) for s in (3, 10, 30, 120, 300, 600, 1800, 3600))
_LAST_DELAY = timedelta(hours=2)
LONGEST_ASKED = _LAST_DELAY
"""Of what the other side asks us to wait, so much is kept at most."""

RETRY_FOR = timedelta(hours=72)
JITTER = 0.1  # only ever adds


def next_attempt_at(
    *, first_at: datetime, now: datetime, attempts: int, asked: timedelta | None, jitter: float
) -> datetime | None:
    """Say when to try again after `attempts` failed tries, or None when 72 hours are over.

    The delays are 3 s, 10 s, 30 s, 2 min, 5 min, 10 min, 30 min, 1 h, then 2 h each; `jitter` in 0..1
    adds up to a tenth. What the other side asked for (Retry-After) is kept when it is longer, up to the last delay.
    """
    delay = _WEBHOOK_DELAYS[attempts - 1] if attempts <= len(_WEBHOOK_DELAYS) else _LAST_DELAY
    delay += delay * (JITTER * jitter)
    if asked is not None:
        delay = max(delay, min(asked, LONGEST_ASKED))
    if now + delay > first_at + RETRY_FOR:
        return None
    return now + delay
