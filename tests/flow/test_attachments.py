"""Tells how files are handed in, named in what is said, and read by those alone who may read that."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contacts.model import StateCode
from notify.account import Account, Role
from notify.errors import InvalidDocument, NotFound, ScannerAway
from notify.service import consulting
from notify.service.attaching import read_attachment, store_attachment
from notify.words import AccountId, CaseReference
from tests.builders import network, report_from
from tests.flow.story import START, Story, tell


def account(state: str | None, role: Role = Role.AUTHORITY) -> Account:
    code = StateCode(state) if state else None
    return Account(AccountId(f"acc-{state}-{role}"), f"{state} {role}", role, code, START)


KENYA, UGANDA, TANZANIA, STRANGER = account("KE"), account("UG"), account("TZ"), account("BR")
SECRETARIAT = account(None, Role.SECRETARIAT)
PDF = b"%PDF-1.7 a map of the border strip"
DIGEST = hashlib.sha256(PDF).hexdigest()
NAMED = {"filename": "map.pdf", "media_type": "application/pdf", "sha256": DIGEST}


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 7):
        yield content[start : start + 7]


async def store(story: Story, by: Account, content: bytes = PDF, **changes: Any) -> dict[str, Any]:
    given = {"filename": "map.pdf", "media_type": "application/pdf", "stated_sha256": None} | changes
    return await store_attachment(pieces(content), account=by, ports=story.ports, **given)


async def read(story: Story, by: Account, digest: str = DIGEST) -> bytes:
    readable = await read_attachment(digest, by, story.ports)
    return b"".join([piece async for piece in readable.content])


async def may_read(story: Story, *readers: Account) -> list[bool]:
    """Say of each reader whether it gets the file."""
    found = []
    for reader in readers:
        try:
            found.append(await read(story, reader) == PDF)
        except NotFound:
            found.append(False)
    return found


async def _case(story: Story, **changes: Any) -> CaseReference:
    await story.load(network("KE", "UG", "TZ"))
    async with story.system.database.write() as work:
        for filer in (KENYA, TANZANIA):
            await work.accounts.add(filer)
        await work.commit()
    reference = (await story.submit(report_from("KE", "UG", "TZ", **changes), account=KENYA)).reference
    await story.drain()
    return reference


async def test_a_file_is_read_only_by_who_may_read_something_that_names_it(story: Story) -> None:
    case = await _case(story)
    stored = await store(story, UGANDA)
    assert (stored["sha256"], stored["size"], stored["scan"]) == (DIGEST, len(PDF), "unscanned")
    everybody = (UGANDA, KENYA, TANZANIA, SECRETARIAT, STRANGER)
    assert await may_read(story, *everybody) == [True, False, False, False, False]
    private = {"lane": "private", "text": "See the map", "attachments": [NAMED]}
    await consulting.post_message(case, private, UGANDA, story.ports)
    assert await may_read(story, *everybody) == [True, True, False, False, False]
    await consulting.post_message(case, private | {"lane": "joint"}, UGANDA, story.ports)
    assert await may_read(story, *everybody) == [True, True, True, True, False]


async def test_a_digest_alone_opens_nothing(story: Story) -> None:
    case = await _case(story)
    await store(story, UGANDA)
    guessed = {"lane": "joint", "text": "Look", "attachments": [NAMED]}
    with pytest.raises(InvalidDocument, match="no such file is here"):
        await consulting.post_message(case, guessed, TANZANIA, story.ports)
    report = report_from("TZ", "KE", attachments=[NAMED])
    await story.submit(report, account=TANZANIA, key="key-2")
    assert await may_read(story, TANZANIA, KENYA) == [False, False]


async def test_who_may_read_a_file_may_pass_it_on_and_answers_for_it(story: Story) -> None:
    case = await _case(story)
    await store(story, UGANDA)
    await consulting.post_message(case, {"lane": "private", "attachments": [NAMED]}, UGANDA, story.ports)
    await consulting.post_message(case, {"lane": "joint", "attachments": [NAMED]}, KENYA, story.ports)
    assert await may_read(story, TANZANIA) == [True]


async def test_a_file_of_a_report_follows_the_marks_of_the_report(story: Story) -> None:
    await store(story, KENYA)
    marks = {"/attachments": {"audience": "secretariat", "ground": "article_21_1"}}
    await _case(story, attachments=[NAMED], confidential=marks)
    assert await may_read(story, KENYA, UGANDA, SECRETARIAT, STRANGER) == [True, False, True, False]
    await story.submit(report_from("KE", "UG", attachments=[NAMED]), account=KENYA, key="key-2")
    assert await may_read(story, UGANDA, TANZANIA) == [True, False]


async def test_a_file_of_a_report_may_come_after_it(story: Story) -> None:
    await _case(story, attachments=[NAMED])
    assert await may_read(story, UGANDA) == [False]
    await store(story, KENYA)
    assert await may_read(story, UGANDA) == [True]


async def test_an_answer_and_a_request_name_files_too(story: Story) -> None:
    case = await _case(story)
    await store(story, UGANDA)
    asked = {"lane": "private", "text": "Is this yours?", "attachments": [NAMED]}
    made = await consulting.make_request(case, asked, UGANDA, story.ports)
    assert await may_read(story, KENYA, TANZANIA) == [True, False]
    other = b"id,count\n1,2\n"
    await store(story, KENYA, other, filename="count.csv", media_type="text/csv")
    table = {"filename": "count.csv", "media_type": "text/csv", "sha256": hashlib.sha256(other).hexdigest()}
    answer = {"answer": "answered", "attachments": [table]}
    await consulting.say_to_request(made["id"], answer, KENYA, story.ports)
    assert await read(story, UGANDA, table["sha256"]) == other
    await story.drain()
    assert "count.csv" in story.inbox("a171@ug.example")[-1].text


async def test_names_are_cleaned_and_the_same_bytes_are_kept_once(story: Story, tmp_path: Path) -> None:
    first = await store(story, UGANDA, filename="../../etc/ma\u202ep.pdf")
    assert first["filename"] == "map.pdf"
    again = await store(story, UGANDA, filename="another.pdf")
    assert again == first
    files = [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]
    assert [path.name for path in files] == [DIGEST]


@pytest.mark.parametrize(
    ("content", "changes", "pointer"),
    [
        (b"", {}, ""),
        (b"<html><script>", {"media_type": "text/plain", "filename": "a.txt"}, "/media_type"),
        (PDF, {"media_type": "text/html"}, "/media_type"),
        (PDF, {"filename": None}, "/filename"),
        (PDF, {"stated_sha256": "0" * 64}, "/sha256"),
    ],
)
async def test_what_is_refused_leaves_nothing_behind(
    story: Story, tmp_path: Path, content: bytes, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        await store(story, UGANDA, content, **changes)
    assert pointer in {fault.pointer for fault in refused.value.faults}
    assert [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == []


async def test_a_file_that_is_too_large_is_refused_before_it_has_come_whole(story: Story) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"%PDF-" + b"0" * (1024 * 1024)

    with pytest.raises(InvalidDocument, match="at most 20971520 bytes"):
        await store_attachment(
            endless(),
            filename="map.pdf",
            media_type="application/pdf",
            stated_sha256=None,
            account=UGANDA,
            ports=story.ports,
        )
    assert taken <= 21


SCANNERS = {"clean": "exit 0", "infected": "exit 1", "broken": "exit 2"}


@pytest.mark.parametrize("verdict", SCANNERS)
async def test_the_scanner_is_asked_before_a_file_is_kept(tmp_path: Path, verdict: str) -> None:
    script = tmp_path / "scan"
    script.write_text(f'#!/bin/sh\ngrep -q "a map" "$1" || exit 3\n{SCANNERS[verdict]}\n', encoding="utf-8")
    script.chmod(0o755)
    settings = {"ARTICLE17_ATTACHMENTS_SCAN_COMMAND": str(script)}
    url = f"sqlite+aiosqlite:///{tmp_path}/article17.sqlite"
    async with tell(url, tmp_path, settings=settings) as story:
        if verdict == "clean":
            assert (await store(story, UGANDA))["scan"] == "clean"
            assert await read(story, UGANDA) == PDF
            return
        with pytest.raises(InvalidDocument if verdict == "infected" else ScannerAway):
            await store(story, UGANDA)
        with pytest.raises(NotFound):
            await read(story, UGANDA)
    assert [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == []


async def test_a_scanner_that_cannot_be_run_lets_no_file_in(tmp_path: Path) -> None:
    settings = {"ARTICLE17_ATTACHMENTS_SCAN_COMMAND": str(tmp_path / "missing")}
    async with tell(f"sqlite+aiosqlite:///{tmp_path}/article17.sqlite", tmp_path, settings=settings) as story:
        with pytest.raises(ScannerAway):
            await store(story, UGANDA)
