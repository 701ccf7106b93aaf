"""The body of a webhook says what its reader may know, in less than 20 kB, and encodes the shared part once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.webhook.payload import LARGEST_BODY, Payloads
from contacts.model import ContactId, StateCode
from notify.delivery import Dispatch, Notice, NoticeKind, Recipient
from notify.sentence import Sentence
from notify.words import Audience, CaseReference, ChannelName, DeliveryId, NotificationClass, NotificationId, Severity

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SUBMITTED = datetime(2026, 11, 20, 11, 30, tzinfo=timezone(timedelta(hours=3)))
HAPPENED = datetime(2026, 11, 20, 8, 45, tzinfo=UTC)

NOTICE = Notice(
    key="A17-2026-0001/1/en/recipients",
    kind=NoticeKind.NOTIFICATION,
    language="en",
    audience=Audience.RECIPIENTS,
    case_reference=CaseReference("A17-2026-0001"),
    exercise=False,
    sequence=1,
    severity=Severity.HIGH,
    severity_reason=Sentence("crossing is {crossing}", {"crossing": "likely"}),
    notification_class=NotificationClass.ARTICLE_17,
    title={"en": "Rice LLRICE601", "zh": "水稻"},
    original_language="en",
    reporting_state=StateCode("US"),
    authority="Department of Agriculture",
    submitted_at=SUBMITTED,
    report={"lmos": [{"unique_identifier": "ACS-OSØØ3-7"}]},
    withheld=("/quantity",),
    case_url="https://notify.example/api/v1/cases/A17-2026-0001",
    log_head="12 3fa9",
    details={},
)
RECIPIENT = Recipient(
    contact_id=ContactId("ke-1"),
    office="National Biosafety Authority",
    email="duty@nba.example",
    language="en",
    time_zone="Africa/Nairobi",
    state=StateCode("KE"),
    organization=None,
    roles=("article_17_contact",),
    reason=Sentence("{state} is named as affected", {"state": "Kenya"}),
    status="affected",
    due_at=datetime(2026, 11, 20, 20, 30, tzinfo=UTC),
    acknowledge_url="https://notify.example/a/abc",
    given_in_confidence=False,
)


def dispatch(notice: Notice = NOTICE, recipient: Recipient = RECIPIENT) -> Dispatch:
    return Dispatch(
        delivery_id=DeliveryId("d1"),
        notification_id=NotificationId("n1"),
        channel=ChannelName.WEBHOOK,
        attempt=1,
        urgent=True,
        notice=notice,
        recipient=recipient,
        thread=(),
        occurred_at=HAPPENED,
    )


def body_of(notice: Notice = NOTICE, recipient: Recipient = RECIPIENT) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Payloads().body(dispatch(notice, recipient)))
    return document


def test_the_body_of_a_notification_has_every_member_that_is_promised() -> None:
    assert body_of() == {
        "type": "notification.issued",
        "timestamp": "2026-11-20T08:45:00Z",
        "data": {
            "case_reference": "A17-2026-0001",
            "exercise": False,
            "sequence": 1,
            "severity": "high",
            "severity_reason": "crossing is likely",
            "notification_class": "article_17",
            "title": {"en": "Rice LLRICE601", "zh": "水稻"},
            "original_language": "en",
            "reporting_state": "US",
            "authority": "Department of Agriculture",
            "submitted_at": "2026-11-20T08:30:00Z",
            "case_url": "https://notify.example/api/v1/cases/A17-2026-0001",
            "log_head": "12 3fa9",
            "audience": "recipients",
            "withheld": ["/quantity"],
            "report": {"lmos": [{"unique_identifier": "ACS-OSØØ3-7"}]},
            "notification_id": "n1",
            "state": "KE",
            "organization": None,
            "status": "affected",
            "standing": None,
            "roles": ["article_17_contact"],
            "reason": "Kenya is named as affected",
            "due_at": "2026-11-20T20:30:00Z",
            "acknowledge_url": "https://notify.example/a/abc",
            "given_in_confidence": False,
        },
    }


def test_an_exercise_and_a_report_given_in_confidence_are_marked() -> None:
    document = body_of(replace(NOTICE, exercise=True), replace(RECIPIENT, given_in_confidence=True))
    assert document["data"]["exercise"] is True
    assert document["data"]["given_in_confidence"] is True


def test_no_reader_finds_the_mail_address_or_office_of_a_contact() -> None:
    body = Payloads().body(dispatch())
    assert b"nba.example" not in body
    assert b"National Biosafety Authority" not in body


def test_details_of_other_notices_are_written_as_plain_json() -> None:
    details = {"task": Sentence("telephone {state}", {"state": "KE"}), "due": NOW, "on": date(2026, 1, 2), "n": [1]}
    notice = replace(NOTICE, kind=NoticeKind.TASK, submitted_at=None, report={}, details=details)
    document = body_of(notice)
    assert (document["type"], document["timestamp"]) == ("task.raised", "2026-11-20T08:45:00Z")
    assert document["data"]["details"] == {
        "task": "telephone KE",
        "due": "2026-11-20T09:00:00Z",
        "on": "2026-01-02",
        "n": [1],
    }
    assert "report" not in document["data"]


def test_the_time_of_a_body_is_when_what_it_tells_of_happened() -> None:
    payloads, reminder = Payloads(), replace(NOTICE, kind=NoticeKind.REMINDER)
    times = [HAPPENED, HAPPENED + timedelta(hours=1)]
    bodies = [json.loads(payloads.body(replace(dispatch(reminder), occurred_at=at))) for at in times]
    assert [body["timestamp"] for body in bodies] == ["2026-11-20T08:45:00Z", "2026-11-20T09:45:00Z"]
    assert {body["data"]["submitted_at"] for body in bodies} == {"2026-11-20T08:30:00Z"}


def test_a_state_that_is_named_in_two_ways_reads_its_whole_standing() -> None:
    standing = Sentence("{state} is named as affected, and as presumed origin.", {"state": "KE"})
    document = body_of(recipient=replace(RECIPIENT, standing=standing))
    assert document["data"]["standing"] == "KE is named as affected, and as presumed origin."


def test_a_report_that_is_too_large_is_left_out_and_said_to_be() -> None:
    document = body_of(replace(NOTICE, report={"circumstances": {"en": "x" * LARGEST_BODY}}))
    assert document["data"]["report_omitted"] is True
    assert "report" not in document["data"]
    assert document["data"]["case_url"] == NOTICE.case_url
    assert document["data"]["withheld"] == ["/quantity"]


def test_the_largest_body_stays_below_the_limit() -> None:
    for length in range(16_000, 20_500, 100):
        notice = replace(NOTICE, report={"circumstances": {"en": "x" * length}})
        assert len(Payloads().body(dispatch(notice))) <= LARGEST_BODY


def test_a_title_that_is_too_large_goes_last() -> None:
    document = body_of(replace(NOTICE, title={"en": "x" * LARGEST_BODY}, details={"step": "telephone"}))
    omitted = {name for name in document["data"] if name.endswith("_omitted")}
    assert omitted == {"report_omitted", "details_omitted", "withheld_omitted", "title_omitted"}


class CountingReport(Mapping[str, Any]):
    """A report that counts how often it is read."""

    def __init__(self) -> None:
        self.readings = 0

    def __getitem__(self, name: str) -> Any:
        return "LLRICE601"

    def __iter__(self) -> Iterator[str]:
        self.readings += 1
        return iter(["title"])

    def __len__(self) -> int:
        return 1


def test_the_report_is_encoded_once_for_all_readers_of_one_notice() -> None:
    payloads, report = Payloads(), CountingReport()
    notice = replace(NOTICE, report=report)
    bodies = [payloads.body(dispatch(notice, replace(RECIPIENT, state=StateCode(code)))) for code in ("KE", "UG", "TZ")]
    assert report.readings == 1
    assert [json.loads(body)["data"]["state"] for body in bodies] == ["KE", "UG", "TZ"]


def test_only_the_latest_notices_are_remembered() -> None:
    payloads, reports = Payloads(remembered=2), [CountingReport() for _ in range(3)]
    for number in (0, 1, 0, 2, 0, 1):
        payloads.body(dispatch(replace(NOTICE, key=str(number), report=reports[number])))
    assert [report.readings for report in reports] == [1, 2, 1]


def test_a_notice_that_differs_under_one_key_is_encoded_anew() -> None:
    payloads = Payloads()
    payloads.body(dispatch())
    other = payloads.body(dispatch(replace(NOTICE, report={}, log_head="13 9bc0")))
    assert "report" not in json.loads(other)["data"]
    assert json.loads(other)["data"]["log_head"] == "13 9bc0"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values, min_size=1, max_size=4))
def test_any_report_comes_out_as_it_went_in(report: dict[str, Any]) -> None:
    assert body_of(replace(NOTICE, report=report))["data"]["report"] == report


def test_half_a_surrogate_pair_does_not_break_the_body() -> None:
    assert body_of(replace(NOTICE, report={"title": "a\ud800b"}))["data"]["report"] == {"title": "a?b"}
