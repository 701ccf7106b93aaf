"""Says what one mail that came in means; whatever the bytes are, it finds a meaning and never fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from adapters.email.inbound.automatic_replies import automatic_sign, is_surely_away
from adapters.email.inbound.delivery_reports import delivery_report_of, is_delivery_report
from adapters.email.inbound.odd_bounces import is_from_mail_system, looks_like_bounce, odd_bounce_of
from adapters.email.inbound.parts import PARSE_FAULTS, Mail, take_apart
from adapters.email.inbound.quoting import visible
from adapters.email.inbound.replies import readings_of, reply_of
from notify.errors import clean
from notify.inbound import AutomaticReply, MailPurpose, Meaning, ReceivedMail, Unreadable

_AUTOMATIC_TEXT_LIMIT = 2_000
_FEEDBACK = "message/feedback-report"
_RECEIPT_SIGN = "a receipt for reading (disposition notification)"


def mail_reader(authserv_id: str) -> Callable[[ReceivedMail, MailPurpose], Coroutine[Any, Any, Meaning]]:
    """Make the function that says what a kept mail means; `authserv_id` as for `read_mail`."""

    async def read(mail: ReceivedMail, purpose: MailPurpose) -> Meaning:
        said = partial(
            read_mail,
            mail.raw,
            envelope_sender=mail.sender,
            authserv_id=authserv_id,
            is_return_path=purpose is MailPurpose.BOUNCE,
        )
        # A hostile mail may take seconds; nothing else waits for it.
        return await asyncio.to_thread(said)

    return read


def read_mail(raw: bytes, *, envelope_sender: str, authserv_id: str, is_return_path: bool) -> Meaning:
    """Read one mail.

    `envelope_sender`: "" is the empty sender. `authserv_id`: our mail server's name in Authentication-Results, "" when
    none checks. `is_return_path`: it came to the return path of a mail of ours, else to a reply address. Reports are
    believed only there and only with the empty sender; a reply answers only at the reply address.
    """
    try:
        mail = take_apart(raw)
        sender_is_empty = not envelope_sender.strip(" <>\t")
        if is_return_path and sender_is_empty:
            return _came_back(raw, mail)
        return _was_sent(mail, authserv_id, sender_is_empty=sender_is_empty, is_return_path=is_return_path)
    except PARSE_FAULTS as fault:
        return Unreadable(f"the mail could not be taken apart ({type(fault).__name__})")


def _came_back(raw: bytes, mail: Mail) -> Meaning:
    if _FEEDBACK in mail.kinds:
        return Unreadable("a complaint about a mail of ours (feedback report)")
    if _is_receipt(mail):
        return _read_receipt(raw, mail)
    if report := delivery_report_of(mail):
        return report
    is_system = is_from_mail_system(mail)
    if not is_system and is_surely_away(mail):
        return _automatic(mail, automatic_sign(mail) or "out of office")
    if report := odd_bounce_of(raw, mail):
        return report
    # Mail systems mark their bounces as automatic too, so the sign counts only from somebody else.
    sign = None if is_system or is_delivery_report(mail) else automatic_sign(mail)
    return _automatic(mail, sign) if sign else Unreadable("a mail came back that is no delivery report we can read")


def _was_sent(mail: Mail, authserv_id: str, *, sender_is_empty: bool, is_return_path: bool) -> Meaning:
    if is_delivery_report(mail) or _FEEDBACK in mail.kinds:
        return Unreadable("a report that has a sender or came to the wrong address, so it is not believed")
    if _is_receipt(mail):
        return _automatic(mail, _RECEIPT_SIGN)
    if sender_is_empty and looks_like_bounce(mail):
        return Unreadable("a bounce that came to a reply address")
    sign = "empty sender" if sender_is_empty else automatic_sign(mail)
    if sign:
        return _automatic(mail, sign)
    if is_from_mail_system(mail):
        return Unreadable("a mail of a mail system that is no reply")
    is_plain_reply = not is_return_path and "multipart/digest" not in mail.kinds
    return reply_of(mail, authserv_id, may_answer=is_plain_reply)


def _read_receipt(raw: bytes, mail: Mail) -> Meaning:
    dispositions = [part.text.lower() for part in mail.parts if part.kind == "message/disposition-notification"]
    # A filter that rejects a mail says so by a receipt too (RFC 5429); that a person deleted one proves nothing.
    if any("automatic-action" in text and "deleted" in text for text in dispositions):
        return odd_bounce_of(raw, mail) or Unreadable("a filter deleted the mail unread")
    return _automatic(mail, _RECEIPT_SIGN)


def _is_receipt(mail: Mail) -> bool:
    return "message/disposition-notification" in mail.kinds or mail.report_type == "disposition-notification"


def _automatic(mail: Mail, sign: str) -> AutomaticReply:
    lines = readings_of(mail)[0].strip()[:_AUTOMATIC_TEXT_LIMIT].splitlines()
    return AutomaticReply(clean(sign), clean("\n".join(visible(line) for line in lines)))
