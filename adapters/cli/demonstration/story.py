"""Follows a case by its log: what became of each addressee, and how many messages are on their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from notify.rows import LogRow
from notify.words import ChannelName

BCH = "BCH"


@dataclass(slots=True)
class Tally:
    """How many messages were queued, arrived, were delayed, and could not be delivered."""

    queued: int = 0
    arrived: int = 0
    delayed: int = 0
    failed: int = 0

    def __str__(self) -> str:
        if not self.queued:
            return "–"
        marks = [f"{self.arrived}/{self.queued}"]
        marks += [f"{self.delayed} retried"] if self.delayed else []
        marks += [f"{self.failed} refused"] if self.failed else []
        return ", ".join(marks)


@dataclass(slots=True)
class Line:
    """One addressee, as far as the log tells."""

    code: str
    status: str
    grade: str | None = None
    means: str = ""
    late: bool = False
    step: str = ""
    no_receipt: bool = False
    mails: Tally = field(default_factory=Tally)
    webhooks: Tally = field(default_factory=Tally)

    @property
    def is_state(self) -> bool:
        """Tell a State from an organization and the Clearing-House."""
        return self.status not in ("bch", "organization")

    @property
    def ended(self) -> bool:
        """Tell whether its ladder has ended."""
        return self.grade is not None or self.no_receipt


class Story:
    """What the rows of one case's log say, taken in one by one."""

    def __init__(self) -> None:
        self.rows: list[LogRow] = []
        self.lines: dict[str, Line] = {}
        self.mails = Tally()
        self.webhooks = Tally()
        self.tasks = 0
        self._code_of: dict[str, str] = {}
        self._delivered_to: dict[str, str] = {}

    @property
    def states(self) -> list[Line]:
        """List the addressee States in the order of the report."""
        return [line for line in self.lines.values() if line.is_state]

    def take_in(self, rows: Iterable[LogRow]) -> list[LogRow]:
        """Read further rows, and give them back."""
        fresh = list(rows)
        for row in fresh:
            self.rows.append(row)
            self._read(row)
        return fresh

    def code_of(self, row: LogRow) -> str | None:
        """Name the addressee that a row is about, if it is about one."""
        code = row.body.get("addressee")
        if code is None:
            notification = row.body.get("notification_id") or self._delivered_to.get(row.body.get("delivery_id", ""))
            code = self._code_of.get(notification or "")
        return code

    def _read(self, row: LogRow) -> None:
        body = row.body
        if row.kind == "NotificationIssued":
            self._code_of[body["notification_id"]] = body["addressee"]
            self.lines[body["addressee"]] = Line(body["addressee"], body["status"])
        if row.kind == "TaskRaised":
            self.tasks += 1
        if row.kind.startswith("Delivery"):
            self._count(row)
        line = self.lines.get(self.code_of(row) or "")
        if line is None:
            return
        match row.kind:
            case "NotificationEscalated":
                line.step = body["step"]
            case "NotificationAcknowledged":
                line.grade, line.means = body["grade"], line.means or body["means"]
                line.late = line.late or body.get("late", False)
            case "NotificationUnreached":
                line.no_receipt = line.no_receipt or body["reason"] == "no_receipt"

    def _count(self, row: LogRow) -> None:
        if row.kind == "DeliveryQueued" and "notification_id" in row.body:
            self._delivered_to[row.body["delivery_id"]] = row.body["notification_id"]
        by_mail = row.body["channel"] == ChannelName.EMAIL
        line = self.lines.get(self.code_of(row) or "")
        tallies = [self.mails if by_mail else self.webhooks]
        if line is not None:
            tallies.append(line.mails if by_mail else line.webhooks)
        for tally in tallies:
            match row.kind:
                case "DeliveryQueued":
                    tally.queued += 1
                case "DeliveryAccepted":
                    tally.arrived += 1
                case "DeliveryDelayed":
                    tally.delayed += 1
                case "DeliveryFailed":
                    tally.failed += 1
