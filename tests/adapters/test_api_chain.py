"""The life of a case through the API alone: later reports, what changed, twins, the close, the reopening."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.api_system import ApiSystem, Reply, api_system
from tests.builders import report_from

REASON = {"en": "As it is known now."}
INSTRUCTION = {
    "filename": "instruction.pdf",
    "media_type": "application/pdf",
    "sha256": "a" * 64,
    "description": "Instruction of the Authority of KE",
}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    async with api_system(tmp_path) as opened:
        yield opened


async def follow(
    api: ApiSystem,
    case: str,
    kind: str,
    caller: str = "authority",
    *,
    headers: dict[str, str] | None = None,
    **stated: Any,
) -> Reply:
    given = {"Idempotency-Key": f"follow-{next(api.keys)}"} | (headers or {})
    document = {"type": kind, "reason": REASON} | stated
    return await api.ask("POST", f"/cases/{case}/reports", caller, document, headers=given)


async def acknowledge(api: ApiSystem, case: str, caller: str = "addressee", **answer: str) -> None:
    body = {"grade": "received", "by": "A. Officer", "office": "Desk"} | answer
    path = f"/notifications/{await api.notification_of(case)}/acknowledgements"
    assert (await api.ask("POST", path, caller, body)).status == 200


async def test_a_later_report_is_numbered_told_and_shown_with_what_it_changed(api: ApiSystem) -> None:
    case = await api.case("UG", "TZ")
    reply = await follow(api, case, "complement", quantity={"text": {"en": "two sacks"}})
    assert reply.status == 201, reply.text
    assert reply.headers["Location"] == f"/api/v1/cases/{case}"
    added = reply.document
    assert (added["sequence"], added["material"], added["twin"]) == (2, False, None)
    assert added["differences"] == [{"change": "added", "pointer": "/quantity", "after": {"text": {"en": "two sacks"}}}]
    assert {told["state"]: told["contacts"] for told in added["notifications"] if told["state"]} == {"UG": 1, "TZ": 1}
    seen = (await api.ask("GET", f"/cases/{case}")).document
    assert [one["type"] for one in seen["reports"]] == ["initial", "complement"]
    assert seen["reports"][1]["report"]["quantity"] == seen["known"]["report"]["quantity"]
    assert "quantity" not in seen["reports"][0]["report"]


async def test_the_same_key_gives_the_same_report(api: ApiSystem) -> None:
    case = await api.case()
    key = {"Idempotency-Key": "one"}
    first = await follow(api, case, "no_change", headers=key)
    again = await follow(api, case, "no_change", headers=key)
    other = await follow(api, case, "complement", headers=key, monitoring={"en": "daily"})
    elsewhere = await follow(api, await api.case(), "no_change", headers=key)
    assert [r.status for r in (first, again, other, elsewhere)] == [201, 200, 409, 409]
    assert first.document["sequence"] == again.document["sequence"] == 2


async def test_a_report_without_a_key_is_refused(api: ApiSystem) -> None:
    reply = await api.ask("POST", f"/cases/{await api.case()}/reports", body={"type": "no_change", "reason": REASON})
    assert reply.status == 400 and "Idempotency-Key" in reply.document["detail"]


async def test_if_match_keeps_two_officers_from_writing_over_each_other(api: ApiSystem) -> None:
    case = await api.case()
    etag = (await api.ask("GET", f"/cases/{case}")).headers["ETag"]
    first = await follow(api, case, "no_change", headers={"If-Match": etag})
    second = await follow(api, case, "complement", headers={"If-Match": etag}, monitoring={"en": "daily"})
    assert (first.status, second.status) == (201, 412)
    assert first.headers["ETag"] != etag
    third = await follow(api, case, "complement", headers={"If-Match": first.headers["ETag"]}, monitoring={"en": "x"})
    assert third.status == 201


async def test_every_fault_of_a_later_report_is_named(api: ApiSystem) -> None:
    case = await api.case()
    reply = await follow(api, case, "complement", reason="", release={"ongoing": "never"}, colour="blue")
    assert reply.status == 422
    assert {"/release/ongoing", "/colour"} <= set(reply.pointers)
    assert (await follow(api, case, "initial")).status == 409


async def test_an_addressee_reads_of_the_chain_what_is_for_it_and_no_more(api: ApiSystem) -> None:
    case = await api.case()
    mark = {"/quantity": {"audience": "secretariat", "ground": "article_21_1"}}
    await follow(api, case, "complement", quantity={"text": {"en": "SECRET"}}, confidential=mark)
    own = await api.ask("GET", f"/cases/{case}")
    assert "SECRET" in own.text
    for path in ("", "/timeline", "/notifications", "/cap.xml"):
        theirs = await api.ask("GET", f"/cases/{case}{path}", "contact")
        assert theirs.status == 200 and "SECRET" not in theirs.text, path
    chain = (await api.ask("GET", f"/cases/{case}", "addressee")).document
    assert chain["known"]["withheld"] == ["/quantity"] == chain["reports"][1]["withheld"]
    assert chain["reports"][1]["differences"] == []


async def test_the_secretariat_follows_up_on_an_attached_instruction_alone(api: ApiSystem) -> None:
    case = await api.case()
    refused = await follow(api, case, "complement", "secretariat", monitoring={"en": "daily"})
    assert refused.status == 422 and refused.pointers == ["/attachments"]
    taken = await follow(api, case, "complement", "secretariat", monitoring={"en": "daily"}, attachments=[INSTRUCTION])
    assert taken.status == 201, taken.text


async def test_a_preview_of_a_later_report_changes_nothing(api: ApiSystem) -> None:
    case = await api.case()
    both = report_from("KE", "UG", "TZ")["affected_states"]
    document = {"type": "correction", "reason": REASON, "affected_states": both}
    reply = await api.ask("POST", f"/cases/{case}/reports/preview", body=document)
    view = reply.document
    assert (view["material"], [one["state"] for one in view["notifications"]]) == (True, ["TZ"])
    assert any("shares" in reason for one in view["suggestions"] for reason in one["reasons"])
    assert len((await api.ask("GET", f"/cases/{case}")).document["reports"]) == 1


async def test_a_reclassification_to_an_illegal_movement_answers_with_its_twin(api: ApiSystem) -> None:
    case = await api.case()
    added = await follow(
        api, case, "reclassification", notification_class="illegal_movement", illegal_status="established"
    )
    twin = added.document["twin"]
    other = (await api.ask("GET", f"/cases/{twin}", "addressee")).document
    assert other["twin"] == case and other["notification_class"] == "illegal_movement"


async def test_suggestions_come_with_reasons_and_add_nobody(api: ApiSystem) -> None:
    report = report_from("KE", "UG", release={"state": "KE", "date": {"value": "2026-11", "precision": "month"}})
    preview = (await api.ask("POST", "/cases/preview", body=report)).document
    states = {one["state"]: one for one in preview["suggestions"] if one["state"]}
    assert {"TZ", "ET", "SO", "SS"} <= states.keys() and "UG" not in states
    assert "shares a land border" in states["ET"]["reasons"][0]
    submitted = (await api.file(report)).document
    assert {one["state"] for one in submitted["notifications"] if one["state"]} == {"UG"}
    assert submitted["suggestions"] == preview["suggestions"]


async def test_a_withdrawn_case_takes_receipts_and_nothing_else(api: ApiSystem) -> None:
    case = await api.case()
    assert (await follow(api, case, "withdrawal")).document["status"] == "withdrawn"
    assert (await follow(api, case, "complement", monitoring={"en": "daily"})).status == 409
    await acknowledge(api, case)
    path = f"/notifications/{await api.notification_of(case)}/acknowledgements"
    assessed = {"grade": "assessed", "assessment": "affected", "by": "A. Officer", "office": "Desk"}
    assert (await api.ask("POST", path, "addressee", assessed)).status == 409


async def test_a_case_closes_and_reopens(api: ApiSystem) -> None:
    case = await api.case()
    early = await api.ask("POST", f"/cases/{case}/closure", body={})
    assert early.status == 409 and "final report" in early.document["detail"]
    await acknowledge(api, case)
    await follow(api, case, "final", lessons={"en": "look earlier"})
    announced = (await api.ask("POST", f"/cases/{case}/closure")).document
    assert [one["state"] for one in announced["states"]] == ["UG"] and announced["result"] is None
    answer = {"answer": "objects", "by": "A. Officer", "office": "Desk", "reason": "still found"}
    said = await api.ask("POST", f"/cases/{case}/closure/answers", "contact", answer)
    assert said.document["states"][0]["answer"] == "objects"
    assert (await api.ask("GET", f"/cases/{case}", "addressee")).document["closing"]["states"][0]["means"] == "api"
    early = await api.ask("POST", f"/cases/{case}/reopening", body={"evidence": "more"})
    assert early.status == 409


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"evidence": "x"}, ["/instruction"]),
        ({"evidence": "x", "instruction": "yes"}, ["/instruction"]),
        ({"evidence": "x", "instruction": {"office": " "}}, ["/instruction/office"]),
        ({"evidence": "x", "instruction": {"office": "CNA", "attachment": "zz"}}, ["/instruction/attachment"]),
        ({"evidence": "x", "instruction": {"office": "CNA", "by": "me"}}, ["/instruction/by"]),
        ({"evidence": "x", "instruction": {"office": "CNA"}, "more": 1}, ["/more"]),
        ({"evidence": " "}, ["/evidence"]),
    ],
)
async def test_what_is_wrong_with_an_instruction_is_named(api: ApiSystem, body: Any, pointers: list[str]) -> None:
    reply = await api.ask("POST", f"/cases/{await api.case()}/reopening", "secretariat", body)
    assert (reply.status, reply.pointers) == (422, pointers)
