"""A mail read back with the standard library says what was meant, whatever stood in the report."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest

from adapters.email.addresses import InvalidAddress, check_address
from adapters.email.chain_page import OF_THE_CHAIN
from adapters.email.compose import Composer
from adapters.email.headers import UnsafeHeader, check_block, clean
from adapters.email.states_page import BETWEEN_STATES
from notify.delivery import Dispatch, NoticeKind
from notify.sentence import Sentence
from notify.words import NotificationClass
from tests.adapters.mail_builders import (
    EXAMPLES,
    NOW,
    composer,
    dispatch,
    example_report,
    letterhead,
    notice,
    recipient,
)

HEADERS = [
    "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "Content-Language", "Importance", "X-Priority", "MIME-Version", "Content-Type",
]  # fmt: skip
HOSTILE = [
    "A 💩 subject=?UTF-8?Q?=0A?=Bcc: injected@example.com",
    "trailing newline\n",
    "first\r\nBcc: injected@example.com",
    "first\nBcc: injected@example.com\n\nbody",
    "bare\rBcc: injected@example.com",
    "nul\0 escape\x1b[31m tab\x0b feed\x0c next\x85 line\u2028 paragraph\u2029",
    '"quoted" <injected@example.com>, other@example.com',
    "back\\slash \\\" and (comment) ; semi:colon",
    "=?utf-8?b?QmNjOiB4QGV4YW1wbGUuY29t?=",
    "override \u202egnp.exe",
    "--=_alternative\r\nContent-Type: text/html",
]  # fmt: skip
SCRIPTS = [
    "تسرب أرز معدل وراثياً عبر الحدود",
    "转基因水稻越境转移",
    "Утечка живого изменённого организма",
    "Rice 🌾 and 👩🏽‍🌾",
    "ĀēĪ " * 60,
]


def composed(sent: Dispatch, by: Composer | None = None) -> bytes:
    return (by or composer()).compose(sent, NOW).content


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def part(content: bytes, subtype: str) -> str:
    body = read(content).get_body((subtype,))
    assert body is not None
    return str(body.get_content())


def text_of(sent: Dispatch) -> str:
    return part(composed(sent), "plain")


def subject_of(content: bytes) -> str:
    return str(make_header(decode_header(message_from_bytes(content)["Subject"].replace("\r\n", ""))))


def test_a_mail_has_the_headers_that_are_meant_and_no_list_header() -> None:
    message = read(composed(dispatch()))
    assert message.keys() == HEADERS
    assert message["From"].addresses[0].addr_spec == "notices@article17.example"
    assert message["From"].addresses[0].display_name == "Article 17 notification service"
    assert message["Reply-To"] == "secretariat@article17.example"
    assert [address.addr_spec for address in message["To"].addresses] == ["desk@biosafety.nl.example"]
    assert message["Message-ID"] == "<d-0001@article17.example>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["Importance"] == "high"


def test_the_subject_begins_with_the_case_number() -> None:
    subject = subject_of(composed(dispatch()))
    assert subject.startswith("[A17-2026-0001] Article 17 notification (high): LLRICE601")
    assert subject.endswith("; please acknowledge")


def test_the_message_id_is_the_same_at_each_attempt_and_the_thread_names_earlier_mails() -> None:
    again = dispatch(attempt=2, thread=("d-first", "d-previous"))
    message = read(composed(again))
    assert message["Message-ID"] == "<d-0001@article17.example>"
    assert message["In-Reply-To"] == "<d-previous@article17.example>"
    assert message["References"].split() == ["<d-first@article17.example>", "<d-previous@article17.example>"]


def test_only_urgent_mails_are_marked_important() -> None:
    assert "Importance" not in read(composed(dispatch(urgent=False)))
    copy = dispatch(notice(kind=NoticeKind.FILED, details={"notifications": []}))
    assert "X-Priority" not in read(composed(copy))


def test_the_text_comes_first_and_says_all_that_the_html_says() -> None:
    content = composed(dispatch())
    kinds = [each.get_content_type() for each in read(content).walk() if not each.is_multipart()]
    assert kinds == ["text/plain", "text/html", "application/json"]
    html = part(content, "html")
    for line in part(content, "plain").splitlines():
        said = line.removeprefix("== ")
        plain_html = html.replace("</strong> ", " ").replace("&quot;", '"').replace("&#x27;", "'")
        for piece in said.split(": ", 1):
            assert piece in plain_html


def test_the_first_lines_say_who_what_where_how_to_detect_it_what_is_asked_by_when_and_the_link() -> None:
    lines = text_of(dispatch()).splitlines()
    sender = "From Competent national authority of US (demonstration), United States, transmitted by this service."
    assert lines[0] == sender
    leads = [
        "What:",
        "LMO:",
        "Where and when:",
        "How to detect it:",
        "Severity:",
        "What is asked:",
        "Acknowledge here:",
    ]
    places = [next(number for number, line in enumerate(lines) if line.startswith(lead)) for lead in leads]
    assert places == sorted(places)
    assert places[-1] < lines.index("Case number: A17-2026-0001") < lines.index("== The report")
    assert "How to detect it: event-specific PCR" in lines
    assert "Severity: high (handling priority, computed, not a finding on risk)" in lines


def test_the_due_time_is_printed_in_the_readers_zone_and_in_utc() -> None:
    text = text_of(dispatch())
    asked = (
        "Tuesday, 24 November 2026, 00:30 (Europe/Amsterdam, UTC+01:00), which is Monday, 23 November 2026, 23:30 UTC"
    )
    assert f"What is asked: please acknowledge receipt by {asked}" in text


def test_each_reader_of_one_notice_gets_only_their_own_link_and_address() -> None:
    by = composer()
    readers = [
        recipient(
            email=f"desk@biosafety.{code}.example", state=code.upper(), acknowledge_url=f"https://a.example/a/{code}"
        )
        for code in ("nl", "fr", "jp")
    ]
    contents = [composed(dispatch(notice(), reader), by) for reader in readers]
    for reader, content in zip(readers, contents, strict=True):
        others = [other for other in readers if other is not reader]
        text = part(content, "plain")
        assert str(reader.acknowledge_url) in text
        assert str(reader.acknowledge_url) in part(content, "html")
        assert not any(str(other.acknowledge_url) in text or other.email in content.decode() for other in others)


def test_a_remembered_notice_is_composed_exactly_like_a_new_one() -> None:
    by = composer(remembered=2)
    first = composed(dispatch(), by)
    assert composed(dispatch(), by) == first
    for number in range(3):
        composed(dispatch(notice(key=f"other-{number}", title={"en": "Other"})), by)
    assert composed(dispatch(), by) == first


def test_the_report_is_laid_out_by_the_items_of_article_17_3() -> None:
    text = text_of(dispatch())
    headings = [line for line in text.splitlines() if line.startswith("== (")]
    assert [heading[3:6] for heading in headings] == ["(a)", "(b)", "(c)", "(d)", "(e)"]
    assert "Estimated date of the release: 1998" in text
    assert "Authorisation: authorised for trials only" in text
    assert text.splitlines()[-1].startswith("This message was sent by a machine.")
    assert "Head of the case log when this was written: 12 3fa9" in text


def test_the_original_text_stands_beside_the_translation_with_its_language() -> None:
    title = {"fr": "Riz échappé", "en": "Escaped rice"}
    text = text_of(dispatch(notice(title=title, original_language="fr")))
    assert "What: Escaped rice" in text
    assert "What (original text, French): Riz échappé" in text


def test_a_text_without_translation_is_shown_in_its_own_direction() -> None:
    content = composed(dispatch(notice(title={"ar": SCRIPTS[0]}, original_language="ar")))
    assert f'<span lang="ar" dir="rtl">{SCRIPTS[0]}</span>' in part(content, "html")
    assert SCRIPTS[0] in subject_of(content)


def test_a_mail_in_a_language_that_is_not_spoken_yet_is_english_throughout_but_for_the_report() -> None:
    told = notice(language="tlh", title={"en": "Escaped rice", "tlh": "tIr nargh"})
    content = composed(dispatch(told, recipient(language="tlh")))
    assert '<html lang="en" dir="ltr">' in part(content, "html")
    assert message_from_bytes(content)["Content-Language"] == "en"
    assert "tIr nargh" in subject_of(content)
    text = part(content, "plain")
    assert "please acknowledge receipt by Tuesday, 24 November 2026" in text
    assert "Netherlands is named" in text
    assert "tIr nargh" in text
    assert "What (original text, English)" not in text


def test_what_is_withheld_is_listed_by_name() -> None:
    text = text_of(dispatch(notice(withheld=("/quantity", "/release/place"))))
    assert "withheld as confidential: estimated quantity; release: place" in text


def test_an_exercise_is_marked_in_subject_and_body() -> None:
    content = composed(dispatch(notice(exercise=True, case_reference="EX17-2026-0001")))
    assert subject_of(content).startswith("[EX17-2026-0001] EXERCISE – ")
    assert part(content, "plain").splitlines()[1].startswith("EXERCISE – ")
    assert "EXERCISE – " in part(content, "html")


def test_a_report_of_a_non_party_is_headed_voluntary_information() -> None:
    content = composed(dispatch(notice(details={"voluntary": True})))
    lines = part(content, "plain").splitlines()
    assert lines[1] == "Voluntary information, in line with Article 24(2)"
    assert "Class (as given by the reporting State): notification under Article 17" in lines
    assert not any(line.startswith("Class:") for line in lines)
    assert subject_of(content).startswith("[A17-2026-0001] Voluntary information, Article 24(2) (high): ")
    assert subject_of(content).endswith("; please acknowledge")


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ({"state": "unknown", "date": {"value": None, "precision": "unknown"}}, "not stated"),
        ({"state": "US", "date": {"value": None, "precision": "unknown"}}, "United States; the date is not stated"),
        ({"state": "unknown", "date": {"value": "2006", "precision": "year"}}, "2006; the State is not stated"),
        ({"state": "US", "date": {"value": "2006-08", "precision": "month"}}, "United States, August 2006"),
    ],
)
def test_where_and_when_says_what_is_stated_and_only_that(release: dict[str, Any], said: str) -> None:
    assert f"Where and when: {said}" in text_of(dispatch(notice(report={"release": release}))).splitlines()


def test_a_certainty_that_is_unknown_is_not_shown() -> None:
    text = text_of(dispatch(notice(report={"origin": {"state": "US", "certainty": "unknown"}})))
    assert "Presumed State of origin: United States" in text.splitlines()


@pytest.mark.parametrize("status", ["organization", "bch"])
def test_only_a_state_is_asked_whether_it_is_affected(status: str) -> None:
    asked = "whether your State is affected"
    assert asked in text_of(dispatch())
    text = text_of(dispatch(reader=recipient(status=status)))
    assert asked not in text
    assert "you are not the right contact" in text


def test_the_html_part_is_no_wider_than_a_telephone() -> None:
    assert "overflow-wrap:anywhere" in part(composed(dispatch()), "html")


def test_the_address_of_the_case_is_for_those_who_have_an_account() -> None:
    assert "For systems with an account: https://article17.example/api/v1/cases/A17-2026-0001" in text_of(dispatch())


def test_an_illegal_movement_is_named_as_considered_by_the_reporting_state() -> None:
    told = notice(notification_class=NotificationClass.ILLEGAL_MOVEMENT, report={"illegal_status": "suspected"})
    assert "illegal movement (suspected), as considered by the reporting State, Article 25" in text_of(dispatch(told))


def test_a_presumed_state_of_origin_is_asked_to_confirm_or_correct() -> None:
    text = text_of(dispatch(reader=recipient(status="presumed_origin")))
    assert "Netherlands is named as presumed origin; please confirm or correct." in text


def test_a_state_named_as_affected_and_as_presumed_origin_reads_both() -> None:
    standing = Sentence("{state} is named in the report as affected, and as presumed origin.", {"state": "NL"})
    lines = text_of(dispatch(reader=recipient(standing=standing))).splitlines()
    place = lines.index("Your standing: Netherlands is named by the reporting State as affected.")
    assert lines[place + 1] == "Netherlands is named in the report as affected, and as presumed origin."
    assert place < lines.index("Case number: A17-2026-0001")


def test_the_registry_names_a_state_in_english() -> None:
    by = composer(registry_names={"NL": "Netherlands (Kingdom of the)"})
    assert "Netherlands (Kingdom of the) is named" in part(composed(dispatch(), by), "plain")


def test_the_report_is_attached_as_json() -> None:
    attachments = list(read(composed(dispatch())).iter_attachments())
    assert [attachment.get_filename() for attachment in attachments] == ["report.json"]
    assert json.loads(attachments[0].get_content()) == example_report("llrice601-2006")


@pytest.mark.parametrize(
    "sent",
    [
        dispatch(reader=recipient(given_in_confidence=True)),
        dispatch(notice(report={**example_report("llrice601-2006"), "confidential": {"/quantity": {}}})),
        dispatch(notice(report={"other_information": {"en": "x" * 250_000}})),
    ],
    ids=["reader", "field", "size"],
)
def test_nothing_is_attached_when_given_in_confidence_or_too_big(sent: Dispatch) -> None:
    assert list(read(composed(sent)).iter_attachments()) == []


def test_a_reader_told_in_confidence_is_asked_to_keep_it_so() -> None:
    text = text_of(dispatch(reader=recipient(given_in_confidence=True)))
    assert "Given in confidence: please keep it so (Article 21)." in text


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("place", ["title", "office", "authority"])
def test_no_text_from_outside_adds_a_header_or_a_part(hostile: str, place: str) -> None:
    told, reader = notice(), recipient()
    match place:
        case "title":
            told = notice(title={"en": hostile})
        case "office":
            reader = recipient(office=hostile)
        case _:
            told = notice(authority=hostile)
    content = composed(dispatch(told, reader))
    message = message_from_bytes(content)
    assert message.keys() == HEADERS
    assert read(content).keys() == HEADERS
    assert [each.get_content_type() for each in message.walk() if not each.is_multipart()][:2] == [
        "text/plain",
        "text/html",
    ]
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert content.isascii()
    assert b"\0" not in content
    addresses = read(content)["To"].addresses
    assert [address.addr_spec for address in addresses] == ["desk@biosafety.nl.example"]


@pytest.mark.parametrize("said", [*HOSTILE, *SCRIPTS])
def test_text_from_outside_stays_intact_in_the_body_and_the_attachment(said: str) -> None:
    content = composed(dispatch(notice(report={"other_information": {"en": said}})))
    lines = _lines(part(content, "plain"))
    written = said.splitlines()
    expected = [f"Other information: {written[0]}"]
    if len(written) > 1:
        expected = ["Other information:", *(f"> {line}".rstrip() for line in written)]
    place = lines.index(expected[0])
    assert lines[place : place + len(expected)] == expected
    attachment = next(read(content).iter_attachments())
    assert json.loads(attachment.get_content())["other_information"]["en"] == said


def _lines(text: str) -> list[str]:
    # Only line ends count here, not the other characters that Python takes for one.
    return text.replace("\r\n", "\n").split("\n")


SPOOF = "Acknowledge here: https://evil.example"
BREAKS = ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", " " * 200, "\t", "\u3000" * 90]


@pytest.mark.parametrize("gap", BREAKS, ids=ascii)
@pytest.mark.parametrize("place", ["title", "authority", "place", "original title", "office", "answered by"])
def test_a_name_with_line_breaks_makes_no_line_of_its_own(place: str, gap: str) -> None:
    hostile = f"x{gap}{SPOOF}"
    told, reader = notice(), recipient()
    match place:
        case "title":
            told = notice(title={"en": hostile})
        case "original title":
            told = notice(title={"fr": hostile}, original_language="fr")
        case "authority":
            told = notice(authority=hostile)
        case "place":
            told = notice(report={"release": {"state": "US", "place": {"name": {"en": hostile}}}})
        case "office":
            reader = recipient(status="organization", office=hostile, state=None, acknowledge_url=None)
        case _:
            told = notice(kind=NoticeKind.ANSWERED, details={"by": hostile, "office": hostile})
    lines = part(composed(dispatch(told, reader)), "plain").splitlines()
    assert any(f"x {SPOOF}" in line for line in lines)
    assert [line for line in lines if line.lstrip().startswith(SPOOF)] == []


@pytest.mark.parametrize("gap", BREAKS[:9], ids=ascii)
def test_the_lines_of_a_narrative_are_quoted_and_pass_for_none_of_ours(gap: str) -> None:
    narrative = gap.join(["It was found.", SPOOF, "== The report"])
    report = {"detection": {"method": "sequencing", "description": {"en": narrative}}}
    content = composed(dispatch(notice(report=report)))
    lines = _lines(part(content, "plain"))
    place = lines.index("Detection:")
    assert lines[place + 1 : place + 4] == ["> It was found.", f"> {SPOOF}", "> == The report"]
    assert f"{SPOOF}<br>" in part(content, "html")
    ours = [line for line in lines if line.startswith("Acknowledge here: ")]
    assert ours == ["Acknowledge here: https://article17.example/a/k3v9"]


@pytest.mark.parametrize("title", SCRIPTS[:4])
def test_any_script_stays_intact_in_the_subject(title: str) -> None:
    content = composed(dispatch(notice(title={"en": title})))
    assert f": {title};" in subject_of(content)
    assert f": {title};" in read(content)["Subject"]


@pytest.mark.parametrize("office", [*SCRIPTS, 'Office "Biosafety" \\ West, (North)', "x" * 300])
def test_any_script_stays_intact_in_the_name_of_the_office(office: str) -> None:
    to = message_from_bytes(composed(dispatch(reader=recipient(office=office))))["To"].replace("\r\n", "")
    name, address = parseaddr(to)
    assert address == "desk@biosafety.nl.example"
    assert str(make_header(decode_header(name))) == clean(office, 200)


def test_no_line_is_longer_than_a_server_takes() -> None:
    long = {"en": "word " * 2000 + "x" * 5000 + "水" * 3000}
    content = composed(dispatch(notice(title=long, report={"other_information": long})))
    assert max(map(len, content.split(b"\r\n"))) <= 78
    foreign = composed(dispatch(notice(title={"ar": "\u0623\u0631\u0632 " * 40}, original_language="ar")))
    assert max(map(len, foreign.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
    assert long["en"] in part(content, "plain")


def test_html_shows_markup_of_a_report_as_text() -> None:
    hostile = "<script>alert(1)</script><a href='javascript:x'>"
    html = part(composed(dispatch(notice(title={"en": hostile}), recipient(office=hostile))), "html")
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "address",
    [
        "a@b.test\r\nRCPT TO:<x@y.test>",
        "a@b.test, c@d.test",
        "a@b.test\n",
        "a b@c.test",
        "plain",
        "a@[127.0.0.1]",
        "",
        "a\0@b.test",
    ],
)
def test_a_bad_address_is_refused_before_anything_is_written(address: str) -> None:
    with pytest.raises(InvalidAddress):
        composed(dispatch(reader=recipient(email=address)))


def test_reserved_and_international_addresses_are_accepted() -> None:
    assert check_address("desk@biosafety.nl.example").wire == "desk@biosafety.nl.example"
    assert check_address("desk@ministry.test").wire == "desk@ministry.test"
    assert check_address("desk@министерство.example").wire == "desk@xn--b1afiashkohcid.example"
    assert check_address("имя@министерство.example").international


def test_an_international_mailbox_is_written_as_it_is() -> None:
    mail = composer().compose(dispatch(reader=recipient(email="имя@ministry.example")), NOW)
    assert (mail.recipient, mail.international) == ("имя@ministry.example", True)
    assert "<имя@ministry.example>".encode() in mail.content


@pytest.mark.parametrize("delivery_id", ["", "a b", "x>\r\nBcc: y", "<x>"])
def test_a_delivery_id_that_is_no_token_is_refused(delivery_id: str) -> None:
    with pytest.raises(UnsafeHeader):
        composed(dispatch(delivery_id=delivery_id))


def test_a_header_block_with_another_field_is_refused() -> None:
    with pytest.raises(UnsafeHeader):
        check_block(b"To: x\r\nBcc: y\r\n", [b"To"])
    with pytest.raises(UnsafeHeader):
        check_block(b"To: x\nBcc: y\r\n", [b"To"])


KINDS: dict[NoticeKind, tuple[dict[str, Any], str, list[str]]] = {
    NoticeKind.REMINDER: ({}, "Reminder, please acknowledge: ", ["no acknowledgement of receipt is recorded yet"]),
    NoticeKind.ESCALATION: ({}, "Please acknowledge, others have not yet: ", ["have not acknowledged receipt yet"]),
    NoticeKind.RECORD: (
        {"record": {"schema": "biosafetyDecision"}, "to_complete": [Sentence("identifier of the authority")]},
        "BCH record ready for clearance: ",
        ["To complete before clearance", "identifier of the authority"],
    ),
    NoticeKind.FILED: (
        {"notifications": [
            {"name": "NL", "reason": Sentence("{state} is named as affected.", {"state": "NL"}).to_json()},
            {"name": "BCH", "reason": Sentence("Article 17(1) names it.")},
            {"name": "FAO", "reason": "chosen"},
         ],
         "tasks": [Sentence("Please reach {state} by hand.", {"state": "TD"}).to_json()]},
        "Your report was filed: ",
        ["Who is told", "Netherlands: Netherlands is named as affected.", "FAO: chosen",
         "Biosafety Clearing-House: Article 17(1) names it.", "What must be done by hand",
         "Please reach Chad by hand."],
    ),
    NoticeKind.ACKNOWLEDGED: (
        {"state": "FR", "grade": "assessed", "assessment": "potentially_affected", "by": "A. Martin",
         "office": "Biosafety desk", "at": NOW.isoformat(), "means": "link", "late": True, "preliminary": True},
        "France has assessed the notification: ",
        ["Office: Biosafety desk", "Assessment: potentially affected",
         "Answered by: A. Martin",
         "When: Friday, 20 November 2026, 13:00 (Europe/Amsterdam, UTC+01:00), which is 12:00 UTC",
         "after the target for acknowledgement", "preliminary"],
    ),
    NoticeKind.ANSWERED: (
        {"by": "A. Martin", "office": "Biosafety desk", "at": NOW, "grade": "received", "assessment": None},
        "Your State has answered: ",
        ["Answered by: A. Martin", "If this was not your State's answer", "This was not us: https://article17.example/a/k3v9"],
    ),
    NoticeKind.UNREACHED: (
        {"state": "TD", "reason": Sentence("no contact is left")},
        "Chad could not be reached: ",
        ["Chad could not be reached.", "Reason: no contact is left"],
    ),
    NoticeKind.TASK: (
        {"task": Sentence("Telephone {state} now.", {"state": "Chad"}), "due_at": NOW, "task_id": "t-7",
         "telephone": "+235 1234", "local_time": "14:05", "language": "fr"},
        "Task: Telephone Chad now.",
        ["Task: Telephone Chad now.", "Telephone: +235 1234", "Language: French", "Local time there: 14:05",
         "Task number: t-7"],
    ),
    NoticeKind.PAUSED: (
        {"by": "Secretariat", "reason": "flood of reports", "until": NOW + timedelta(hours=1)},
        "Sending is paused",
        ["All sending is paused.", "By: Secretariat", "Reason: flood of reports", "which is 13:00 UTC"],
    ),
    NoticeKind.RESUMED: ({"by": "Secretariat"}, "Sending is resumed", ["Sending is resumed."]),
    NoticeKind.ENDPOINT_FAILING: (
        {"contact": "us-1", "office": "Biosafety desk", "host": "hook.us.example", "since": NOW.isoformat(),
         "failures": 6, "gone": False, "reason": "the endpoint is busy (503)"},
        "A webhook endpoint takes no messages",
        ["Contact: us-1", "Host: hook.us.example", "which is 12:00 UTC", "Tries in a row that failed: 6",
         "The last try: the endpoint is busy (503)", "still tried once"],
    ),
    NoticeKind.ENDPOINT_RECOVERED: (
        {"contact": "us-1", "office": "Biosafety desk", "host": "hook.us.example", "since": NOW.isoformat(),
         "at": (NOW + timedelta(hours=1)).isoformat()},
        "A webhook endpoint takes messages again",
        ["Well again since", "which is 13:00 UTC", "can be sent again"],
    ),
    NoticeKind.CLOCK: (
        {"clock": "assessed", "due_at": NOW.isoformat(), "lines": [Sentence("Please say, {state}.", {"state": "TD"})]},
        "Due soon: ",
        ["Due by Friday, 20 November 2026, 13:00", "policy of this service", "Please say, Chad."],
    ),
    NoticeKind.DRAFT: (
        {"draft_id": "drf_1", "since": NOW.isoformat()},
        "A report waits to be submitted",
        ["is not submitted yet", "which is 12:00 UTC", "Draft: drf_1"],
    ),
    NoticeKind.TEST: ({"by": "Biosafety desk"}, "Test message", ["This is a test message", "by: Biosafety desk"]),
    NoticeKind.ALARM: (
        {"lines": [Sentence("{count} messages are parked.", {"count": 3})]},
        "Operator alarm: 3 messages are parked.",
        ["The service asks for its operator.", "3 messages are parked."],
    ),
}  # fmt: skip


def test_every_kind_of_notice_has_its_mail() -> None:
    assert {*KINDS, *BETWEEN_STATES, *OF_THE_CHAIN, NoticeKind.NOTIFICATION} == set(NoticeKind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_of_each_kind_says_its_own(kind: NoticeKind) -> None:
    details, subject, lines = KINDS[kind]
    content = composed(dispatch(notice(kind=kind, details=details)))
    assert subject_of(content).removeprefix("[A17-2026-0001] ").startswith(subject)
    text = part(content, "plain")
    passes_on = kind in (NoticeKind.REMINDER, NoticeKind.ESCALATION, NoticeKind.RECORD, NoticeKind.FILED)
    opening = "From Competent national authority of US" if passes_on else "From the Article 17 notification service."
    assert text.startswith(opening)
    assert [line for line in lines if line not in text] == []
    html = part(content, "html")
    assert html.startswith("<!DOCTYPE html>")


def test_sentences_that_were_stored_as_json_are_said_too() -> None:
    details = {"task": Sentence("Telephone {state} now.", {"state": "Chad"}).to_json()}
    assert "Task: Telephone Chad now." in text_of(dispatch(notice(kind=NoticeKind.TASK, details=details)))


def test_a_notice_of_the_service_itself_needs_no_case() -> None:
    told = notice(
        kind=NoticeKind.ALARM, case_reference=None, reporting_state=None, authority="", severity=None,
        severity_reason=None, notification_class=None, title={}, report={}, case_url="", log_head="",
        submitted_at=None, details={"lines": ["The relay does not answer."]},
    )  # fmt: skip
    reader = recipient(state=None, roles=(), reason=None, status="operator", due_at=None, acknowledge_url=None)
    content = composed(dispatch(told, reader))
    assert subject_of(content) == "[Article 17] Operator alarm: The relay does not answer."
    assert part(content, "plain").startswith("From the Article 17 notification service.")


def test_the_record_goes_to_the_focal_point_as_json() -> None:
    details, _, _ = KINDS[NoticeKind.RECORD]
    attachment = next(read(composed(dispatch(notice(kind=NoticeKind.RECORD, details=details)))).iter_attachments())
    assert attachment.get_filename() == "record.json"
    assert json.loads(attachment.get_content()) == details["record"]


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.json")))
def test_every_example_report_can_be_read_in_a_mail(name: str) -> None:
    report = example_report(name)
    told = notice(title=report["title"], report=report, original_language=next(iter(report["title"])))
    text = text_of(dispatch(told))
    assert report["contact_for_information"]["email"] in text
    for lmo in report["lmos"]:
        assert lmo.get("unique_identifier", "") in text
    assert "{" not in text


def test_a_mail_for_one_more_reader_costs_little() -> None:
    by = composer()
    told = notice()
    readers = [dispatch(told, recipient(email=f"desk{number}@biosafety.nl.example")) for number in range(400)]
    composed(readers[0], by)
    before = time.process_time()
    for sent in readers:
        composed(sent, by)
    # The aim is 0.1 ms; ten times as much would mean that the report is encoded again for each reader.
    assert (time.process_time() - before) / len(readers) < 0.001


def test_a_letterhead_must_be_a_mail_address() -> None:
    with pytest.raises(InvalidAddress):
        Composer(replace(letterhead(), reply_to="secretariat"))


def test_replies_go_elsewhere_from_the_next_mail_on() -> None:
    by = composer()
    assert read(composed(dispatch(), by))["Reply-To"] == "secretariat@article17.example"
    by.use_reply_to("duty@article17.example")
    message = read(composed(dispatch(), by))
    assert message["Reply-To"] == "duty@article17.example"
    assert message["From"].addresses[0].addr_spec == "notices@article17.example"
    assert message.keys() == HEADERS


@pytest.mark.parametrize("address", ["", "secretariat", "a@b.example\r\nBcc: c@d.example"])
def test_replies_go_where_they_went_when_the_new_address_is_none(address: str) -> None:
    by = composer()
    with pytest.raises(InvalidAddress):
        by.use_reply_to(address)
    assert read(composed(dispatch(), by))["Reply-To"] == "secretariat@article17.example"
