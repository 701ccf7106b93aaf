"""Whatever is sent: a case, or a problem document that names what is wrong; never half a case."""

from __future__ import annotations

import asyncio
import copy
import gzip
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.api.bodies import DEEPEST, LARGEST_BODY, parse
from adapters.api.limits import Buckets
from adapters.api.problems import BadRequest, TooManyRequests
from tests.adapters.api_system import ApiSystem, Reply, api_system
from tests.builders import example, report_from

STORED = ("case_file", "report", "notification", "deadline", "delivery", "task", "record", "idempotency", "case_log",
          "outbox")  # fmt: skip
JSON_HEADERS = {"Content-Type": "application/json"}

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    async with api_system(tmp_path) as opened:
        yield opened


def _places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in _places(child, (*path, key)))]


@st.composite
def sound_reports(draw: st.DrawFn) -> Any:
    """Take a real report, leave out what nobody needs to say, and write other words where words are free."""
    report = copy.deepcopy(draw(st.sampled_from([example("papaya-okinawa-2011"), example("llrice601-2006")])))
    report = report | {"reporting_state": "KE"}
    for name in draw(st.sets(st.sampled_from(["quantity", "lmo_use", "effects", "detection", "measures", "findings"]))):
        report.pop(name, None)
    return report | {"other_information": {"en": draw(st.text(min_size=1))}}


@st.composite
def spoilt_reports(draw: st.DrawFn) -> Any:
    """Take a real report and put any JSON in some of its places, or take the places out."""
    report = copy.deepcopy(draw(st.sampled_from([report_from("KE", "UG"), example("papaya-okinawa-2011")])))
    for place in draw(st.lists(st.sampled_from(_places(report)[1:]), max_size=3)):
        holder = report
        try:
            for step in place[:-1]:
                holder = holder[step]
            if draw(st.booleans()):
                holder[place[-1]] = draw(ANY_JSON)
            else:
                del holder[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    return report


def _check_problem(reply: Reply) -> None:
    assert reply.status in (400, 403, 422), reply.text
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    problem = reply.document
    assert problem["status"] == reply.status
    assert problem["detail"]
    if reply.status == 422:
        assert all(error["detail"] and isinstance(error["pointer"], str) for error in problem["errors"])
        assert problem["errors"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(report=sound_reports() | spoilt_reports() | ANY_JSON)
async def test_any_json_gives_a_case_or_a_problem_that_names_what_is_wrong(api: ApiSystem, report: Any) -> None:
    # The brake lets ten cases an hour through.
    api.clock.advance(minutes=7)
    before = await api.count(*STORED)
    body = json.dumps(report).encode()
    reply = await api.ask(
        "POST",
        "/cases",
        headers={"Idempotency-Key": f"any-{next(api.keys)}", **JSON_HEADERS},
        data=body,
    )
    after = await api.count(*STORED)
    if reply.status == 201:
        assert {name: after[name] - before[name] for name in ("case_file", "report", "idempotency")} == {
            "case_file": 1,
            "report": 1,
            "idempotency": 1,
        }
    else:
        _check_problem(reply)
        assert after == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=ANY_JSON)
@pytest.mark.parametrize(
    ("path", "caller"),
    [
        ("/cases/preview", "authority"),
        ("/drafts", "authority"),
        ("/contacts", "authority"),
        ("/notifications/{notification}/acknowledgements", "contact"),
        ("/tasks/nothing/result", "secretariat"),
        ("/dispatch/pause", "secretariat"),
        ("/contacts/ke-a17-1/webhook", "authority"),
    ],
)
async def test_no_call_falls_over_any_json(api: ApiSystem, path: str, caller: str, document: Any) -> None:
    if "{notification}" in path:
        api.clock.advance(minutes=7)
        path = path.format(notification=await api.notification_of(await api.case()))
    reply = await api.ask("POST", path, caller, headers=JSON_HEADERS, data=json.dumps(document).encode())
    assert reply.status < 500, reply.text
    if reply.status >= 400:
        assert reply.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b'{"title": "Ri', "is no JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"type": "initial", "type": "final"}', "“type” twice"),
        (b'{"a": {"b\\u0000": 1, "b\\u0000": 2}}', "twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "1e999"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too long"),
        (b"[" * 100_000, "nested"),
        (b"[" * 500 + b"]" * 500, "nested"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "nested"),
    ],
)
async def test_a_body_that_is_no_sound_json_is_refused_with_the_reason(api: ApiSystem, body: bytes, says: str) -> None:
    headers = {"Idempotency-Key": "x", **JSON_HEADERS}
    reply = await api.ask("POST", "/cases", headers=headers, data=body)
    assert reply.status == 400
    assert says in reply.document["detail"]
    assert (await api.count("case_file"))["case_file"] == 0


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse(b"[" * DEEPEST + b"1" + b"]" * DEEPEST)
    with pytest.raises(BadRequest, match="nested"):
        parse(b"[" * (DEEPEST + 2) + b"1" + b"]" * (DEEPEST + 2))


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_over_the_limit_is_refused(api: ApiSystem, chunked: bool) -> None:
    body = b'{"a": "' + b"x" * LARGEST_BODY + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    headers = {"Idempotency-Key": "x", **JSON_HEADERS}
    reply = await api.ask("POST", "/cases", headers=headers, data=pieces() if chunked else io.BytesIO(body))
    assert (reply.status, reply.document["status"]) == (413, 413)


