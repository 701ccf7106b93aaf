"""Writes the log of a case as a timeline that a person can read: one line for each important thing that happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby

from adapters.cli.demonstration.story import Story
from notify.rows import LogRow
from notify.task import TaskKind

Rows = list[LogRow]

# The later steps are told by the tasks they raise and by what the filer is told.
_STEPS = {
    "reminder": "Reminder",
    "alternates": "Alternates and duty mailboxes told",
    "authorities": "Focal points and competent authorities told",
}
_PROVISIONS = {"article_17_1": "Article 17.1", "article_25_3": "Article 25.3"}

_FAILURES = {"recipient": "refused by the other side", "temporary": "not ready", "ours": "our own fault"}


def moment(at: datetime) -> str:
    """Write a simulated time, to the minute."""
    return f"{at:%a %d %b %H:%M}"


def means(code: str) -> str:
    """Write by what means a State acknowledged."""
    return "API" if code == "api" else code


def chronicle(story: Story) -> list[tuple[datetime, str]]:
    """Tell what happened, in order; what happened at one time to several addressees is one line."""
    places = {code: place for place, code in enumerate(story.lines)}

    def order(row: LogRow) -> tuple[datetime, int, int]:
        kinds = list(_SAYINGS)
        return _minute(row), kinds.index(row.kind), places.get(story.code_of(row) or "", len(places))

    told = sorted((row for row in story.rows if row.kind in _SAYINGS), key=order)
    lines = []
    for (at, kind), rows in groupby(told, key=lambda row: (_minute(row), row.kind)):
        lines += [(at, text) for text in _SAYINGS[kind](list(rows), story)]
    return lines


def _minute(row: LogRow) -> datetime:
    # Retries are spread by chance within their minute; the timeline is the same each time.
    return row.at.replace(second=0, microsecond=0)


def _opened(rows: Rows, story: Story) -> Iterator[str]:
    for row in rows:
        kind = row.body["notification_class"].replace("_", " ")
        yield f"{row.body['reporting_state']} opens case {row.chain}: {kind}, severity {row.body['severity']}"


def _drafted(rows: Rows, story: Story) -> Iterator[str]:
    for row in rows:
        provision = _PROVISIONS.get(row.body["movement"], row.body["movement"])
        yield f"BCH record drafted ({provision})"


def _issued(rows: Rows, story: Story) -> Iterator[str]:
    yield f"Notifications issued to {_names(rows, story)}"


def _failed(rows: Rows, story: Story) -> Iterator[str]:
    return _by_reason("cannot be delivered", rows, story)


def _delayed(rows: Rows, story: Story) -> Iterator[str]:
    return _by_reason("not taken yet, tried again", rows, story)


def _by_reason(saying: str, rows: Rows, story: Story) -> Iterator[str]:
    def reason_of(row: LogRow) -> tuple[str, int | None, str]:
        return row.body["failure"], row.body.get("status"), row.body["channel"]

    for reason in dict.fromkeys(map(reason_of, rows)):
        failure, status, channel = reason
        what = "Mail" if channel == "email" else "Webhook"
        why = _FAILURES.get(failure, failure) + (f", status {status}" if status is not None else "")
        yield f"{what} {saying}: {_names([row for row in rows if reason_of(row) == reason], story)}: {why}"


def _unproven(rows: Rows, story: Story) -> Iterator[str]:
    yield f"No proof of delivery in time, the next contact is told where there is one: {_names(rows, story)}"


_CLOCKS = {
    "assessed": "the assessment",
    "complete": "a complete report",
    "update": "how the situation stands",
    "record": "the BCH record",
    "first_answer": "the first answer in the consultation",
    "dispatch": "the dispatch",
}


def _reminded(rows: Rows, story: Story) -> Iterator[str]:
    for clock in dict.fromkeys(row.body["clock"] for row in rows):
        owners = dict.fromkeys(str(row.body.get("owner", "")) for row in rows if row.body["clock"] == clock)
        yield f"Reminded of {_CLOCKS.get(clock, clock)}: {', '.join(owners)}"


def _missed(rows: Rows, story: Story) -> Iterator[str]:
    clocks = dict.fromkeys(_CLOCKS.get(row.body["clock"], row.body["clock"]) for row in rows)
    yield f"The time has passed for {', '.join(clocks)}"


def _accepted(rows: Rows, story: Story) -> Iterator[str]:
    mails = sum(row.body["channel"] == "email" for row in rows)
    webhooks = len(rows) - mails
    parts = [_number(mails, "mail") + " accepted by the relay"] if mails else []
    parts += [_number(webhooks, "webhook") + " delivered"] if webhooks else []
    yield ", ".join(parts)


def _escalated(rows: Rows, story: Story) -> Iterator[str]:
    for step, saying in _STEPS.items():
        of_step = [row for row in rows if row.body["step"] == step]
        nobody = [row for row in of_step if not row.body["told"]]
        told = [row for row in of_step if row not in nobody]
        if told:
            yield f"{saying}: {_names(told, story)}"
        if nobody:
            yield f"{saying}: nobody new to tell in {_names(nobody, story)}"


def _acknowledged(rows: Rows, story: Story) -> Iterator[str]:
    for row in rows:
        body = row.body
        assessed = f", {body['assessment'].replace('_', ' ')}" if body.get("assessment") else ""
        late = ", late" if body.get("late") else ""
        yield f"{body['addressee']} acknowledges by {means(body['means'])}: {body['grade']}{assessed}{late}"


def _unreached(rows: Rows, story: Story) -> Iterator[str]:
    for reason, saying in (("no_receipt", "No receipt recorded"), ("no_contact_left", "No address left that works")):
        of_reason = [row for row in rows if row.body["reason"] == reason]
        if of_reason:
            yield f"{saying}: {_names(of_reason, story)}; the filer is told"


def _raised(rows: Rows, story: Story) -> Iterator[str]:
    for kind in dict.fromkeys(row.body["task_kind"] for row in rows):
        of_kind = [row for row in rows if row.body["task_kind"] == kind]
        about = ", ".join(dict.fromkeys(row.body["addressee"] for row in of_kind if "addressee" in row.body))
        whose = "; for each, one for the reporting State and one for the secretariat on duty"
        twice = kind == TaskKind.TELEPHONE_NOW and len(of_kind) == 2 * len(about.split(", "))
        about = f" ({about}{whose if twice else ''})" if about else ""
        yield f"{_number(len(of_kind), 'task')} raised: {kind.replace('_', ' ')}{about}"


def _declined(rows: Rows, story: Story) -> Iterator[str]:
    yield f"A contact says that it is none any more: {_names(rows, story)}"


def _parked(rows: Rows, story: Story) -> Iterator[str]:
    for row in rows:
        yield f"A message was laid aside for a person: {row.body['error']}"


def _names(rows: Rows, story: Story) -> str:
    """Name the addressees of some rows, each once, with how often where that is more than once."""
    counted = Counter(story.code_of(row) or "filer and secretariat" for row in rows)
    return ", ".join(code if number == 1 else f"{code} ({number} times)" for code, number in counted.items())


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


# The order is that in which things of one moment are told.
_SAYINGS: dict[str, Callable[[Rows, Story], Iterator[str]]] = {
    "CaseOpened": _opened,
    "RecordDrafted": _drafted,
    "NotificationIssued": _issued,
    "NotificationAcknowledged": _acknowledged,
    "NotificationEscalated": _escalated,
    "ContactDeclined": _declined,
    "DeliveryFailed": _failed,
    "DeliveryDelayed": _delayed,
    "DeliveryUnproven": _unproven,
    "ClockReminded": _reminded,
    "ClockMissed": _missed,
    "TaskRaised": _raised,
    "NotificationUnreached": _unreached,
    "MessageParked": _parked,
    "DeliveryAccepted": _accepted,
}
