"""What the service posts is what its published schema and docs/webhooks.md say, for each type."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.api.application import webhook_schema
from adapters.webhook.payload import LARGEST_BODY, Payloads
from adapters.webhook.signing import read_public_key, read_secret, sign, verify
from contacts.model import ContactId, ContactRole, StateCode, WebhookFormat
from notify.account import OPERATOR
from notify.acknowledgement import Acknowledgement
from notify.delivery import NoticeKind, ToldReport
from notify.differences import Change, Difference
from notify.notices import OF_A_LATER_REPORT
from notify.sentence import Sentence
from notify.service.acknowledging import acknowledge_by_telephone
from notify.service.testing import queue_test_notice
from notify.telling import answer_details
from notify.words import (
    Assessment,
    Audience,
    Grade,
    Means,
    NotificationClass,
    NotificationId,
    Severity,
)
from tests.adapters.api_system import api_system
from tests.adapters.states_say import STATES_SAY
from tests.adapters.test_webhook_payload import NOTICE, NOW, dispatch
from tests.builders import contact, example, report_from
from tests.flow.story import Story, tell

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
SCHEMA = webhook_schema()
TYPES = [kind.value for kind in NoticeKind]
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC).isoformat()
ANSWERED = answer_details(
    Acknowledgement(
        id="ack_1",
        notification_id=NotificationId("ntf_1"),
        grade=Grade.ASSESSED,
        assessment=Assessment.AFFECTED,
        by="A. Officer",
        office="Desk",
        means=Means.API,
        at=NOW,
    ),
    "KE",
)
OF_AN_ENDPOINT = {"contact": "ke-1", "office": "Desk", "host": "hook.ke.example", "since": AT}
OWN: dict[NoticeKind, dict[str, Any]] = {
    NoticeKind.CLOSING: {"closing_id": "cls_1", "window_ends_at": AT, "again": False},
    NoticeKind.KEPT_OPEN: {"lines": [Sentence("A State objected.")]},
    NoticeKind.CLOSED: {"lines": [Sentence("No objection received from {states}.", {"states": "KE"})]},
    NoticeKind.REOPENED: {"lines": [Sentence("New evidence.")], "evidence": "found again"},
    NoticeKind.RECORD: {"record": {"header": {}}, "to_complete": [Sentence("add {what}", {"what": "the day"})]},
    NoticeKind.FILED: {
        "states": ["KE"],
        "notifications": [{"name": "KE", "reason": Sentence("named"), "contacts": 1}],
        "tasks": [Sentence("telephone")],
    },
    NoticeKind.ACKNOWLEDGED: ANSWERED,
    NoticeKind.ANSWERED: ANSWERED,
    NoticeKind.UNREACHED: {"state": "KE", "reason": Sentence("no receipt"), "at": AT},
    NoticeKind.TASK: {
        "task_id": "tsk_1",
        "kind": "telephone_now",
        "owner": "US",
        "state": None,
        "task": Sentence("telephone {state}", {"state": "KE"}),
        "due_at": AT,
    },
    NoticeKind.PAUSED: {"reason": "a mistake", "until": AT, "at": AT},
    NoticeKind.RESUMED: {"at": AT},
    NoticeKind.CLOCK: {"clock": "assessed", "due_at": AT, "lines": [Sentence("Please say, {state}.", {"state": "KE"})]},
    NoticeKind.DRAFT: {"draft_id": "drf_1", "since": AT},
    NoticeKind.ALARM: {"lines": ["Outbox message 1 was parked"]},
    NoticeKind.ENDPOINT_FAILING: OF_AN_ENDPOINT | {"failures": 5, "gone": False, "reason": "no connection"},
    NoticeKind.ENDPOINT_RECOVERED: OF_AN_ENDPOINT | {"at": AT},
    **STATES_SAY,
}
"""What only some kinds say, as the use cases write it; the other kinds say no more than `voluntary`."""


def faults(document: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(document)]


INITIAL = ToldReport(1, "initial", NOW, None, True, {}, (), ())
CORRECTION = ToldReport(
    2,
    "correction",
    NOW,
    {"en": "The date was wrong."},
    False,
    {},
    (),
    (Difference(Change.CHANGED, "/release/date", "/release/date", "2006", "2007"),),
)


def body_of(kind: NoticeKind, **changes: Any) -> Any:
    chain = (CORRECTION,) if kind in OF_A_LATER_REPORT else ()
    details = {"voluntary": False, **OWN.get(kind, {})}
    notice = replace(NOTICE, **{"kind": kind, "details": details, "chain": chain} | changes)
    return json.loads(Payloads().body(dispatch(notice)))


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_body_of_each_kind_is_as_the_schema_says(kind: NoticeKind) -> None:
    assert faults(body_of(kind)) == []


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_body_from_which_everything_was_left_out_is_as_the_schema_says(kind: NoticeKind) -> None:
    large = "x" * LARGEST_BODY
    details = {"voluntary": False, **OWN.get(kind, {}), "more": large}
    chain = (CORRECTION,) if kind in OF_A_LATER_REPORT else ()
    report = {"title": {"en": large}}
    notice = replace(NOTICE, kind=kind, details=details, report=report, title={"en": large}, chain=chain)
    document = json.loads(Payloads().body(dispatch(notice)))
    omitted = {"report_omitted", "details_omitted", "withheld_omitted", "title_omitted"}
    assert omitted <= document["data"].keys()
    assert faults(document) == []


def asked(challenge: str) -> dict[str, Any]:
    body = Payloads().challenge(WebhookFormat.STANDARD, "challenge_1", challenge, NOW)
    document: dict[str, Any] = json.loads(body)
    return document


def test_a_challenge_is_as_the_schema_says() -> None:
    assert faults(asked("0123456789abcdef" * 2)) == []
    assert faults(asked("short")) != []


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_body_that_lacks_a_member_is_found(kind: NoticeKind) -> None:
    whole = body_of(kind)
    assert faults({name: value for name, value in whole.items() if name != "timestamp"}) != []
    for name in whole["data"].keys() - {"details", "report"}:
        broken = copy.deepcopy(whole)
        del broken["data"][name]
        assert faults(broken) != [], name


@pytest.mark.parametrize("kind", OWN)
def test_details_that_lack_a_member_are_found(kind: NoticeKind) -> None:
    for name in OWN[kind]:
        broken = body_of(kind)
        del broken["data"]["details"][name]
        assert faults(broken) != [], name
    bare = body_of(kind)
    del bare["data"]["details"]
    assert faults(bare) != []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("case_reference", "17-2026-0001"), ("case_reference", None), ("severity", "urgent"), ("severity", None),
        ("notification_class", "article_25"), ("title", "Rice"), ("title", {"en": None}), ("sequence", "1"),
        ("sequence", 0), ("exercise", "no"), ("reporting_state", "USA"), ("state", "ke"), ("status", "informed"),
        ("status", ""), ("roles", ["minister"]), ("roles", None), ("due_at", "tomorrow"), ("withheld", "/quantity"),
        ("due_at", "2026-11-20T09:00:00"), ("submitted_at", None), ("audience", "everyone"), ("report", []),
        ("notification_id", None), ("report_omitted", True), ("log_head", "head"), ("acknowledge_url", 1),
    ],
)  # fmt: skip
def test_a_member_of_another_shape_is_found(member: str, value: Any) -> None:
    broken = body_of(NoticeKind.NOTIFICATION)
    broken["data"][member] = value
    assert faults(broken) != []


def test_what_comes_later_breaks_no_receiver() -> None:
    later = body_of(NoticeKind.NOTIFICATION)
    later["data"]["consultation_url"] = "https://notify.example/consultation"
    assert faults(later) == []
    assert faults({"type": "case.merged", "timestamp": "2026-11-20T09:00:00Z", "data": {}}) == []
    assert faults({"type": "report added", "timestamp": "2026-11-20T09:00:00Z", "data": {}}) != []


def test_the_schema_knows_each_kind_and_the_words_of_the_code() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    shapes = SCHEMA["$defs"]
    named = {shape["properties"]["type"].get("const") for name, shape in shapes.items() if "." in name}
    assert named == set(TYPES) == set(shapes["any_other_type"]["properties"]["type"]["not"]["enum"])
    assert {choice["$ref"].rpartition("/")[2] for choice in SCHEMA["oneOf"]} == named | {"any_other_type"}
    assert shapes["severity"]["enum"] == list(Severity)
    assert shapes["notification_class"]["enum"] == list(NotificationClass)
    assert set(shapes["role"]["enum"]) == set(ContactRole)
    assert set(shapes["members"]["properties"]["audience"]["enum"]) == set(Audience)
    answer = shapes["answer"]["properties"]
    assert (answer["grade"]["enum"], answer["means"]["enum"]) == (list(Grade), list(Means))
    assert set(answer["assessment"]["enum"]) == {*Assessment, None}


def test_the_schema_names_every_member_of_a_body() -> None:
    late = body_of(NoticeKind.NOTIFICATION, chain=(INITIAL, CORRECTION), twin="A17-2026-0002")
    assert faults(late) == []
    written = {name for body in (late, *map(body_of, NoticeKind)) for name in body["data"]}
    described = set(SCHEMA["$defs"]["members"]["properties"])
    plain = {name for name in described if not name.endswith("_omitted")}
    assert plain == {name for name in written if not name.endswith("_omitted")}
    assert {"contact_id", "office", "email"}.isdisjoint(described)


async def test_the_schema_is_served_to_everyone(tmp_path: Path) -> None:
    async with api_system(tmp_path) as api:
        reply = await api.ask("GET", "/schemas/webhook.json", None)
    assert (reply.status, reply.document) == (200, SCHEMA)


@pytest.fixture
async def story(tmp_path: Path) -> Any:
    async with tell(f"sqlite+aiosqlite:///{tmp_path}/article17.sqlite", tmp_path) as told:
        yield told


async def load_with_webhooks(story: Story, *states: str) -> None:
    url = story.receiver.url
    contacts = [contact(code, order=order, webhook=url) for code in states for order in (1, 2)]
    focal_points = [contact(code, "bch_focal_point", webhook=url) for code in ("KE", "US")]
    await story.load([*contacts, *focal_points])


async def test_the_webhooks_of_a_whole_case_are_as_the_schema_says(story: Story) -> None:
    await load_with_webhooks(story, "UG")
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=7)
    await acknowledge_by_telephone(
        case, StateCode("UG"), by="A. Officer", office="Desk", account=OPERATOR, ports=story.ports
    )
    await queue_test_notice(ContactId("ug-a17-1"), OPERATOR, story.ports)
    await story.drain()
    sent = [body for _, body in story.receiver.received]
    assert {body["type"] for body in sent} == {
        "notification.issued",
        "notification.reminder",
        "notification.escalated",
        "notification.answered",
        "record.drafted",
        "endpoint.test",
    }
    assert {body["type"]: faults(body) for body in sent if faults(body)} == {}


async def test_the_webhooks_of_the_real_reports_are_as_the_schema_says(story: Story) -> None:
    await load_with_webhooks(story, "CA", "MX", "JP", "UG")
    for name in ("llrice601", "starlink"):
        await story.submit(example(name), key=name)
        await story.drain()
    await story.submit(report_from("KE", "UG", status="exercise"), key="exercise")
    await story.drain()
    sent = [body for _, body in story.receiver.received]
    assert {body["data"]["exercise"] for body in sent} == {True, False}
    assert len({body["data"]["case_reference"] for body in sent}) == 3
    assert {body["type"]: faults(body) for body in sent if faults(body)} == {}


def section(title: str) -> str:
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(text: str) -> set[str]:
    return {
        name for cell in re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE) for name in re.findall(r"`([^`]+)`", cell)
    }


def test_the_page_explains_every_member_and_every_type() -> None:
    assert rows(section("The body")) - {"type", "timestamp", "data"} == set(SCHEMA["$defs"]["members"]["properties"])
    assert rows(section("Types")) == set(TYPES)


def example_of_the_page() -> Iterator[tuple[str, str]]:
    yield from re.findall(r"^([a-z-]+): +(\S.*)$", section("A worked example"), re.MULTILINE)


def test_the_worked_example_of_the_page_is_right() -> None:
    parts = dict(example_of_the_page())
    secret, public = read_secret(parts["secret"]), read_public_key(parts["public-key"])
    body = parts["body"].encode()
    for versions in ({"secrets": [secret]}, {"keys": [public]}):
        verify(parts, body, now=int(parts["webhook-timestamp"]), **versions)
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
    signature = sign(parts["webhook-id"], int(parts["webhook-timestamp"]), body, secrets=[secret], keys=[key])
    assert parts["webhook-signature"] == signature
