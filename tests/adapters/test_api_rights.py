"""The table of rights, swept: every route of the API by every role, and by nobody."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.api.routes import ROUTES
from notify.inbound import ReceivedMail
from notify.rows import StoredMail
from notify.service.access import issue_token
from tests.adapters.api_system import CALLERS, WILLING, ApiSystem, api_system
from tests.builders import report_from

REPORT = report_from("KE", "UG")
CONTACT = {"state": "KE", "role": "article_17_contact", "office": "Desk", "email": "new@ke.example"}
LATER = {"type": "no_change", "reason": {"en": "nothing new"}}
CLOSE_ANSWER = {"answer": "objects", "by": "A. Officer", "office": "Desk"}
ANSWER = {"grade": "received", "by": "A. Officer", "office": "Desk"}

# What each caller is answered; a caller without a line is not allowed (403). KE reports, UG is told, BR has no part.
READS_CASE = {"authority": 200, "addressee": 200, "stranger": 404, "contact": 200, "own_contact": 404,
              "bch_focal_point": 200, "secretariat": 200, "reader": 404}  # fmt: skip
DRAFTS = {"authority": 200, "addressee": 404, "stranger": 404}
OWN_CONTACTS = {"authority": 200, "own_contact": 200, "secretariat": 200, "addressee": 404, "stranger": 404,
                "contact": 404}  # fmt: skip
LISTS_CONTACTS = dict.fromkeys(("authority", "addressee", "stranger", "contact", "own_contact", "secretariat"), 200)
LISTS_CASES = dict.fromkeys((*LISTS_CONTACTS, "bch_focal_point", "reader"), 200)
SECRETARIAT = {"secretariat": 200}

SPEAKS = {"authority": 200, "addressee": 200, "contact": 200, "stranger": 404, "own_contact": 404}
SAYS = {name: 201 if status == 200 else status for name, status in SPEAKS.items()}
NOT_THE_ASKING = {"addressee": 403, "contact": 403}
NAMES = {"by": "A. Officer", "office": "Desk"}
INQUIRY = {"title": {"en": "Signs"}, "asked": "KE", "signs": "An orange colour",
           "contact_for_information": {"office": "Laboratory", "email": "lab@ug.example"}}  # fmt: skip
INQUIRY_ANSWER = {"answer": "no_event", "text": "All was looked at", **NAMES}
KNOWS = ("authority", "own_contact", "addressee", "contact", "secretariat")
KNOWS_INQUIRY = dict.fromkeys(KNOWS, 200) | {"stranger": 404}
PDF = b"%PDF-1.7 a map"

TABLE: dict[tuple[str, str], tuple[Any, dict[str, int]]] = {
    # A filer of another State may submit, but not for this one; the secretariat needs an attached instruction.
    ("POST", "/cases"): (REPORT, {"authority": 201, "secretariat": 422}),
    ("POST", "/cases/preview"): (REPORT, {"authority": 200, "secretariat": 422}),
    ("GET", "/cases"): (None, LISTS_CASES),
    ("GET", "/cases/{case}"): (None, READS_CASE),
    ("GET", "/cases/{case}/timeline"): (None, READS_CASE),
    ("GET", "/cases/{case}/notifications"): (None, READS_CASE),
    ("GET", "/cases/{case}/cap.xml"): (None, READS_CASE),
    ("GET", "/cases/{case}/record"): (None, READS_CASE | {"addressee": 403, "contact": 403}),
    # The secretariat carries a case on upon the attached instruction of a named office alone.
    ("POST", "/cases/{case}/reports"): (LATER, {"authority": 201, "stranger": 404, "secretariat": 422}),
    ("POST", "/cases/{case}/reports/preview"): (LATER, {"authority": 200, "stranger": 404, "secretariat": 422}),
    ("POST", "/cases/{case}/closure"): ({}, {"authority": 409, "stranger": 404, "secretariat": 422}),
    ("POST", "/cases/{case}/closure/answers"): (
        CLOSE_ANSWER, {"addressee": 409, "contact": 409, "stranger": 404, "own_contact": 404},
    ),
    ("POST", "/cases/{case}/reopening"): (
        {"evidence": "found again"}, {"authority": 409, "stranger": 404, "secretariat": 422},
    ),
    ("GET", "/cases/{case}/consultation"): (None, READS_CASE),
    ("POST", "/cases/{case}/consultation"): (None, SPEAKS),
    ("POST", "/cases/{case}/messages"): ({"lane": "joint", "text": "Hello"}, SAYS),
    # UG asks KE; KE must name whom it asks.
    ("POST", "/cases/{case}/requests"): ({"lane": "joint", "text": "How much?"}, SAYS | {"authority": 422}),
    ("POST", "/requests/{request}/answers"): ({"answer": "answered", "text": "Two"}, SPEAKS | NOT_THE_ASKING),
    ("POST", "/cases/{case}/conclusions"): ({"lane": "joint", "text": "Survey", **NAMES}, SAYS),
    ("POST", "/conclusions/{conclusion}/positions"): ({"stand": "agrees", **NAMES}, SPEAKS),
    ("POST", "/cases/{case}/invitations"): ({}, SAYS | {"authority": 422}),
    ("DELETE", "/cases/{case}/invitations/{invitation}"): (
        None, {"addressee": 204, "contact": 204, "authority": 404, "stranger": 404, "own_contact": 404},
    ),
    ("POST", "/cases/{case}/assessments"): ({"assessment": "affected", **NAMES}, SPEAKS),
    ("GET", "/cases/{case}/assessments"): (None, READS_CASE),
    ("POST", "/cases/{case}/measures"): ({"type": "recall", "status": "planned"}, SAYS),
    ("POST", "/cases/{case}/measures/{measure}/status"): ({"status": "completed"}, SPEAKS | {"authority": 403}),
    ("GET", "/cases/{case}/measures"): (None, READS_CASE),
    ("GET", "/cases/{case}/measures/timeline"): (None, READS_CASE),
    ("POST", "/inquiries"): (INQUIRY, dict.fromkeys(("authority", "own_contact"), 403) | dict.fromkeys(
        ("addressee", "contact", "stranger", "secretariat"), 201)),
    ("GET", "/inquiries"): (None, dict.fromkeys(LISTS_CONTACTS, 200)),
    ("GET", "/inquiries/{inquiry}"): (None, KNOWS_INQUIRY),
    ("POST", "/inquiries/{inquiry}/answers"): (INQUIRY_ANSWER, dict.fromkeys(("addressee", "contact"), 403) | {
        "authority": 200, "own_contact": 200, "stranger": 404}),
    ("POST", "/inquiries/{inquiry}/withdrawal"): (None, dict.fromkeys(KNOWS, 403) | {
        "addressee": 200, "contact": 200, "stranger": 404}),
    ("POST", "/attachments"): (None, dict.fromkeys(LISTS_CONTACTS, 415)),
    ("GET", "/attachments/{file}"): (None, dict.fromkeys((*LISTS_CASES,), 404) | {"addressee": 200}),
    ("POST", "/drafts"): ({}, {"authority": 201, "addressee": 201, "stranger": 201}),
    ("GET", "/drafts"): (None, {"authority": 200, "addressee": 200, "stranger": 200}),
    ("GET", "/drafts/{draft}"): (None, DRAFTS),
    ("PUT", "/drafts/{draft}"): ({}, DRAFTS),
    ("DELETE", "/drafts/{draft}"): (None, DRAFTS | {"authority": 204}),
    ("POST", "/drafts/{draft}/submission"): (None, DRAFTS | {"authority": 422}),
    ("POST", "/notifications/{notification}/acknowledgements"): (
        ANSWER,
        {"authority": 403, "addressee": 200, "stranger": 404, "contact": 200, "own_contact": 404, "secretariat": 200},
    ),
    ("GET", "/tasks"): (None, SECRETARIAT),
    ("GET", "/mails/{mail}"): (None, SECRETARIAT),
    ("POST", "/tasks/{task}/result"): ({"result": "done"}, SECRETARIAT),
    ("POST", "/dispatch/pause"): ({"reason": "a mistake"}, SECRETARIAT),
    ("POST", "/dispatch/resume"): (None, SECRETARIAT),
    ("GET", "/statistics"): (None, dict.fromkeys(CALLERS, 200)),
    ("GET", "/statistics.csv"): (None, dict.fromkeys(CALLERS, 200)),
    ("POST", "/exercises"): ({"report": report_from("KE", "UG"), "announced": True}, {"secretariat": 201}),
    ("GET", "/exercises/{case}"): (None, {"secretariat": 404}),  # a real case is no exercise
    ("GET", "/states"): (None, dict.fromkeys(CALLERS, 200)),
    ("GET", "/contacts"): (None, LISTS_CONTACTS),
    ("POST", "/contacts"): (CONTACT, {"authority": 201, "own_contact": 201, "secretariat": 201}),
    ("GET", "/contacts/{contact}"): (None, OWN_CONTACTS),
    ("PUT", "/contacts/{contact}"): (CONTACT, OWN_CONTACTS),
    ("DELETE", "/contacts/{contact}"): (None, {n: 204 if s == 200 else s for n, s in OWN_CONTACTS.items()}),
    ("POST", "/contacts/{contact}/test"): (None, {n: 202 if s == 200 else s for n, s in OWN_CONTACTS.items()}),
    ("GET", "/contacts/{contact}/attempts"): (None, OWN_CONTACTS),
    # It has no endpoint; who may not know of it is not told so.
    ("POST", "/contacts/{contact}/replay"): (
        {"since": "2026-11-20"},
        {name: 409 if status == 200 else status for name, status in OWN_CONTACTS.items()},
    ),
    ("POST", "/deliveries/{delivery}/resend"): (
        None,
        {"addressee": 202, "contact": 202, "secretariat": 202, "authority": 404, "stranger": 404, "own_contact": 404},
    ),
    ("POST", "/contacts/{contact}/webhook"): ({"url": WILLING}, OWN_CONTACTS),
    ("GET", "/events"): (None, {n: s for n, s in LISTS_CASES.items() if n != "reader"}),
}  # fmt: skip
OPEN = {"/api/v1/openapi.json", "/api/v1/schemas/report.json", "/api/v1/schemas/webhook.json", "/api/docs", "/healthz",
        "/readyz", "/metrics", "/.well-known/article17-keys.json"}  # fmt: skip


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    async with api_system(tmp_path) as opened:
        yield opened


def test_the_sweep_knows_every_route() -> None:
    def as_routed(path: str) -> str:
        names = {"{case}": "{reference}", "{inquiry}": "{inquiry}", "{file}": "{sha256}"}
        return "/api/v1" + re.sub(r"\{\w+\}", lambda found: names.get(found[0], "{id}"), path)

    swept = {(method, as_routed(path)) for method, path in TABLE}
    assert swept == {(route.method, route.path) for route in ROUTES if route.rights}
    assert {route.path for route in ROUTES if not route.rights} == OPEN


async def _places(api: ApiSystem, case: str, number: int) -> dict[str, str]:
    """Make something fresh to act on: a draft, a contact and a task that no other caller has changed."""
    draft = (await api.ask("POST", "/drafts", body={})).document["id"]
    contact = CONTACT | {"id": f"ke-{number}", "email": f"desk{number}@ke.example"}
    assert (await api.ask("POST", "/contacts", body=contact)).status == 201
    tasks = (await api.ask("GET", f"/tasks?case={case}&done=all", "secretariat")).document["tasks"]
    return {
        "case": case,
        "draft": draft,
        "contact": f"ke-{number}",
        "notification": await api.notification_of(case),
        "delivery": await _delivery_of(api, case),
        **await _spoken(api, case, number),
        "task": tasks[0]["id"],
        "mail": await _mail(api, number),
    }


async def _mail(api: ApiSystem, number: int) -> str:
    """Keep a mail, as the listener would, and give its id."""
    async with api.ports.database.write() as work:
        mail = ReceivedMail("", f"b+{number}@service.example", b"Subject: a\r\n\r\nb", api.clock.now(), "lmtp")
        await work.mails.add(StoredMail(f"eml_{number}", mail, None))
        await work.commit()
    return f"eml_{number}"


async def _spoken(api: ApiSystem, case: str, number: int) -> dict[str, str]:
    """Let Uganda say, ask, conclude, invite, act, inquire and hand in something of its own."""
    text = {"lane": "joint", "text": f"number {number}"}
    said = {
        "request": ("/cases/{case}/requests", text),
        "conclusion": ("/cases/{case}/conclusions", text | NAMES),
        "invitation": ("/cases/{case}/invitations", {}),
        "measure": ("/cases/{case}/measures", {"type": "recall", "status": "planned"}),
        "inquiry": ("/inquiries", INQUIRY | {"signs": f"number {number}"}),
    }
    found = {}
    for name, (path, body) in said.items():
        found[name] = (await api.ask("POST", path.format(case=case), "addressee", body)).document["id"]
    headers = {"Content-Type": "application/pdf"}
    sent = await api.ask("POST", "/attachments?filename=a.pdf", "addressee", headers=headers, data=PDF)
    return found | {"file": sent.document["sha256"]}


async def _delivery_of(api: ApiSystem, case: str) -> str:
    """Give the id of a delivery to Uganda."""
    reply = await api.ask("GET", f"/cases/{case}/notifications")
    (told,) = [told for told in reply.document["notifications"] if told["state"] == "UG"]
    return str(told["deliveries"][0]["id"])


@pytest.mark.parametrize(("method", "path"), sorted(TABLE))
async def test_each_role_may_do_what_the_table_says_and_nothing_else(api: ApiSystem, method: str, path: str) -> None:
    body, allowed = TABLE[method, path]
    case = await api.case("UG", "SO")
    found, expected = {}, {}
    for number, caller in enumerate([None, "operator", *CALLERS]):
        places = await _places(api, case, number)
        headers = {"Idempotency-Key": f"sweep-{caller}"}
        given = body | {"email": f"other{number}@ke.example"} if body is CONTACT else body
        if path == "/events" and caller in allowed:
            async with api.stream(caller) as response:
                found[caller] = response.status
        else:
            found[caller] = (await api.ask(method, path.format(**places), caller, given, headers=headers)).status
        expected[caller] = 401 if caller is None else allowed.get(caller, 403)
    assert found == expected


@pytest.mark.parametrize("caller", ["stranger", "own_contact"])
async def test_a_case_that_one_may_not_read_looks_like_one_that_is_not_there(api: ApiSystem, caller: str) -> None:
    hidden = await api.ask("GET", f"/cases/{await api.case()}", caller)
    absent = await api.ask("GET", "/cases/A17-2026-9999", caller)
    assert (hidden.status, absent.status) == (404, 404)
    assert hidden.text.replace("0001", "9999") == absent.text


async def test_lists_hold_only_what_one_may_read(api: ApiSystem) -> None:
    case = await api.case()
    other = (await api.file(report_from("UG", "TZ"), "addressee")).document["reference"]
    expected = {
        "authority": {case},
        "addressee": {case, other},
        "contact": {case},
        "own_contact": set(),
        "stranger": set(),
        "bch_focal_point": {case},
        "secretariat": {case, other},
    }
    for caller, references in expected.items():
        cases = (await api.ask("GET", "/cases", caller)).document["cases"]
        assert {c["reference"] for c in cases} == references, caller


async def test_an_addressee_reads_no_field_that_is_not_for_it(api: ApiSystem) -> None:
    report = report_from("KE", "UG", quantity={"text": {"en": "two sacks"}})
    report["confidential"] = {"/quantity": {"audience": "secretariat", "ground": "article_21_1"}}
    case = (await api.file(report)).document["reference"]
    own = (await api.ask("GET", f"/cases/{case}")).document["reports"][0]
    theirs = (await api.ask("GET", f"/cases/{case}", "contact")).document["reports"][0]
    assert "quantity" in own["report"]
    assert "quantity" not in theirs["report"]
    assert "/quantity" in theirs["withheld"]


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer a17_unknown", "Bearer wrong", "bearer a17_é"])
async def test_a_call_without_a_known_token_is_asked_for_one(api: ApiSystem, header: str) -> None:
    reply = await api.ask("GET", "/cases", None, headers={"Authorization": header} if header else {})
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_that_was_replaced_is_no_longer_known(api: ApiSystem) -> None:
    old = api.tokens["authority"]
    await api.new_caller("another", "authority", "KE")
    await issue_token("authority", api.ports)
    assert (await api.ask("GET", "/cases", None, headers={"Authorization": f"Bearer {old}"})).status == 401
    assert (await api.ask("GET", "/cases", "another")).status == 200
