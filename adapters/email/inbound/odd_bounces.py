"""Recognises bounces that are no delivery reports, by flufl.bounce and by what mail systems commonly write."""

from __future__ import annotations

import logging
import re
from email import message_from_bytes

from flufl.bounce import all_failures

from adapters.email.answers import shown_answer
from adapters.email.inbound.charsets import header_text
from adapters.email.inbound.delivery_reports import explanation_in, returned_message_id, words_of
from adapters.email.inbound.fields import ADDRESS_LIMIT, authors_of
from adapters.email.inbound.parts import PARSE_FAULTS, Mail
from notify.inbound import DeliveryReport, ReportAction, ReportedRecipient

# Some of its detectors read every line a dozen times; what tells stands near the top.
_RAW_LIMIT = 64 * 1024
_RECIPIENT_LIMIT = 50

_MAIL_SYSTEM = re.compile(
    r"(mailer-?daemon|mail-?daemon|postmaster|mdaemon|microsoftexchange[0-9a-f]+|mail-?delivery|bounces?|no-?reply-bounce)"
    r"(@|$|[+._-])",
    re.IGNORECASE,
)
_MAIL_SYSTEM_NAME = re.compile(
    r"mail (delivery|administrator|router)|mailer-?daemon|system administrator", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"undeliver|non.?deliver|not (be )?delivered|(delivery|mail|message) (status|failure|failed|error|problem|report)"
    r"|fail(ure|ed).{0,30}(delivery|notice|mail|message)|returned? ((e-?)?mail|message|to sender)|mail.{0,20}return"
    r"|(mail|message) delivery|mail (system )?error"
    r"|could ?n.t (be )?(deliver|send)|delivery.{0,30}(fail|delay|error)|bounced? (mail|message)|unzustellbar"
    r"|unbekannt|non (remis|distribu)|échec|no (se puede )?entreg|недостав|не доставлен|退信|无法(投递|送达)|投递失败"
    r"|تعذر تسليم|فشل التسليم",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"(?<![\w.])5\d\d[ -]|(?<![\w.])5\.\d{1,3}\.\d{1,3}\b|error code 5\d\d|user unknown|unknown (user|recipient)"
    r"|no such (user|mailbox|recipient)|does not exist|mailbox unavailable|(permanent|fatal)(ly)? (error|fail(ure|ed)?)"
    r"|failed permanently|undeliver|returned ((e-?)?mail|message)|failure notice|delivery (failure|failed|error)"
    r"|(could|can) ?not be delivered|couldn.t be delivered|(mail|in)box (is )?full|exceed.{0,20}quota|not listed in"
    r"|(was|were|has) not (been )?delivered|wasn.t delivered|giving up|unable to deliver|did not reach",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"will (be retried|keep trying|continue|retry|try again|attempt)|still (trying|being)|(has been|is) delayed"
    r"|postponed|delivery.{0,20}delay|delayed mail|do not need to re-?send|don.t need to re-?send|warning message only"
    r"|could not send message for past",
    re.IGNORECASE,
)
# Below this stands our own mail, whose words say nothing about what became of it.
_RETURNED = re.compile(r"^[ \t>]*(received|return-path|dkim-signature|message-id|mime-version)[ \t]*:", re.I | re.M)


def is_from_mail_system(mail: Mail) -> bool:
    """Tell whether a mail system wrote the mail, going by who stands in From; nobody counts as one."""
    authors = authors_of(mail.values("from"))
    return not any(author.address for author in authors) or any(
        _MAIL_SYSTEM.match(author.address) or _MAIL_SYSTEM_NAME.search(author.name) for author in authors
    )


def looks_like_bounce(mail: Mail) -> bool:
    """Tell whether the frame of a mail is that of a bounce: who wrote it, its subject, its kind."""
    return (
        is_from_mail_system(mail)
        or mail.kind == "multipart/report"
        or bool(mail.value("x-failed-recipients"))
        or bool(_SUBJECT.search(header_text(mail.value("subject"))))
    )


def odd_bounce_of(raw: bytes, mail: Mail) -> DeliveryReport | None:
    """Read a bounce in no standard form; None when nobody can say whether it speaks of a failure or a delay.

    Only for mails with the empty sender that came to a return path: its words are easily imitated.
    """
    if not looks_like_bounce(mail):
        return None
    delayed, failed = _second_opinion(raw)
    addresses = [
        *((ReportAction.FAILED, address) for address in sorted(failed)),
        *((ReportAction.DELAYED, address) for address in sorted(delayed - failed)),
    ]
    said = words_of(mail)
    if not addresses:
        action = _action_in(f"{header_text(mail.value('subject'))}\n{said}")
        if action is None:
            return None
        named = authors_of(mail.values("x-failed-recipients"))
        addresses = [(action, author.address) for author in named] or [(action, "")]
    recipients = tuple(_recipient(action, address, said) for action, address in addresses[:_RECIPIENT_LIMIT])
    return DeliveryReport(recipients, message_id=returned_message_id(mail))


def _recipient(action: ReportAction, address: str, said: str) -> ReportedRecipient:
    explanation = explanation_in(said, address) or shown_answer(said)
    status = re.search(r"(?<![\w.])[45]\.\d{1,3}\.\d{1,3}\b", explanation)
    return ReportedRecipient(
        action=action,
        status=status[0] if status else "",
        diagnostic=explanation,
        final_recipient=shown_answer(address)[:ADDRESS_LIMIT],
        original_recipient="",
    )


def _second_opinion(raw: bytes) -> tuple[set[str], set[str]]:
    # It logs the trace of every mail that it stumbles over; the mail goes to a human all the same.
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)
    try:
        delayed, failed = all_failures(message_from_bytes(raw[:_RAW_LIMIT]))
        return _as_text(delayed), _as_text(failed)
    except PARSE_FAULTS:
        return set(), set()


def _as_text(addresses: frozenset[bytes]) -> set[str]:
    return {address.decode("ascii", "replace") for address in addresses if address}


def _action_in(said: str) -> ReportAction | None:
    said = _RETURNED.split(said, maxsplit=1)[0]
    if _DELAYED.search(said):
        return ReportAction.DELAYED
    return ReportAction.FAILED if _FAILED.search(said) else None
