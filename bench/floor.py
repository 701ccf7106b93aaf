"""Sends by hand, with no evidence kept: the least that any service could do (body encoded once), and a plain script."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from email.message import EmailMessage

import aiohttp
import aiosmtplib

from bench.sinks import Sinks

CONNECTIONS = 20
WORKERS = 64
TEXT = "The release is described here in words that a reader needs.\n" * 55
HTML = "<p>The release is described here in words that a reader needs.</p>\n" * 82
PAYLOAD = json.dumps({"type": "notification.issued", "data": {"text": "y" * 1900}}).encode()
SECRET = b"k" * 32
SENDER = "service@article17.example"


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = f"c{number}@ug.example"
    message["Subject"] = "Release in Kenya"
    message["Message-ID"] = f"<{number}@article17.example>"
    message.set_content(f"{TEXT}https://service.example/a/{number}\n")
    message.add_alternative(f"{HTML}<a href='https://service.example/a/{number}'>acknowledge</a>", subtype="html")
    return message


_BODY = _message(0).as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")


def _by_hand(number: int) -> bytes:
    """Write only the headers and the link; the encoded body is the same for everyone."""
    own = f"From: {SENDER}\r\nTo: c{number}@ug.example\r\nSubject: Release in Kenya\r\n"
    own += f"Message-ID: <{number}@article17.example>\r\nX-Link: https://service.example/a/{number}\r\n\r\n"
    return own.encode() + _BODY[2]


async def _mails(numbers: range, port: int, *, encoded_once: bool) -> None:
    connection = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, use_tls=False)
    await connection.connect()
    for number in numbers:
        recipient = f"c{number}@ug.example"
        message = _by_hand(number) if encoded_once else _message(number).as_bytes()
        await connection.sendmail(SENDER, [recipient], message)
    await connection.quit()


async def _webhooks(session: aiohttp.ClientSession, numbers: range, sinks: Sinks, hosts: int) -> None:
    for number in numbers:
        signed = f"{number}.1795000000.".encode() + PAYLOAD
        signature = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
        headers = {"webhook-id": str(number), "webhook-timestamp": "1795000000", "webhook-signature": f"v1,{signature}"}
        async with session.post(sinks.endpoint(number, hosts), data=PAYLOAD, headers=headers) as answer:
            await answer.read()


async def fan_out(number: int, sinks: Sinks, *, encoded_once: bool = True, hosts: int = 1) -> dict[str, float]:
    """Send as many mails and as many webhooks; give the seconds and the CPU seconds."""
    began, cpu = time.perf_counter(), time.process_time()
    connector = aiohttp.TCPConnector(limit=WORKERS)
    async with aiohttp.ClientSession(connector=connector) as session:
        mails = [
            _mails(range(n, number, CONNECTIONS), sinks.smtp_port, encoded_once=encoded_once)
            for n in range(CONNECTIONS)
        ]
        await asyncio.gather(
            *mails, *(_webhooks(session, range(n, number, WORKERS), sinks, hosts) for n in range(WORKERS))
        )
    return {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu}
