"""Confidentiality pair by pair: the token of each role against each lane, document and file of a case."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from notify.service.access import whose_token
from notify.service.feed import read_feed
from tests.adapters.api_system import ApiSystem, Reply, api_system
from tests.builders import report_from

NAMES = {"by": "A. Officer", "office": "Desk"}
# KE reports and UG and TZ are told; BR has no part. Each of these speaks one secret word in its place.
CALLERS = ("authority", "addressee", "contact", "second", "stranger", "own_contact", "bch_focal_point", "secretariat",
           "reader")  # fmt: skip
OF_UGANDA = {"authority", "addressee", "contact"}
OF_THE_CASE = OF_UGANDA | {"second"}
JOINT = OF_THE_CASE | {"bch_focal_point", "secretariat"}
READABLE_BY: dict[str, set[str]] = {
    "word-joint": JOINT,
    "word-joint-request": JOINT,
    "word-joint-answer": JOINT,
    "word-joint-conclusion": JOINT,
    "word-private": OF_UGANDA,
    "word-private-request": OF_UGANDA,
    "word-private-answer": OF_UGANDA,
    "word-private-conclusion": OF_UGANDA,
    "word-private-position": OF_UGANDA,
    "word-second": {"authority", "second"},
    "word-measure-all": JOINT,
    "word-measure-named": OF_UGANDA,
    "word-measure-own": {"addressee", "contact"},
    "word-marked": {"authority", "bch_focal_point", "secretariat"},
}
FILES = {"joint": JOINT, "private": OF_UGANDA, "report": OF_THE_CASE | {"bch_focal_point", "secretariat"},
         "marked": {"authority", "secretariat", "bch_focal_point"}, "unnamed": {"addressee"}}  # fmt: skip
ADDRESSES = ("", "/timeline", "/notifications", "/consultation", "/measures", "/measures/timeline", "/assessments",
             "/record", "/cap.xml")  # fmt: skip


def content(name: str) -> bytes:
    return f"%PDF-1.7 {name}".encode()


def named(name: str) -> dict[str, str]:
    digest = hashlib.sha256(content(name)).hexdigest()
    return {"filename": f"{name}.pdf", "media_type": "application/pdf", "sha256": digest}


async def said(reply: Reply) -> Any:
    assert reply.status in (200, 201), reply.text
    return reply.document


async def upload(api: ApiSystem, name: str, caller: str) -> None:
    address = f"/attachments?filename={name}.pdf"
    headers = {"Content-Type": "application/pdf"}
    await said(await api.ask("POST", address, caller, headers=headers, data=content(name)))


async def speak(api: ApiSystem, caller: str, path: str, document: dict[str, Any]) -> Any:
    return await said(await api.ask("POST", path, caller, document))


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    async with api_system(tmp_path) as opened:
        yield opened


async def play(api: ApiSystem) -> str:
    """Let every State speak in every place it has; give the case."""
    await api.new_caller("second", "authority", "TZ")
    for name in ("report", "marked"):
        await upload(api, name, "authority")
    for name in ("joint", "private", "unnamed"):
        await upload(api, name, "addressee")
    report = report_from("KE", "UG", "TZ", attachments=[named("report")], quantity={"text": {"en": "word-marked"}})
    report["confidential"] = {"/quantity": {"audience": "secretariat", "ground": "article_21_1"}}
    case = str((await said(await api.file(report)))["reference"])
    marked = report_from("KE", "UG", "TZ", attachments=[named("marked")])
    marked["confidential"] = {"/attachments": {"audience": "secretariat", "ground": "article_21_1"}}
    await said(await api.file(marked))
    at, private = f"/cases/{case}", {"lane": "private", "state": "UG"}
    for lane in ("joint", "private"):
        of = {"lane": lane}
        message = of | {"text": f"word-{lane}", "attachments": [named(lane)]}
        await speak(api, "addressee", f"{at}/messages", message)
        asked = await speak(api, "contact", f"{at}/requests", of | {"text": f"word-{lane}-request"})
        answer = {"answer": "answered", "text": f"word-{lane}-answer"}
        await speak(api, "authority", f"/requests/{asked['id']}/answers", answer)
        made = await speak(api, "addressee", f"{at}/conclusions", of | NAMES | {"text": f"word-{lane}-conclusion"})
    dissent = NAMES | {"stand": "dissents", "reason": "word-private-position"}
    await speak(api, "authority", f"/conclusions/{made['id']}/positions", dissent)
    await speak(api, "authority", f"{at}/messages", private | {"state": "TZ", "text": "word-second"})
    for name, visible_to in (("all", "all"), ("named", ["KE"]), ("own", [])):
        measure = {"type": "recall", "status": "planned", "actor": f"word-measure-{name}", "visible_to": visible_to}
        await speak(api, "addressee", f"{at}/measures", measure)
    return case


async def everything(api: ApiSystem, case: str, caller: str) -> str:
    """Read every address of a case, and the stream of events from its beginning."""
    replies = [await api.ask("GET", f"/cases/{case}{address}", caller) for address in ADDRESSES]
    return "\n".join(reply.text for reply in replies if reply.status == 200)


async def test_each_role_reads_each_word_that_is_for_it_and_no_other(api: ApiSystem) -> None:
    case = await play(api)
    for caller in CALLERS:
        read = await everything(api, case, caller)
        found = {word for word in READABLE_BY if f'"{word}"' in read}
        assert found == {word for word, readers in READABLE_BY.items() if caller in readers}, caller


async def test_each_role_gets_each_file_that_is_for_it_and_no_other(api: ApiSystem) -> None:
    await play(api)
    for name, readers in FILES.items():
        for caller in CALLERS:
            reply = await api.ask("GET", f"/attachments/{named(name)['sha256']}", caller)
            assert reply.status == (200 if caller in readers else 404), (name, caller)
            if caller in readers:
                assert reply.text.encode() == content(name)
        assert (await api.ask("GET", f"/attachments/{named(name)['sha256']}", None)).status == 401


async def test_the_secretariat_sees_of_a_private_lane_that_and_when_and_nothing_else(api: ApiSystem) -> None:
    case = await play(api)
    shown = (await api.ask("GET", f"/cases/{case}/consultation", "secretariat")).document
    private = [entry for entry in shown["entries"] if entry["lane"].startswith("private/")]
    assert {entry["lane"] for entry in private} == {"private/UG", "private/TZ"}
    for entry in private:
        said_of_it = {name for name, value in entry.items() if value not in (None, [])}
        assert said_of_it == {"lane", "at"}
    assert all(one["lane"] == "joint" for one in (*shown["requests"], *shown["conclusions"]))
    assert not any(lane["may_write"] for lane in shown["lanes"])


async def test_other_states_do_not_learn_of_a_private_lane(api: ApiSystem) -> None:
    case = await play(api)
    for caller in ("second", "bch_focal_point"):
        assert "private/UG" not in await everything(api, case, caller), caller


async def test_the_stream_of_events_shows_no_more_than_the_timeline(api: ApiSystem) -> None:
    case = await play(api)
    for caller in ("second", "secretariat", "addressee"):
        timeline = (await api.ask("GET", f"/cases/{case}/timeline", caller)).document["entries"]
        known = {entry["hash"] for entry in timeline}
        account = await whose_token(api.tokens[caller], api.ports)
        assert account is not None
        events = [e for e in (await read_feed(0, account, api.ports)).events if e["case_reference"] == case]
        assert {event["hash"] for event in events} == known, caller
        assert {e["hash"]: e["body"] for e in events} == {e["hash"]: e["body"] for e in timeline}, caller


@pytest.mark.parametrize("caller", ["stranger", "own_contact", "reader"])
async def test_a_case_that_one_may_not_read_looks_like_one_that_is_not_there(api: ApiSystem, caller: str) -> None:
    case = await play(api)
    for address in ("/consultation", "/measures", "/measures/timeline", "/assessments"):
        hidden = await api.ask("GET", f"/cases/{case}{address}", caller)
        absent = await api.ask("GET", f"/cases/A17-2026-9999{address}", caller)
        assert (hidden.status, absent.status) == (404, 404)
        assert hidden.text.replace(case, "A17-2026-9999") == absent.text


@pytest.mark.parametrize("caller", ["stranger", "second", "own_contact"])
async def test_what_one_may_not_read_cannot_be_answered_and_looks_as_if_it_were_not_there(
    api: ApiSystem, caller: str
) -> None:
    case = await play(api)
    mine = (await api.ask("GET", f"/cases/{case}/consultation", "addressee")).document
    private = next(one["id"] for one in mine["requests"] if one["lane"] == "private/UG")
    conclusion = next(one["id"] for one in mine["conclusions"] if one["lane"] == "private/UG")
    answer, position = {"answer": "answered", "text": "I know"}, NAMES | {"stand": "agrees"}
    for path, document in (
        (f"/requests/{private}/answers", answer),
        (f"/conclusions/{conclusion}/positions", position),
    ):
        hidden = await api.ask("POST", path, caller, document)
        absent = await api.ask("POST", path.replace(private, "req_0").replace(conclusion, "con_0"), caller, document)
        assert hidden.status == absent.status == 404
        assert hidden.text == absent.text
    measures = (await api.ask("GET", f"/cases/{case}/measures", "addressee")).document["measures"]
    own = next(one["id"] for one in measures if one["visible_to"] == [])
    changed = await api.ask("POST", f"/cases/{case}/measures/{own}/status", caller, {"status": "completed"})
    assert changed.status == 404


async def test_an_inquiry_is_known_to_who_asks_who_is_asked_and_the_secretariat(api: ApiSystem) -> None:
    await api.new_caller("second", "authority", "TZ")
    asked = {"title": {"en": "Signs"}, "asked": "KE", "signs": "word-inquiry", "attachments": [named("inquiry")],
             "contact_for_information": {"office": "Laboratory", "email": "lab@ug.example"}}  # fmt: skip
    await upload(api, "inquiry", "addressee")
    made = await speak(api, "addressee", "/inquiries", asked)
    assert made["reference"] == "INQ17-2026-0001"
    knows = {"addressee", "contact", "authority", "own_contact", "secretariat"}
    for caller in CALLERS:
        reply = await api.ask("GET", f"/inquiries/{made['reference']}", caller)
        forbidden = 403 if caller in ("bch_focal_point", "reader") else 404
        assert reply.status == (200 if caller in knows else forbidden), caller
        file = await api.ask("GET", f"/attachments/{named('inquiry')['sha256']}", caller)
        assert file.status == (200 if caller in knows else 404), caller
        if caller in knows | {"stranger", "second"}:
            listed = (await api.ask("GET", "/inquiries", caller)).document["inquiries"]
            assert len(listed) == (1 if caller in knows else 0), caller


async def test_a_file_is_given_to_be_saved_and_never_to_be_run(api: ApiSystem) -> None:
    await play(api)
    odd = 'Größe "x".pdf'
    bytes_of_it = content("odd")
    headers = {"Content-Type": "application/pdf"}
    sent = api.ask("POST", "/attachments", "addressee", headers=headers, data=bytes_of_it, params={"filename": odd})
    await said(await sent)
    reply = await api.ask("GET", f"/attachments/{named('odd')['sha256'].upper()}", "addressee")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/pdf"
    assert reply.headers["Content-Disposition"] == (
        "attachment; filename=\"Gr__e _x_.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20_x_.pdf"
    )
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    head = await api.ask("HEAD", f"/attachments/{named('odd')['sha256']}", "addressee")
    assert (head.status, head.headers["Content-Length"], head.text) == (200, str(len(bytes_of_it)), "")


@pytest.mark.parametrize(
    ("query", "content_type", "data", "status"),
    [
        ("filename=a.pdf", "text/html", b"%PDF-", 415),
        ("filename=a.pdf", "application/pdf", b"no pdf", 422),
        ("filename=a.pdf", "application/pdf", b"", 422),
        ("", "application/pdf", b"%PDF-", 422),
        ("filename=a.pdf&other=1", "application/pdf", b"%PDF-", 400),
        ("filename=a.pdf&sha256=" + "0" * 64, "application/pdf", b"%PDF-", 422),
        ("filename=a.pdf", "application/pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024), 413),
    ],
)
async def test_a_file_that_may_not_be_attached_is_refused(
    api: ApiSystem, query: str, content_type: str, data: bytes, status: int
) -> None:
    headers = {"Content-Type": content_type}
    reply = await api.ask("POST", f"/attachments?{query}", "addressee", headers=headers, data=io.BytesIO(data))
    assert reply.status == status, reply.text
    assert reply.headers["Content-Type"].startswith("application/problem+json")
