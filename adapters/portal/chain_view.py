"""Says on the acknowledgement page what later reports changed, and what a State is asked when its case is to close."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapters.languages.field_names import field_name
from adapters.languages.formatting import date_time
from adapters.languages.labels import label
from adapters.languages.values import Values
from adapters.portal.entries import Entry, Reader, Text
from notify.delivery import ToldReport
from notify.differences import Change, Difference
from notify.sentence import Sentence
from notify.service.links import LinkPage

_CHANGES: Mapping[Change, Sentence] = {
    Change.ADDED: Sentence("new: {now}"),
    Change.CHANGED: Sentence("was: {was} – is now: {now}"),
    Change.REMOVED: Sentence("was: {was} – is stated no more"),
}


@dataclass(frozen=True, slots=True)
class ToldView:
    """One later report in its reader's words."""

    heading: str
    reason: tuple[Text, ...]
    differences: tuple[Entry, ...]
    withdraws: bool


def told_views(page: LinkPage, reader: Reader, names: Mapping[str, str], time_zone: str) -> Iterator[ToldView]:
    """Give the later reports of a case, the latest first."""
    values = Values(reader.language, reader.wanted, reader.original, names)
    for told in reversed(page.chain[1:]):
        yield ToldView(
            _heading(told, reader, time_zone),
            reader.narrative(told.reason) if told.reason else (),
            tuple(_entry(one, values, reader) for one in told.differences),
            told.type == "withdrawal",
        )


def _heading(told: ToldReport, reader: Reader, time_zone: str) -> str:
    values = {
        "number": told.sequence,
        "report": label(told.type, reader.language),
        "moment": date_time(told.submitted_at, reader.language, time_zone),
    }
    return reader.say(Sentence("Report {number}: {report}, {moment}", values))


def _entry(one: Difference, values: Values, reader: Reader) -> Entry:
    steps = [step for step in one.pointer.split("/") if step and not step.isdigit()]
    name, holder = steps[-1], steps[-2] if len(steps) > 1 else ""
    was = "" if one.change is Change.ADDED else values.say(name, one.before, holder)
    now = "" if one.change is Change.REMOVED else values.say(name, one.after, holder)
    lead = field_name(one.pointer, reader.language)
    said = reader.say(Sentence(_CHANGES[one.change].text, {"was": was, "now": now}))
    return Entry(lead[:1].upper() + lead[1:], (Text(said),))