async def test_a_small_body_that_unpacks_to_a_large_one_is_refused(api: ApiSystem) -> None:
    packed = gzip.compress(b" " * (20 * LARGEST_BODY))
    headers = {"Idempotency-Key": "x", "Content-Encoding": "gzip", **JSON_HEADERS}
    assert (await api.ask("POST", "/cases", headers=headers, data=packed)).status == 413


async def test_a_body_of_exactly_the_limit_is_read(api: ApiSystem) -> None:
    body = json.dumps(report_from("KE", "UG")).encode()
    headers = {"Idempotency-Key": "x", **JSON_HEADERS}
    reply = await api.ask("POST", "/cases", headers=headers, data=body + b" " * (LARGEST_BODY - len(body)))
    assert reply.status == 201


async def test_a_connection_that_ends_within_the_body_leaves_no_case(api: ApiSystem) -> None:
    body = json.dumps(report_from("KE", "UG")).encode()
    head = (
        "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: x\r\n"
        f"Authorization: Bearer {api.tokens['authority']}\r\nContent-Length: {len(body) + 1}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(api.client.host, api.client.port)
    writer.write(head.encode() + body)
    await writer.drain()
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    assert b" 201 " not in answer
    assert (await api.count("case_file"))["case_file"] == 0


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_body_that_is_not_called_json_is_refused(api: ApiSystem, media_type: str) -> None:
    headers = {"Idempotency-Key": "x", "Content-Type": media_type}
    assert (await api.ask("POST", "/cases", headers=headers, data=b"{}")).status == 415


async def test_text_in_any_script_arrives_intact(api: ApiSystem) -> None:
    title = {"en": "A‮b 😀", "ar": "تسرب بذور", "zh": "种子泄漏", "ru": "Утечка семян"}
    case = (await api.file(report_from("KE", "UG", title=title))).document["reference"]
    shown = await api.ask("GET", f"/cases/{case}")
    assert shown.document["title"] == title
    assert "种子泄漏" in shown.text


async def test_half_a_character_is_named_and_told_back_safely(api: ApiSystem) -> None:
    headers = {"Idempotency-Key": "x", **JSON_HEADERS}
    reply = await api.ask("POST", "/cases", headers=headers, data=b'{"type": "\\ud800", "\\udfff": 1}')
    assert reply.status == 422
    assert "/type" in reply.pointers


async def test_posts_of_one_account_are_limited_and_reading_is_not(tmp_path: Path) -> None:
    async with api_system(tmp_path, posts_a_minute=3, ticks=lambda: 0.0) as api:
        preview = report_from("KE", "UG")
        statuses = [(await api.ask("POST", "/cases/preview", body=preview)).status for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        limited = await api.ask("POST", "/cases/preview", body=preview)
        assert limited.headers["Retry-After"] == "20"
        assert (await api.ask("GET", "/cases")).status == 200
        assert (await api.ask("POST", "/drafts", "addressee", {})).status == 201


async def test_unknown_tokens_are_limited_and_known_ones_from_there_are_not(tmp_path: Path) -> None:
    async with api_system(tmp_path, unknown_tokens_a_minute=2, ticks=lambda: 0.0) as api:
        guess = {"Authorization": "Bearer a17_guess"}
        statuses = [(await api.ask("GET", "/cases", None, headers=guess)).status for _ in range(3)]
        assert statuses == [401, 401, 429]
        assert (await api.ask("GET", "/cases")).status == 200
        assert (await api.ask("GET", "/cases", None)).status == 401


def test_a_bucket_fills_again_with_time() -> None:
    now = [0.0]
    buckets = Buckets(60, lambda: now[0])
    for _ in range(60):
        buckets.take("a")
    with pytest.raises(TooManyRequests):
        buckets.take("a")
    now[0] = 1.0
    buckets.take("a")
    with pytest.raises(TooManyRequests) as refused:
        buckets.take("a")
    assert refused.value.seconds == 1
