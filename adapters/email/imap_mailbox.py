"""Reads one hosted mailbox over IMAP, blocking, for a thread of its own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from imaplib import IMAP4
from socket import SHUT_RDWR
from typing import Literal

from imapclient import DELETED, SEEN, IMAPClient

from notify.errors import Article17Error, clean

_FAULTS = (IMAP4.error, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError)
"""What the library raises: its own errors, and whatever comes of an answer that is no IMAP."""

_SHOWN = 300


class MailboxFault(Article17Error):
    """A mailbox cannot be read at this moment; what was not kept stays in it and is tried again."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox at a provider. `tls` "none" is for development only.

    `done_folder`: where mails go when they are kept; without one they stay and are marked as seen.
    `ca_file`: certificates of a private authority, in PEM, instead of the system's. `timeout` is in seconds.
    Of a mail longer than `most_bytes` only its beginning is read.
    """

    host: str
    username: str
    password: str = field(repr=False)
    port: int = 993
    tls: Literal["tls", "starttls", "none"] = "tls"
    folder: str = "INBOX"
    done_folder: str | None = None
    ca_file: str | None = None
    timeout: float = 30.0
    most_bytes: int = 20_000_000


class MailboxSession:
    """One connection to a mailbox, for one thread; every method but `cut` blocks and may raise MailboxFault."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._client: IMAPClient | None = None
        self.validity = 0

    def open(self) -> None:
        """Connect, sign in and open the folder."""
        mailbox = self._mailbox
        with self._told():
            context = None if mailbox.tls == "none" else ssl.create_default_context(cafile=mailbox.ca_file)
            client = self._client = IMAPClient(
                mailbox.host, mailbox.port, ssl=mailbox.tls == "tls", ssl_context=context, timeout=mailbox.timeout
            )
            if mailbox.tls == "starttls":
                client.starttls(context)
            client.login(mailbox.username, mailbox.password)
            if mailbox.done_folder and not client.folder_exists(mailbox.done_folder):
                client.create_folder(mailbox.done_folder)
            # Numbers of mails hold only while this one stays the same (RFC 3501, 2.3.1.1).
            self.validity = int(client.select_folder(mailbox.folder).get(b"UIDVALIDITY", 0))

    def unseen(self, most: int) -> list[int]:
        """List the oldest mails that nobody has seen, by their numbers."""
        with self._told() as client:
            return sorted(int(uid) for uid in client.search(["UNSEEN", "UNDELETED"]))[:most]

    def fetch(self, uid: int) -> bytes | None:
        """Read one mail without marking it as seen; None when it is gone meanwhile."""
        with self._told() as client:
            found = client.fetch([uid], [f"BODY.PEEK[]<0.{self._mailbox.most_bytes}>"]).get(uid)
            if found is None:
                return None
            [raw] = [value for name, value in found.items() if name.upper().startswith(b"BODY[]")]
            if not isinstance(raw, bytes):
                raise ValueError("the server gave no mail")
            return raw[: self._mailbox.most_bytes]

    def settle(self, uid: int) -> None:
        """Put a mail away that is kept."""
        folder = self._mailbox.done_folder
        if folder is None:
            self.mark_seen(uid)
            return
        with self._told() as client:
            if client.has_capability("MOVE"):
                client.move([uid], folder)
                return
            client.copy([uid], folder)
            client.add_flags([uid], [DELETED], silent=True)
            if client.has_capability("UIDPLUS"):
                client.uid_expunge([uid])

    def mark_seen(self, uid: int) -> None:
        """Leave a mail where it is, and do not look at it again."""
        with self._told() as client:
            client.add_flags([uid], [SEEN], silent=True)

    def close(self) -> None:
        """Sign out, if that is still possible."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except _FAULTS:
            with suppress(*_FAULTS):
                client.shutdown()

    def cut(self) -> None:
        """Break the connection off, from any thread, so that nobody waits for it any longer."""
        client = self._client
        if client is not None:
            with suppress(*_FAULTS):
                client.socket().shutdown(SHUT_RDWR)

    @contextmanager
    def _told(self) -> Iterator[IMAPClient]:
        """Lend the client, and turn what goes wrong into one clear error without secrets."""
        try:
            yield self._client
        except _FAULTS as error:
            said = clean(" ".join(str(error).split())).replace(self._mailbox.password or "\0", "…")[:_SHOWN]
            where = f"the mailbox {self._mailbox.username} at {self._mailbox.host}:{self._mailbox.port}"
            raise MailboxFault(f"{where} cannot be read: {said or type(error).__name__}") from None
