"""The calls of the API, one after the other, as those who may make them see them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from notify.delivery import NoticeKind
from notify.events import SERVICE_CHAIN
from notify.rows import RecordRow
from notify.sentence import Sentence
from notify.words import CaseReference
from tests.adapters.api_system import START, WILLING, ApiSystem, api_system
from tests.builders import REPORTS, example, report_from

SEVERITIES = {
    "mexico-landrace-maize-2001": "critical",
    "bacillus-subtilis-vitamin-b2-2014": "high",
    "gt73-rapeseed-seed-2018": "high",
    "llrice601-2006": "high",
    "papaya-okinawa-2011": "high",
    "starlink-maize-2000": "critical",
    "triffid-flax-2009": "high",
    "gm-zebrafish-europe-2006": "moderate",
    "orange-petunia-2017": "moderate",
    "oregon-wheat-2013": "moderate",
    "mir162-maize-china-2013": "low",
}
ANSWER = {"grade": "received", "by": "A. Officer", "office": "Biosafety desk"}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    async with api_system(tmp_path) as opened:
        yield opened


def test_every_real_report_is_tried() -> None:
    assert sorted(SEVERITIES) == sorted(path.stem for path in REPORTS.glob("*.json"))


@pytest.mark.parametrize("name", sorted(SEVERITIES))
async def test_each_real_report_is_accepted_from_its_own_state(api: ApiSystem, name: str) -> None:
    report = example(name)
    await api.new_caller("filer", "authority", report["reporting_state"])
    reply = await api.file(report, "filer")
    assert reply.status == 201, reply.text
    submission = reply.document
    assert submission["severity"]["level"] == SEVERITIES[name]
    assert reply.headers["Location"] == f"/api/v1/cases/{submission['reference']}"
    told = {n["state"] for n in submission["notifications"] if n["state"]}
    assert told >= {a["state"] for a in report["affected_states"]} - {report["reporting_state"]}
    shown = await api.ask("GET", reply.headers["Location"], "filer")
    assert shown.document["reports"][0]["report"]["title"] == report["title"]


async def test_a_submission_names_routes_reasons_and_completeness(api: ApiSystem) -> None:
    submission = (await api.file(report_from("KE", "UG"))).document
    (uganda,) = [n for n in submission["notifications"] if n["state"] == "UG"]
    assert uganda["routes"] == [
        {
            "contact": "ug-a17-1",
            "office": "a17 1 of UG",
            "channel": "email",
            "reason": "UG: a17 1 of UG is a designated Article 17 contact.",
        }
    ]
    assert sorted(submission["completeness"]) == ["a", "b", "c", "d", "e"]
    status = await api.ask("GET", submission["status_url"].removeprefix("https://article17.example"))
    assert {n["id"] for n in status.document["notifications"]} == {n["id"] for n in submission["notifications"]}


async def test_the_same_key_gives_the_same_case_and_says_that_it_is_not_new(api: ApiSystem) -> None:
    report = report_from("KE", "UG")
    first, second = await api.file(report, key="one"), await api.file(report, key="one")
    assert (first.status, second.status) == (201, 200)
    assert first.document == second.document
    assert second.headers["Location"] == first.headers["Location"]


async def test_the_same_key_with_another_report_is_a_conflict_and_opens_nothing(api: ApiSystem) -> None:
    await api.file(report_from("KE", "UG"), key="one")
    before = await api.count("case_file", "outbox")
    reply = await api.file(report_from("KE", "TZ"), key="one")
    assert reply.status == 409
    assert await api.count("case_file", "outbox") == before


async def test_the_same_key_at_the_same_moment_gives_one_case(api: ApiSystem) -> None:
    report = report_from("KE", "UG")
    replies = await asyncio.gather(*(api.file(report, key="one") for _ in range(8)))
    assert sorted(reply.status for reply in replies) == [200] * 7 + [201]
    assert len({reply.document["reference"] for reply in replies}) == 1
    assert (await api.count("case_file"))["case_file"] == 1


async def test_keys_of_two_accounts_do_not_meet(api: ApiSystem) -> None:
    first = await api.file(report_from("KE", "UG"), key="one")
    second = await api.file(report_from("UG", "KE"), "addressee", key="one")
    assert (first.status, second.status) == (201, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "clé"])
async def test_a_key_that_cannot_be_kept_is_refused(api: ApiSystem, key: str) -> None:
    assert (await api.file(report_from("KE", "UG"), key=key)).status == 400


async def test_a_submission_without_a_key_is_refused(api: ApiSystem) -> None:
    reply = await api.ask("POST", "/cases", body=report_from("KE", "UG"))
    assert reply.status == 400
    assert "Idempotency-Key" in reply.document["detail"]


async def test_the_brake_asks_for_a_confirmation_and_takes_it(api: ApiSystem) -> None:
    for _ in range(10):
        await api.case()
    report = report_from("KE", "TZ")
    asked = await api.file(report, key="eleventh")
    assert asked.status == 428
    wrong = await api.file(report, key="eleventh", Confirmation="yes")
    assert wrong.status == 428
    confirmed = await api.file(report, key="eleventh", Confirmation=asked.document["confirmation"])
    assert confirmed.status == 201


async def test_a_preview_says_all_and_does_nothing(api: ApiSystem) -> None:
    before = await api.count("case_file", "outbox", "case_log", "delivery")
    reply = await api.ask("POST", "/cases/preview", body=report_from("KE", "UG", "SO"))
    assert reply.status == 200
    assert [n["state"] for n in reply.document["notifications"][:2]] == ["UG", "SO"]
    assert any("SO has no contact" in task for task in reply.document["tasks"])
    assert await api.count("case_file", "outbox", "case_log", "delivery") == before


async def test_cases_are_listed_newest_first_page_by_page(api: ApiSystem) -> None:
    references = []
    for _ in range(5):
        api.clock.advance(minutes=1)
        references.append(await api.case())
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await api.ask("GET", f"/cases?limit=2&before={cursor}")).document
        seen += [case["reference"] for case in page["cases"]]
        cursor = page["next"]
    assert seen == references[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=open", True),
        ("status=closed", False),
        ("status=exercise", False),
        ("severity=high", True),
        ("severity=low", False),
        ("state=KE", True),
        ("state=UG", True),
        ("state=BR", False),
        ("class=article_17", True),
        ("class=information", False),
        ("since=2026-11-20", True),
        ("since=2026-11-20T12:00:00+00:00", True),
        ("since=2026-11-20T12:00:01Z", False),
    ],
)
async def test_the_list_of_cases_is_narrowed(api: ApiSystem, query: str, found: bool) -> None:
    await api.case()
    assert bool((await api.ask("GET", f"/cases?{query}")).document["cases"]) is found


@pytest.mark.parametrize(
    "query",
    ["status=ajar", "severity=worst", "state=XX", "class=x", "since=soon", "since=0001-01-01T00:00:00%2B23:00",
     "limit=0", "limit=many", "limit=%C2%B2", "before=%00", "before=garbage", "before=A17-2026-9999", "limit=201",
     "colour=red", "state=KE&state=UG"],
)  # fmt: skip
async def test_a_list_that_cannot_be_understood_is_refused(api: ApiSystem, query: str) -> None:
    reply = await api.ask("GET", f"/cases?{query}")
    assert reply.status == 400
    assert query.partition("=")[0] in reply.document["detail"] or "twice" in reply.document["detail"]


async def test_a_case_shows_its_timeline_with_hashes(api: ApiSystem) -> None:
    case = await api.case()
    entries = (await api.ask("GET", f"/cases/{case}/timeline")).document["entries"]
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["event"] == "CaseOpened"
    assert len({entry["hash"] for entry in entries}) == len(entries)


async def test_an_addressee_sees_its_own_notification_only(api: ApiSystem) -> None:
    case = await api.case("UG", "TZ")
    reply = await api.ask("GET", f"/cases/{case}/notifications", "contact")
    assert [n["state"] for n in reply.document["notifications"]] == ["UG"]
    assert {clock["kind"] for clock in reply.document["notifications"][0]["clocks"]} >= {"dispatch", "acknowledgement"}


async def test_the_record_is_drafted_and_says_what_is_to_be_completed(api: ApiSystem) -> None:
    record = (await api.ask("GET", f"/cases/{await api.case()}/record", "bch_focal_point")).document
    assert record["state"] == "drafted"
    assert record["document"]["header"]["schema"] == "biosafetyDecision"
    assert record["to_complete"]


async def test_voluntary_information_has_no_record(api: ApiSystem) -> None:
    report = report_from("KE", "UG", severity="low", notification_class="information")
    case = (await api.file(report)).document["reference"]
    reply = await api.ask("GET", f"/cases/{case}/record")
    assert reply.document == {
        "state": "none",
        "document": None,
        "to_complete": [],
        "sequence": None,
        "drafted_at": None,
    }


async def test_what_a_record_lacks_is_said_in_words(api: ApiSystem) -> None:
    case = CaseReference(await api.case())
    lacking = [Sentence("{office} must add its record.", {"office": "The desk"})]
    async with api.ports.database.write() as work:
        await work.cases.put_record(RecordRow(case, "drafted", {"a": 1}, lacking, 1, START))
        await work.commit()
    assert (await api.ask("GET", f"/cases/{case}/record")).document["to_complete"] == ["The desk must add its record."]


async def test_a_draft_is_kept_changed_submitted_and_gone(api: ApiSystem) -> None:
    made = await api.ask("POST", "/drafts", body={"type": "initial", "title": {"en": "Seed"}})
    assert made.status == 201
    assert "/reporting_state" in [fault["pointer"] for fault in made.document["to_complete"]]
    place = made.headers["Location"]
    assert [d["id"] for d in (await api.ask("GET", "/drafts")).document["drafts"]] == [made.document["id"]]
    early = await api.ask("POST", f"{place}/submission")
    assert early.status == 422
    assert "/reporting_state" in early.pointers
    whole = report_from("KE", "UG")
    put = await api.ask("PUT", place, body=whole, headers={"If-Match": made.headers["ETag"]})
    assert (put.status, put.headers["ETag"]) == (200, '"2"')
    submitted = await api.ask("POST", f"{place}/submission")
    again = await api.ask("POST", f"{place}/submission")
    assert (submitted.status, again.status) == (201, 200)
    assert submitted.document["reference"] == again.document["reference"]
    assert (await api.ask("GET", place)).status == 404


@pytest.mark.parametrize(("tag", "status"), [('"1"', 412), ('"2"', 200), ("*", 200), ('W/"2"', 412), ('"x"', 412)])
async def test_a_draft_changed_meanwhile_is_not_overwritten(api: ApiSystem, tag: str, status: int) -> None:
    place = (await api.ask("POST", "/drafts", body={})).headers["Location"]
    assert (await api.ask("PUT", place, body={"title": {"en": "Mine"}})).status == 200
    reply = await api.ask("PUT", place, body={"title": {"en": "Theirs"}}, headers={"If-Match": tag})
    assert reply.status == status
    deleted = await api.ask("DELETE", place, headers={"If-Match": '"99"'})
    assert deleted.status == 412
    assert (await api.ask("DELETE", place)).status == 204


@pytest.mark.parametrize("draft", [[], "x", {"title": "\ud800"}, {"a\x00": 1}])
async def test_what_no_draft_may_hold_is_refused(api: ApiSystem, draft: Any) -> None:
    reply = await api.ask("POST", "/drafts", body=draft)
    assert reply.status == 422
    assert reply.document["errors"]


async def test_another_state_does_not_see_a_draft(api: ApiSystem) -> None:
    place = (await api.ask("POST", "/drafts", body={})).headers["Location"]
    for method, body in (("GET", None), ("PUT", {}), ("DELETE", None)):
        assert (await api.ask(method, place, "stranger", body)).status == 404
    assert (await api.ask("POST", f"{place}/submission", "stranger")).status == 404


async def test_a_state_acknowledges_through_the_api_and_twice_is_harmless(api: ApiSystem) -> None:
    notification = await api.notification_of(await api.case())
    place = f"/notifications/{notification}/acknowledgements"
    answer = ANSWER | {"grade": "assessed", "assessment": "affected"}
    first, second = await api.ask("POST", place, "contact", answer), await api.ask("POST", place, "contact", answer)
    assert (first.status, second.status) == (200, 200)
    assert (first.document["new"], second.document["new"]) == (True, False)
    assert first.document["assessment"] == "affected"
    assert first.document["assessment_preliminary"] is False


@pytest.mark.parametrize(
    ("answer", "pointers"),
    [
        ({}, {"/grade", "/by", "/office"}),
        (ANSWER | {"grade": "perhaps"}, {"/grade"}),
        (ANSWER | {"grade": "assessed"}, {"/assessment"}),
        (ANSWER | {"grade": ["received"]}, {"/grade"}),
        (ANSWER | {"means": [1]}, {"/means"}),
        (ANSWER | {"means": "link"}, {"/means"}),
        (ANSWER | {"colour": "red"}, {"/colour"}),
        (ANSWER | {"by": "A\x00"}, {"/by"}),
        ([], {""}),
    ],
)
async def test_an_answer_that_is_none_is_refused_by_name(api: ApiSystem, answer: Any, pointers: set[str]) -> None:
    notification = await api.notification_of(await api.case())
    reply = await api.ask("POST", f"/notifications/{notification}/acknowledgements", "contact", answer)
    assert (reply.status, set(reply.pointers)) == (422, pointers)


async def test_the_secretariat_records_a_receipt_by_telephone_and_no_more(api: ApiSystem) -> None:
    case = await api.case()
    place = f"/notifications/{await api.notification_of(case)}/acknowledgements"
    assessed = ANSWER | {"grade": "assessed", "assessment": "affected"}
    assert (await api.ask("POST", place, "secretariat", assessed)).status == 422
    assert (await api.ask("POST", place, "secretariat", ANSWER)).status == 200
    shown = (await api.ask("GET", f"/cases/{case}/notifications")).document["notifications"][0]
    assert [a["means"] for a in shown["acknowledgements"]] == ["telephone"]


async def test_tasks_are_listed_and_closed_with_a_result(api: ApiSystem) -> None:
    case = await api.case("SO", "UG")
    (task,) = (await api.ask("GET", f"/tasks?case={case}", "secretariat")).document["tasks"]
    assert task["kind"] == "no_contact"
    place = f"/tasks/{task['id']}/result"
    assert (await api.ask("POST", place, "secretariat", {"result": " "})).pointers == ["/result"]
    done = await api.ask("POST", place, "secretariat", {"result": "Reached by telephone."})
    assert done.document["done_by"] == "secretariat"
    assert (await api.ask("POST", place, "secretariat", {"result": "Reached by telephone."})).status == 200
    assert (await api.ask("POST", place, "secretariat", {"result": "Something else."})).status == 409
    assert (await api.ask("GET", "/tasks", "secretariat")).document["tasks"] == []
    assert len((await api.ask("GET", "/tasks?done=all&limit=1", "secretariat")).document["tasks"]) == 1


async def test_the_secretariat_holds_and_frees_all_sending(api: ApiSystem) -> None:
    case = await api.case()
    assert (await api.ask("POST", "/dispatch/pause", "secretariat", {})).pointers == ["/reason"]
    paused = await api.ask("POST", "/dispatch/pause", "secretariat", {"reason": "A wrong list of States."})
    assert paused.document["paused_until"] == "2026-11-20T13:00:00Z"
    assert (await api.ask("GET", f"/cases/{case}")).document["dispatch_paused_until"] == "2026-11-20T13:00:00Z"
    assert (await api.ask("POST", "/dispatch/resume", "secretariat")).document["paused_until"] is None
    assert (await api.ask("GET", f"/cases/{case}")).document["dispatch_paused_until"] is None


async def test_the_states_are_listed_with_the_european_union(api: ApiSystem) -> None:
    states = {s["state"]: s for s in (await api.ask("GET", "/states", "reader")).document["states"]}
    assert len(states) == len(api.ports.registry.states)
    assert states["EU"]["party"] is True
    assert states["US"]["party"] is False
    assert states["KE"]["time_zone"] == "Africa/Nairobi"


async def test_a_contact_is_added_read_changed_and_removed(api: ApiSystem) -> None:
    given = {"state": "KE", "role": "article_17_contact", "office": "New desk", "email": "new@ke.example"}
    made = await api.ask("POST", "/contacts", body=given | {"id": "ke-new", "webhook": {"url": WILLING}})
    assert (made.status, made.headers["Location"]) == (201, "/api/v1/contacts/ke-new")
    read = await api.ask("GET", "/contacts/ke-new")
    changed = read.document | {"telephone": "+254 1"}
    put = await api.ask("PUT", "/contacts/ke-new", body=changed, headers={"If-Match": read.headers["ETag"]})
    assert (put.status, put.document["telephone"], put.headers["ETag"]) == (200, "+254 1", '"2"')
    stale = await api.ask("PUT", "/contacts/ke-new", body=changed, headers={"If-Match": '"1"'})
    assert stale.status == 412
    assert (await api.ask("DELETE", "/contacts/ke-new", headers={"If-Match": '"1"'})).status == 412
    assert (await api.ask("DELETE", "/contacts/ke-new")).status == 204
    assert (await api.ask("GET", "/contacts/ke-new")).status == 404


async def test_every_fault_of_a_contact_is_named(api: ApiSystem) -> None:
    given = {"state": "XX", "role": "chief", "email": "a@b", "webhook": "x", "colour/hue": 1, "order": 0, "duty": "yes"}
    reply = await api.ask("POST", "/contacts", body=given)
    assert reply.status == 422
    expected = {"/office", "/state", "/role", "/email", "/webhook", "/colour~1hue", "/order", "/duty"}
    assert expected - {"/state"} <= set(reply.pointers)
    taken = await api.ask("PUT", "/contacts/ke-a17-1", body={"id": "ke-other"})
    assert taken.pointers == ["/id"]


async def test_a_contact_whose_id_is_taken_is_a_conflict(api: ApiSystem) -> None:
    shown = (await api.ask("GET", "/contacts/ke-a17-1")).document
    assert (await api.ask("POST", "/contacts", body=shown)).status == 409


async def test_an_account_sees_and_touches_its_own_states_contacts_only(api: ApiSystem) -> None:
    listed = (await api.ask("GET", "/contacts", "contact")).document["contacts"]
    assert {contact["state"] for contact in listed} == {"UG"}
    for method, path, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/test", None),
        ("POST", "/webhook", {"url": WILLING}),
    ):
        assert (await api.ask(method, f"/contacts/ke-a17-1{path}", "contact", body)).status == 404
    foreign = {"state": "KE", "role": "article_17_contact", "office": "x", "email": "x@ke.example"}
    assert (await api.ask("POST", "/contacts", "contact", foreign)).status == 403


async def test_the_secretariat_lists_the_contacts_of_all_states_page_by_page(api: ApiSystem) -> None:
    everyone = (await api.ask("GET", "/contacts", "secretariat")).document
    assert everyone["next"] is None
    assert {c.get("state") for c in everyone["contacts"]} == {"KE", "UG", "TZ", None}
    first = (await api.ask("GET", "/contacts?limit=10", "secretariat")).document
    rest = (await api.ask("GET", f"/contacts?before={first['next']}", "secretariat")).document
    assert first["contacts"] + rest["contacts"] == everyone["contacts"]
    kenya = (await api.ask("GET", "/contacts?state=KE", "secretariat")).document["contacts"]
    assert {c["state"] for c in kenya} == {"KE"}
    assert (await api.ask("GET", "/contacts?before=nobody", "secretariat")).status == 400


async def test_a_webhook_is_registered_once_it_answers_its_challenge(api: ApiSystem) -> None:
    refused = await api.ask("POST", "/contacts/ke-a17-1/webhook", body={"url": "https://other.example/"})
    assert refused.status == 422
    assert "echo the challenge" in refused.document["detail"]
    assert (await api.ask("POST", "/contacts/ke-a17-1/webhook", body={"url": "ftp://x"})).pointers == ["/url"]
    assert (await api.ask("POST", "/contacts/ke-a17-1/webhook")).status == 409
    done = await api.ask("POST", "/contacts/ke-a17-1/webhook", body={"url": WILLING})
    assert done.document["secret"].startswith("whsec_")
    shown = (await api.ask("GET", "/contacts/ke-a17-1")).document
    assert shown["webhook"].pop("health")["condition"] == "well"
    assert shown["webhook"] == {"url": WILLING, "verified": True, "format": "standard"}
    assert (await api.ask("POST", "/contacts/ke-a17-1/webhook")).status == 200


async def test_a_second_registration_says_how_long_the_old_secret_still_signs(api: ApiSystem) -> None:
    call = ("POST", "/contacts/ke-a17-1/webhook")
    first = (await api.ask(*call, body={"url": WILLING, "format": "cloudevents"})).document
    assert (first["format"], first["old_secrets_until"]) == ("cloudevents", None)
    second = (await api.ask(*call)).document
    assert (second["format"], second["old_secrets_until"]) == ("cloudevents", "2026-11-21T12:00:00Z")
    assert (await api.ask(*call, body={"old_secret_hours": 168.0})).document[
        "old_secrets_until"
    ] == "2026-11-27T12:00:00Z"
    assert (await api.ask(*call, body={"old_secret_hours": 0})).document["old_secrets_until"] is None
    for wrong in (-1, 169, 1.5, True, "24"):
        assert (await api.ask(*call, body={"old_secret_hours": wrong})).pointers == ["/old_secret_hours"]
    assert (await api.ask(*call, body={"format": "xml"})).pointers == ["/format"]


async def test_the_format_of_a_webhook_is_part_of_its_contact(api: ApiSystem) -> None:
    given = (await api.ask("GET", "/contacts/ke-a17-1")).document
    given["webhook"] = {"url": WILLING, "format": "cloudevents"}
    assert (await api.ask("PUT", "/contacts/ke-a17-1", body=given)).document["webhook"]["format"] == "cloudevents"
    given["webhook"]["format"] = "xml"
    assert (await api.ask("PUT", "/contacts/ke-a17-1", body=given)).pointers == ["/webhook/format"]
    del given["webhook"]
    refused = await api.ask("PUT", "/contacts/ke-a17-1", body=given | {"webhook_format": "standard"})
    assert refused.pointers == ["/webhook_format"]


async def test_a_test_notice_goes_to_the_contact_by_each_of_its_channels(api: ApiSystem) -> None:
    await api.ask("POST", "/contacts/ke-a17-1/webhook", body={"url": WILLING})
    reply = await api.ask("POST", "/contacts/ke-a17-1/test", "own_contact")
    assert (reply.status, reply.document["channels"]) == (202, ["email", "webhook"])
    again = await api.ask("POST", "/contacts/ke-a17-1/test", "own_contact")
    assert again.status == 202
    async with api.ports.database.read() as work:
        queued = await work.deliveries.of_case(SERVICE_CHAIN)
    assert {(d.contact, d.kind, d.notification_id) for d in queued} == {("ke-a17-1", NoticeKind.TEST, None)}
    assert len(queued) == 4


async def test_the_service_says_that_it_lives_and_is_ready(api: ApiSystem) -> None:
    alive = await api.ask("GET", "/healthz", None)
    assert (alive.status, alive.document) == (200, {"status": "ok", "version": "0.1.0"})
    assert (await api.ask("GET", "/readyz", None)).document["ready"] is True


async def test_a_step_a_minute_late_makes_the_service_not_ready(api: ApiSystem) -> None:
    await api.case()
    api.clock.advance(seconds=60)
    assert (await api.ask("GET", "/readyz", None)).status == 200
    api.clock.advance(seconds=1)
    late = await api.ask("GET", "/readyz", None)
    assert (late.status, late.document["lateness_seconds"]) == (503, 61.0)
    assert (await api.ask("GET", "/healthz", None)).status == 200


async def test_a_dead_worker_or_a_stopping_service_is_not_ready(api: ApiSystem) -> None:
    api.is_worker_alive[0] = False
    api.options.closing.set()
    reply = await api.ask("GET", "/readyz", None)
    assert (reply.status, len(reply.document["reasons"])) == (503, 2)


async def test_a_database_that_does_not_answer_makes_the_service_not_ready(api: ApiSystem, tmp_path: Path) -> None:
    await api.ports.database.close()  # type: ignore[attr-defined]
    for path in tmp_path.glob("article17.db*"):
        path.unlink()
    reply = await api.ask("GET", "/readyz", None)
    assert (reply.status, reply.document["reasons"]) == (503, ["the database does not answer"])


async def test_the_metrics_show_what_waits_and_how_late(api: ApiSystem) -> None:
    await api.case()
    api.clock.advance(seconds=timedelta(minutes=2).total_seconds())
    reply = await api.ask("GET", "/metrics", None)
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    assert "article17_outbox_lateness_seconds 120.0" in reply.text
    assert 'article17_outbox_messages{state="due"}' in reply.text


async def test_the_signing_keys_are_published(api: ApiSystem) -> None:
    (key,) = (await api.ask("GET", "/.well-known/article17-keys.json", None)).document["keys"]
    assert key["public_key"].startswith("whpk_")
