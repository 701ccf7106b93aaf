"""Fetches mail from a hosted mailbox, and puts a mail away only after it is kept (delivery E21)."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import Message
from email.parser import HeaderParser
from typing import TypeVar

from adapters.email.imap_mailbox import Mailbox, MailboxFault, MailboxSession
from notify.errors import Article17Error, clean
from notify.inbound import ReceivedMail

logger = logging.getLogger("article17.mail_in")

T = TypeVar("T")
Accepts = Callable[[str], bool]

TRACE_FIELDS = ("Delivered-To", "X-Original-To", "X-Delivered-To", "Envelope-To", "X-Envelope-To")
"""Where mail servers write the address that a mail was delivered to; the topmost one was written last."""

_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\\x00-\x1f]{1,64}@[^\s<>,;:\"()\[\]\\\x00-\x1f]{1,255}")
_HEAD = 65_536
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_REMEMBERED = 1000


class ImapPolling:
    """Looks into one mailbox whenever it is asked to.

    `keep` returns when a mail is safe. `may_poll` is asked before each mail, so that a process that has lost its
    right leaves the rest to another. Mails for nobody of ours are marked as seen and stay in the folder.
    """

    def __init__(
        self,
        keep: Callable[[ReceivedMail], Awaitable[None]],
        *,
        accepts: Accepts,
        mailbox: Mailbox,
        may_poll: Callable[[], Awaitable[bool]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        most_mails: int = 100,
        step_seconds: float = 60.0,
    ) -> None:
        self._keep, self._accepts, self._mailbox = keep, accepts, mailbox
        self._may_poll, self._clock = may_poll, clock
        self._most_mails, self._step_seconds = most_mails, step_seconds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imap")
        self._kept: dict[tuple[int, int, str], None] = {}

    async def poll_once(self) -> int:
        """Take the unseen mails and give how many were kept; raises MailboxFault, and what is left comes next time."""
        if not await self._may_poll():
            return 0
        session = MailboxSession(self._mailbox)
        try:
            await self._step(session.open)
            uids = await self._step(session.unseen, self._most_mails)
            kept, failed = await self._take_each(session, uids)
        except BaseException:
            # Whatever the thread still does for this session ends now, and nobody waits for it.
            session.cut()
            self._thread.submit(session.close)
            raise
        await self._step(session.close)
        if failed:
            raise MailboxFault(f"{len(failed)} of {len(uids)} mails could not be kept: {failed[0]}")
        return kept

    def close(self) -> None:
        """Let go of the thread; what it still has to close, it closes."""
        self._thread.shutdown(wait=False)

    async def _take_each(self, session: MailboxSession, uids: list[int]) -> tuple[int, list[str]]:
        kept, failed = 0, []
        for uid in uids:
            if not await self._may_poll():
                break
            raw = await self._step(session.fetch, uid)
            if raw is None:
                continue
            mails = self._mails(uid, raw)
            if not mails:
                logger.warning("a mail in %s is for none of our addresses", self._mailbox.folder)
                await self._step(session.mark_seen, uid)
                continue
            places = [(session.validity, uid, mail.recipient) for mail in mails]
            try:
                await self._keep_each(mails, places)
            except Exception as error:
                failed.append(str(error) if isinstance(error, Article17Error) else type(error).__name__)
                continue
            await self._step(session.settle, uid)
            for place in places:
                self._kept.pop(place, None)
            kept += len(mails)
        return kept, failed

    async def _keep_each(self, mails: list[ReceivedMail], places: list[tuple[int, int, str]]) -> None:
        for mail, place in zip(mails, places, strict=True):
            # When the mailbox breaks down between keeping and putting away, the mail is met again.
            if place in self._kept:
                continue
            await self._keep(mail)
            self._kept[place] = None
            while len(self._kept) > _REMEMBERED:
                del self._kept[next(iter(self._kept))]

    def _mails(self, uid: int, raw: bytes) -> list[ReceivedMail]:
        sender, recipients = read_envelope(raw, self._accepts)
        source = f"imap {self._mailbox.folder} {uid}"
        if len(raw) >= self._mailbox.most_bytes:
            source += f", its first {len(raw)} bytes"
        now = self._clock()
        return [ReceivedMail(sender, recipient, raw, now, source) for recipient in recipients]

    async def _step(self, call: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._step_seconds):
                return await loop.run_in_executor(self._thread, call, *arguments)
        except TimeoutError as error:
            raise MailboxFault(f"{self._mailbox.host} did not answer within {self._step_seconds:g} s") from error


def read_envelope(raw: bytes, accepts: Accepts) -> tuple[str, list[str]]:
    """Find out for whom of ours a delivered mail was, and who sent it; "" is the empty sender.

    What the last mail server wrote counts; without that, every address of ours in To and Cc.
    """
    match = _END_OF_HEAD.search(raw[:_HEAD])
    head = HeaderParser().parsestr(clean(raw[: match.start() if match else _HEAD].decode("utf-8", "replace")))
    for field in TRACE_FIELDS:
        for text in head.get_all(field, []):
            for address in _addresses(text):
                if accepts(address):
                    return _sender(head), [address]
    named = [address for field in ("To", "Cc") for text in head.get_all(field, []) for address in _addresses(text)]
    return _sender(head), [address for address in dict.fromkeys(named) if accepts(address)]


def _sender(head: Message) -> str:
    paths = head.get_all("Return-Path", [])
    # Without a return path the sender of the envelope is not known, and is not taken to be the empty one.
    found = _addresses(paths[0] if paths else head.get("From", ""))
    if found:
        return found[0]
    return "" if paths and str(paths[0]).strip() in ("<>", "") else "unknown"


def _addresses(text: object) -> list[str]:
    return _ADDRESS.findall(str(text))
