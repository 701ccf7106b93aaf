"""Mails of the chain: what a later report, a retraction and a close say to their readers, field by field, by label."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from notify.clocks import Extent
from notify.delivery import NoticeKind, Recipient, ToldReport
from notify.differences import differences
from notify.sentence import Sentence
from tests.adapters.mail_builders import NOW, dispatch, notice, recipient
from tests.adapters.test_email_compose import composed, part, subject_of

BEFORE: dict[str, Any] = {
    "release": {"state": "US", "date": {"value": "2006-07", "precision": "month"}, "ongoing": "unknown"},
    "affected_states": [{"state": "MX", "status": "affected"}],
    "lmos": [{"common_name": "Rice"}],
    "health": {"en": "None is known."},
}
AFTER: dict[str, Any] = {
    "release": {"state": "US", "date": {"value": "2006-08-01", "precision": "day"}, "ongoing": "no"},
    "affected_states": [{"state": "MX", "status": "affected"}, {"state": "TD", "status": "transit"}],
    "lmos": [{"common_name": "Rice"}],
    "quantity": {"value": 1200, "unit": "kg"},
}


def later(kind: str = "correction", *, material: bool = False, **changes: Any) -> ToldReport:
    told = ToldReport(2, kind, NOW, {"en": "The date was wrong."}, material, {}, (), differences(BEFORE, AFTER))
    return replace(told, **changes)


def mail(kind: NoticeKind, told: ToldReport, *, reader: Recipient | None = None, **changes: Any) -> bytes:
    given = {"kind": kind, "chain": (told,), "extent": Extent.CHANGES, "wants_acknowledgement": told.material}
    return composed(dispatch(notice(**given | changes), reader or recipient()))


def test_a_later_report_says_what_it_is_why_and_what_changed_field_by_field() -> None:
    content = mail(NoticeKind.REPORT, later())
    assert subject_of(content).startswith("[A17-2026-0001] Correction (")
    text = part(content, "plain")
    assert text.startswith("From Competent national authority of US")
    for said in (
        "Report: correction; number 2 in its case",
        "Reason for this report: The date was wrong.",
        "Release: ongoing: was: unknown – is now: no",
        "Release: estimated date of the release: was: July 2006 – is now: 1 August 2006",
        "Affected States: 2: new: State: Chad; status: transit",
        "Estimated quantity: new: value: 1,200; unit: kg",
        "Human health: was: None is known. – is stated no more",
    ):
        assert said in text, said
    assert "(a) Quantities" not in text


def test_how_much_is_told_follows_the_policy() -> None:
    brief = part(mail(NoticeKind.REPORT, later("no_change"), extent=Extent.BRIEF), "plain")
    whole = part(mail(NoticeKind.REPORT, later("final"), extent=Extent.WHOLE), "plain")
    assert "What changed" not in brief and "The date was wrong." in brief
    assert "What changed since the last report" in whole and "(a) Quantities" in whole


def test_a_material_report_asks_for_an_acknowledgement_and_another_does_not() -> None:
    asked = recipient(due_at=NOW + timedelta(hours=4))
    material = mail(NoticeKind.REPORT, later(material=True), reader=asked)
    assert subject_of(material).endswith("; please acknowledge")
    assert "What is asked: please acknowledge receipt by" in part(material, "plain")
    plain = mail(NoticeKind.REPORT, later(), reader=recipient(due_at=None))
    assert "acknowledge" not in subject_of(plain)
    assert "No new acknowledgement is asked" in part(plain, "plain")


def test_a_retraction_says_at_its_top_what_is_withdrawn_and_why() -> None:
    told = later("withdrawal", material=True, reason={"en": "It was another variety."})
    content = mail(NoticeKind.WITHDRAWN, told, extent=Extent.BRIEF)
    assert "WITHDRAWN: " in subject_of(content) and subject_of(content).endswith("please acknowledge")
    lines = part(content, "plain").splitlines()
    assert lines[1].startswith("The reporting State withdraws this case")
    assert lines[2] == "Why it is withdrawn: It was another variety."
    assert lines[3].startswith("What: ")
    assert "(a) Quantities" not in part(content, "plain")


def test_who_is_told_late_reads_every_report_so_far() -> None:
    chain = (later("initial", sequence=1, differences=(), reason=None), later(), later("complement", sequence=3))
    text = part(composed(dispatch(notice(kind=NoticeKind.NOTIFICATION, chain=chain))), "plain")
    assert "== Report 2: correction, " in text and "== Report 3: complement, " in text
    assert text.count("The date was wrong.") == 2 and "(a) Quantities" in text


def test_a_close_asks_whether_the_state_objects_and_takes_no_silence_for_consent() -> None:
    details = {"closing_id": "cls_1", "window_ends_at": NOW.isoformat(), "again": True}
    content = composed(dispatch(notice(kind=NoticeKind.CLOSING, details=details)))
    text = part(content, "plain")
    assert "does your State object" in subject_of(content) or "whether your State objects" in subject_of(content)
    assert "second and last time" in text and "never as consent" in text and "Answer here: " in text


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        (NoticeKind.KEPT_OPEN, "Why it stays open"),
        (NoticeKind.CLOSED, "On what it is closed"),
        (NoticeKind.REOPENED, "Why it is reopened"),
    ],
)
def test_what_came_of_a_close_is_said_in_words(kind: NoticeKind, heading: str) -> None:
    details = {"lines": [Sentence("No objection received from {states}.", {"states": "TD"})], "evidence": "seen again"}
    text = part(composed(dispatch(notice(kind=kind, details=details))), "plain")
    assert f"== {heading}" in text and "seen again" in text
    assert "acknowledge receipt" not in text


def test_nothing_in_a_value_passes_for_a_line_of_ours() -> None:
    told = later(differences=differences({"health": "x"}, {"health": "y\nWhat is asked: nothing"}))
    lines = part(mail(NoticeKind.REPORT, told), "plain").splitlines()
    assert "What is asked: nothing" not in lines
