"""Takes mail in over LMTP or SMTP behind any mail server, and answers 250 only for what is kept (delivery E21)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.email.conversation import Conversation, LmtpConversation, Refusal
from adapters.email.listen_address import ListenAddress
from notify.errors import Article17Error, clean
from notify.inbound import ReceivedMail

logger = logging.getLogger("article17.mail_in")

Keep = Callable[[ReceivedMail], Awaitable[None]]

KEPT = "250 2.0.0 kept"
TRY_AGAIN = "451 4.3.0 cannot be kept at this moment, please try again"
NO_MAILBOX = "550 5.1.1 no such mailbox here"
TOO_MANY_RECIPIENTS = "452 4.5.3 too many recipients, please send the others in a transaction of their own"
LONGEST_ADDRESS = 320
REMEMBERED = 1000


class MailListener:
    """Runs in the caller's event loop and hands each mail, once for each recipient, to `keep`.

    `keep` returns when the mail is safe; if it raises, or takes longer than `keep_seconds` for one transaction, the
    mail server is told to try again. It may get a mail again whose answer was lost, so it does well to know it again.
    `accepts` says whether an address is one of ours. `connections` and `most_bytes` together bound the memory.
    """

    def __init__(
        self,
        keep: Keep,
        *,
        accepts: Callable[[str], bool],
        address: ListenAddress,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        most_bytes: int = 20_000_000,
        most_recipients: int = 100,
        connections: int = 20,
        idle_seconds: float = 300.0,
        keep_seconds: float = 60.0,
        name: str = "localhost",
    ) -> None:
        self._keep, self._accepts, self._clock = keep, accepts, clock
        self._address, self._name = address, name
        self._most_bytes, self._most_recipients, self._connections = most_bytes, most_recipients, connections
        self._idle_seconds, self._keep_seconds = idle_seconds, keep_seconds
        self._server: asyncio.Server | None = None
        self._open: set[Conversation] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._keeping: set[asyncio.Task[list[bool]]] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._unanswered: dict[bytes, None] = {}

    @property
    def address(self) -> ListenAddress:
        """Where it listens, with the real port."""
        if self._server is None:
            raise RuntimeError("the mail listener is not started")
        if self._address.path:
            return self._address
        port = int(self._server.sockets[0].getsockname()[1])
        return ListenAddress(self._address.lmtp, self._address.host, port)

    async def start(self) -> None:
        """Listen; raises OSError when the address cannot be had."""
        # The library logs every command, and reply addresses are secrets of their readers.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        loop, address = asyncio.get_running_loop(), self._address
        if address.path:
            self._server = await loop.create_unix_server(self._conversation, address.path)
            # Mail servers run under an account of their own; who may come near is said by the rights of the folder.
            os.chmod(address.path, 0o666)  # noqa: S103
        else:
            self._server = await loop.create_server(self._conversation, address.host, address.port)

    async def stop(self, within: float = 10.0) -> None:
        """Take no new mail, finish what is in hand within so many seconds, and cut what is left."""
        if self._server is None:
            return
        self._server.close()
        for conversation in list(self._open):
            conversation.leave()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._quiet.wait()
        for conversation in list(self._open):
            conversation.abort()
        await self._quiet.wait()
        # A mail whose connection is cut was not answered, so it comes again.
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, *self._ending, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None
        if self._address.path:
            with suppress(FileNotFoundError):
                os.unlink(self._address.path)

    def connection_opened(self, conversation: Conversation) -> None:
        """Remember an open connection."""
        self._open.add(conversation)
        self._quiet.clear()

    def connection_closed(self, conversation: Conversation) -> None:
        """Forget a closed connection, and look after what still runs for it."""
        self._open.discard(conversation)
        ending = asyncio.get_running_loop().create_task(conversation.wait_until_ended())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        if not self._open:
            self._quiet.set()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        """Say what is offered; LMTP requires pipelining (RFC 2033, 5)."""
        session.host_name = hostname
        return [*answers[:-1], "250-PIPELINING", answers[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any sender: what it is worth is judged later."""
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept or refuse one recipient."""
        if len(envelope.rcpt_tos) >= self._most_recipients:
            return TOO_MANY_RECIPIENTS
        if clean(address) != address or len(address) > LONGEST_ADDRESS or not self._accepts(address):
            return NO_MAILBOX
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Conversation, session: Session, envelope: Envelope) -> str:
        """Keep the mail for each recipient, and only then answer."""
        mails = {recipient: self._mail(session, envelope, recipient) for recipient in envelope.rcpt_tos}
        task = asyncio.get_running_loop().create_task(self._keep_each(list(mails.values()), server))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
        # A connection that breaks does not break off what is being written.
        kept = dict(zip(mails, await asyncio.shield(task), strict=True))
        if self._address.lmtp:
            return "\r\n".join(KEPT if kept[recipient] else TRY_AGAIN for recipient in envelope.rcpt_tos)
        return KEPT if all(kept.values()) else TRY_AGAIN

    async def handle_exception(self, error: Exception) -> str:
        """Answer what went wrong unforeseen, such as an address that the library cannot read."""
        logger.warning("a command of a mail server could not be handled: %s", type(error).__name__)
        return TRY_AGAIN

    async def handle_VRFY(self, server: SMTP, session: Session, envelope: Envelope, address: str) -> str:
        """Tell nobody which addresses exist."""
        return "252 2.0.0 send a mail, then it shows"

    def _conversation(self) -> asyncio.BaseProtocol:
        if len(self._open) >= self._connections:
            return Refusal()
        kind = LmtpConversation if self._address.lmtp else Conversation
        return kind(self, self, most_bytes=self._most_bytes, idle_seconds=self._idle_seconds, name=self._name)

    def _mail(self, session: Session, envelope: Envelope, recipient: str) -> ReceivedMail:
        sender = "" if envelope.mail_from == "<>" else clean(envelope.mail_from or "")
        peer = session.peer[0] if isinstance(session.peer, tuple) else "local socket"
        return ReceivedMail(
            sender=sender[:LONGEST_ADDRESS],
            recipient=recipient,
            raw=envelope.original_content or b"",
            received_at=self._clock(),
            source=f"{self._address.protocol} {peer}",
        )

    async def _keep_each(self, mails: list[ReceivedMail], server: Conversation) -> list[bool]:
        deadline = asyncio.get_running_loop().time() + self._keep_seconds
        kept = [await self._keep_one(mail, deadline) for mail in mails]
        # Over SMTP one answer is for all, and after a cut nobody hears it: the whole mail comes again.
        answered = server.is_open and (self._address.lmtp or all(kept))
        for mail, is_kept in zip(mails, kept, strict=True):
            if is_kept and not answered:
                self._remember(mail)
        return kept

    async def _keep_one(self, mail: ReceivedMail, deadline: float) -> bool:
        if self._unanswered and (digest := _digest(mail)) in self._unanswered:
            del self._unanswered[digest]
            return True
        try:
            async with asyncio.timeout_at(deadline):
                await self._keep(mail)
        except Exception as error:
            reason = str(error) if isinstance(error, Article17Error) else type(error).__name__
            logger.error("a mail could not be kept, its mail server is told to try again: %s", reason)
            return False
        return True

    def _remember(self, mail: ReceivedMail) -> None:
        self._unanswered[_digest(mail)] = None
        while len(self._unanswered) > REMEMBERED:
            del self._unanswered[next(iter(self._unanswered))]


def _digest(mail: ReceivedMail) -> bytes:
    envelope = f"{mail.sender}\0{mail.recipient}\0".encode()
    return hashlib.sha256(envelope + mail.raw).digest()
