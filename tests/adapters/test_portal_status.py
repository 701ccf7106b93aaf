"""The status page, the caught mails of development, and what the access log may know."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.portal.access_log import MaskedAccessLogger, masked
from notify.rows import PauseRow
from notify.words import AccountId
from tests.adapters.portal_system import START, portal_system, rice_report


async def test_the_status_page_says_what_this_is_and_nothing_of_any_case(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        await system.file(rice_report())
        status, text = await system.get("/")
    assert status == 200
    assert "Sending is not paused." in text
    assert 'href="api/docs"' in text
    assert 'href="healthz"' in text
    assert [fact for fact in ("LLRICE", "A17-", "United States", "dev/mails") if fact in text] == []


async def test_the_status_page_says_until_when_sending_is_paused_and_not_why(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        async with system.database.write() as work:
            await work.brake.put(PauseRow(START + timedelta(hours=1), AccountId("operator"), "a secret reason"))
            await work.commit()
        _, paused = await system.get("/")
        system.clock.advance(hours=1)
        _, over = await system.get("/")
    assert "Sending is paused until Friday, 20 November 2026, 13:00 UTC." in paused
    assert "secret" not in paused
    assert "Sending is not paused." in over


def mail(subject: str, to: str) -> tuple[str, bytes, datetime]:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "service@article17.example", to, subject
    message.set_content("Acknowledge here: https://article17.example/a/abc\n")
    message.add_alternative('<p style="color:red">Hello<script>x</script></p>', subtype="html")
    message.add_attachment(b"{}", maintype="application", subtype="json", filename="report.json")
    return to, message.as_bytes(), START


async def test_caught_mails_are_listed_newest_first(tmp_path: Path) -> None:
    mails = [mail("First <b>", "one@x.example"), mail("Second: أرز", "two@x.example")]
    async with portal_system(tmp_path, mails=mails) as system:
        status, text = await system.get("/dev/mails")
    assert status == 200
    assert text.index("Second: أرز") < text.index("First &lt;b&gt;")
    assert "two@x.example" in text
    assert 'href="../dev/mails/2"' in text


async def test_a_caught_mail_is_readable_in_every_part(tmp_path: Path) -> None:
    async with portal_system(tmp_path, mails=[mail("First", "one@x.example")]) as system:
        _, text = await system.get("/dev/mails/1")
        assert '<a href="https://article17.example/a/abc"' in text
        assert "report.json (application/json, 2 B)" in text
        assert "<script" not in text
        async with system.client.get("/dev/mails/1/html") as response:
            assert "<script>" in await response.text()
            assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
            assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
        async with system.client.get("/dev/mails/1/source") as response:
            assert response.content_type == "text/plain"
            assert "Content-Type: multipart/mixed" in await response.text()


@pytest.mark.parametrize("number", ["0", "2", "-1", "999999999", "x"])
async def test_a_mail_that_was_not_caught_is_not_found(tmp_path: Path, number: str) -> None:
    async with portal_system(tmp_path, mails=[mail("First", "one@x.example")]) as system:
        assert (await system.get(f"/dev/mails/{number}"))[0] == 404


async def test_without_a_catcher_there_are_no_mails_to_read(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        assert {(await system.get(f"/dev/mails{rest}"))[0] for rest in ("", "/1", "/1/source")} == {404}


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/a/secrettoken", "/a/***"),
        ("/a/secret/token", "/a/***"),
        ("/%61/secrettoken", "/%61/***"),
        ("//a/secrettoken", "//a/***"),
        ("/a%2Fsecrettoken", "/a%2F***"),
        ("/a/", "/a/"),
        ("/", "/"),
        ("/api/v1/cases/A17-2026-0001", "/api/v1/cases/A17-2026-0001"),
    ],
)
def test_the_token_of_a_link_is_masked(path: str, logged: str) -> None:
    assert masked(path) == logged


async def test_the_access_log_holds_no_token_no_query_and_no_authorization(caplog: pytest.LogCaptureFixture) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.add_routes([web.get("/{path:.*}", answer)])
    server = TestServer(app)
    with caplog.at_level(logging.INFO):
        await server.start_server(access_log_class=MaskedAccessLogger)
        async with TestClient(server) as client:
            headers = {"Authorization": "Bearer a17_secretbearer", "Referer": "https://x.example/secretreferer"}
            await client.get("/a/secrettoken?done=secretquery", headers=headers)
            await client.get("/api/v1/cases%0Aforged?since=secretquery", headers=headers)
    assert "secret" not in caplog.text
    lines = [record.getMessage() for record in caplog.records if record.name == "aiohttp.access"]
    assert len(lines) == 2
    assert "127.0.0.1 GET /a/*** 200 " in lines[0]
    assert "GET /api/v1/cases%0Aforged 404 " in lines[1]
