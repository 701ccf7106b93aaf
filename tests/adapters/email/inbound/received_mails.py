"""Builds mails as mail systems and mail clients of the world send them; every one is made here, none is copied."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable
from dataclasses import dataclass
from email.header import Header
from textwrap import dedent

SERVER = "mx.article17.example"
OFFICE = "office@authority.example"
OURS = "notices@article17.example"
MESSAGE_ID = "<d-01hzx.1@article17.example>"
ENVELOPE_ID = "b7k2m9x4q1w8"
NOTICE = "A17-2026-0001: Release of a modified rice; please acknowledge"

RETURNED = dedent(f"""\
    From: Article 17 <{OURS}>
    To: {OFFICE}
    Subject: {NOTICE}
    Message-ID: {MESSAGE_ID}
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    """)


def part(content: str | bytes, kind: str, encoding: str = "7bit") -> bytes:
    body = content.encode() if isinstance(content, str) else content
    if encoding == "base64":
        body = base64.encodebytes(body)
    if encoding == "quoted-printable":
        body = quopri.encodestring(body)
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + body


def mail(headers: dict[str, str], *parts: bytes, kind: str = "", line_end: bytes = b"\r\n") -> bytes:
    """Put a mail together; several parts need the `kind` that holds them."""
    head = "".join(f"{name}: {value}\n" for name, value in headers.items()).encode()
    if kind:
        between = b"\n--=_limit\n"
        content = f'Content-Type: {kind}; boundary="=_limit"\n\n'.encode() + between + between.join(parts)
        content += b"\n--=_limit--\n"
    else:
        [content] = parts
    return (head + b"MIME-Version: 1.0\n" + content).replace(b"\n", line_end)


def report(
    *blocks: str,
    headers: dict[str, str] | None = None,
    said: str = "I am the mail system.\n",
    kind: str = "multipart/report; report-type=delivery-status",
    status_kind: str = "message/delivery-status",
    status_encoding: str = "7bit",
    returned: bytes | None = None,
    line_end: bytes = b"\r\n",
) -> bytes:
    """Build a delivery report of these blocks, in the frame that Postfix gives it unless told otherwise."""
    frame = headers or {
        "From": "MAILER-DAEMON@mx.authority.example (Mail Delivery System)",
        "Subject": "Undelivered Mail Returned to Sender",
        "To": f"b+{ENVELOPE_ID}@bounces.article17.example",
        "Auto-Submitted": "auto-replied",
    }
    status = part("\n".join(dedent(block).strip() + "\n" for block in blocks), status_kind, status_encoding)
    back = returned if returned is not None else part(RETURNED, "text/rfc822-headers")
    return mail(frame, part(said, "text/plain; charset=us-ascii"), status, back, kind=kind, line_end=line_end)


def postfix_report(action: str, status: str, diagnostic: str = "", more: str = "") -> bytes:
    of_message = f"""\
        Reporting-MTA: dns; mx.authority.example
        X-Postfix-Queue-ID: 4TzK3v
        X-Postfix-Sender: rfc822; b+{ENVELOPE_ID}@bounces.article17.example
        Original-Envelope-Id: {ENVELOPE_ID}
        Arrival-Date: Fri, 20 Nov 2026 12:00:00 +0000 (UTC)
    """
    of_recipient = (
        f"Final-Recipient: rfc822; {OFFICE}\nOriginal-Recipient: rfc822;{OFFICE}\n"
        f"Action: {action}\nStatus: {status}\nRemote-MTA: dns; mail.authority.example\n"
        + (f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else "")
        + more
    )
    return report(of_message, of_recipient)


def exim_report() -> bytes:
    """Exim says 5.0.0 where its text says more, and writes field names its own way."""
    return report(
        f"Reporting-MTA: dns; mx.authority.example\nOriginal-Envelope-ID: {ENVELOPE_ID}\n",
        f"Action: failed\nFinal-Recipient: rfc822;{OFFICE}\nStatus: 5.0.0\nRemote-MTA: dns; mail.authority.example\n"
        "Diagnostic-Code: smtp; 550-Unrouteable\n 550 5.1.1 no such user here\n",
        headers={
            "X-Failed-Recipients": OFFICE,
            "Auto-Submitted": "auto-replied",
            "From": "Mail Delivery System <Mailer-Daemon@mx.authority.example>",
            "Subject": "Mail delivery failed: returning message to sender",
        },
        returned=part(RETURNED, "message/rfc822"),
    )


def opensmtpd_report() -> bytes:
    """OpenSMTPD sends multipart/mixed without envelope id, diagnostic and Auto-Submitted, and the status 5.0.0."""
    return report(
        "Reporting-MTA: dns; mx.authority.example\n",
        f"Final-Recipient: rfc822; {OFFICE}\nAction: failed\nStatus: 5.0.0\n",
        headers={
            "From": "Mailer Daemon <MAILER-DAEMON@mx.authority.example>",
            "Subject": "Delivery status notification",
        },
        said=f"Hi!\n\nAn error has occurred while delivering a message.\n\n{OFFICE}: 550 Invalid recipient\n",
        kind="multipart/mixed",
        returned=part(RETURNED, "message/rfc822"),
    )


def global_report(address: str, encoding: str = "8bit") -> bytes:
    return report(
        f"Reporting-MTA: dns; mx.authority.example\nOriginal-Envelope-Id: {ENVELOPE_ID}\n",
        f"Final-Recipient: utf-8; {address}\nOriginal-Recipient: utf-8; {address}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 ящик не найден\n",
        kind="multipart/report; report-type=global-delivery-status",
        status_kind="message/global-delivery-status",
        status_encoding=encoding,
        returned=part(RETURNED, "message/global-headers"),
    )


def pigeonhole_vacation() -> bytes:
    return mail(
        {
            "Message-ID": "<dovecot-sieve-1@authority.example>",
            "From": f"<{OFFICE}>",
            "To": f"<b+{ENVELOPE_ID}@bounces.article17.example>",
            "Subject": f"Auto: {NOTICE}",
            "In-Reply-To": MESSAGE_ID,
            "Auto-Submitted": "auto-replied (vacation)",
            "Precedence": "bulk",
        },
        part("Received. I am away until Monday.\n", "text/plain; charset=utf-8"),
    )


def away(subject: str, text: str = "received\n", **headers: str) -> bytes:
    """An out-of-office reply as Exchange sends some: with nothing but the subject to tell it by."""
    return mail(
        {
            "From": f"Office <{OFFICE}>",
            "Subject": Header(subject, "utf-8").encode(),
            "X-Auto-Response-Suppress": "All",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        part(text, "text/plain; charset=utf-8", "base64"),
    )


@dataclass(frozen=True)
class Quoting:
    """How the clients of one language write what they quote."""

    gmail: str
    thunderbird: str
    apple: str
    outlook: tuple[str, str, str, str]
    original: str
    phone: str


QUOTING = {
    "en": Quoting(
        f"On Fri, 20 Nov 2026 at 12:00, Article 17 <{OURS}> wrote:",
        "On 11/20/26 12:00, Article 17 wrote:",
        f"On 20 Nov 2026, at 12:00, Article 17 <{OURS}> wrote:",
        ("From:", "Sent:", "To:", "Subject:"), "Original Message", "Sent from my iPhone",
    ),
    "fr": Quoting(
        f"Le ven. 20 nov. 2026 à 12:00, Article 17 <{OURS}> a écrit :",
        "Le 20/11/2026 à 12:00, Article 17 a écrit :",
        f"Le 20 nov. 2026 à 12:00, Article 17 <{OURS}> a écrit\u00a0:",
        ("De :", "Envoyé :", "À :", "Objet :"), "Message d'origine", "Envoyé de mon iPhone",
    ),
    "es": Quoting(
        f"El vie, 20 nov 2026 a las 12:00, Article 17 (<{OURS}>) escribió:",
        "El 20/11/26 a las 12:00, Article 17 escribió:",
        f"El 20 nov 2026, a las 12:00, Article 17 <{OURS}> escribió:",
        ("De:", "Enviado el:", "Para:", "Asunto:"), "Mensaje original", "Enviado desde mi iPhone",
    ),
    "ru": Quoting(
        f"пт, 20 нояб. 2026 г. в 12:00, Article 17 <{OURS}>:",
        "20.11.2026 12:00, Article 17 пишет:",
        f"20 нояб. 2026 г., в 12:00, Article 17 <{OURS}> написал(а):",
        ("От:", "Отправлено:", "Кому:", "Тема:"), "Исходное сообщение", "Отправлено с iPhone",
    ),
    "zh": Quoting(
        f"Article 17 <{OURS}> 于2026年11月20日周五 12:00写道:",
        "在 2026/11/20 12:00, Article 17 写道:",
        f"在 2026年11月20日,12:00,Article 17 <{OURS}> 写道:",
        ("发件人:", "发送时间:", "收件人:", "主题:"), "原始邮件", "发自我的 iPhone",
    ),
    "ar": Quoting(
        "\u202bفي الجمعة، 20 نوفمبر 2026 في 12:00 م "
        f"تمت كتابة ما يلي بواسطة \u202aArticle 17\u202c <\u202a{OURS}\u202c>:\u202c",
        "في 20/11/26 12:00 م، كتب Article 17:",
        f"في ٢٠ نوفمبر ٢٠٢٦، الساعة ١٢:٠٠ م، كتب Article 17 <{OURS}>:",
        ("من:", "تم الإرسال:", "إلى:", "الموضوع:"), "الرسالة الأصلية", "أُرسلت من الـ iPhone",
    ),
}  # fmt: skip

OLD = ("Notification under Article 17 of the Protocol", "", "Reply with one of these words:", "received", "affected")
QUOTED = "\n".join(f"> {line}".rstrip() for line in OLD)


def gmail(new: str, language: str) -> str:
    return f"{new}\n\n{QUOTING[language].gmail}\n\n{QUOTED}\n"


def gmail_wrapped(new: str, language: str) -> str:
    """A long attribution is broken before the address."""
    return f"{new}\n\n{QUOTING[language].gmail.replace(' <', chr(10) + '<', 1)}\n\n{QUOTED}\n"


def thunderbird(new: str, language: str) -> str:
    return f"{QUOTING[language].thunderbird}\n{QUOTED}\n\n{new}\n\n-- \nThe office\n"


def apple(new: str, language: str) -> str:
    return f"{new}\n\n{QUOTING[language].apple}\n\n{QUOTED}\n"


def phone(new: str, language: str) -> str:
    words = QUOTING[language]
    return f"\n\n{new}\n\n{words.phone}\n\n> {words.apple}\n> \n{QUOTED}\n"


def outlook(new: str, language: str) -> str:
    headers = "\n".join(
        f"{name} {value}" for name, value in zip(QUOTING[language].outlook, _OUTLOOK_VALUES, strict=True)
    )
    return f"{new}\n\nName\nOffice\n\n{headers}\n\n" + "\n".join(OLD) + "\n"


def outlook_express(new: str, language: str) -> str:
    words = QUOTING[language]
    headers = "\n".join(f"{name} {value}" for name, value in zip(words.outlook, _OUTLOOK_VALUES, strict=True))
    return f"{new}\n\n-----{words.original}-----\n{headers}\n\n" + "\n".join(OLD) + "\n"


_OUTLOOK_VALUES = (f"Article 17 <{OURS}>", "Friday, 20 November 2026 12:00", OFFICE, NOTICE)

Client = Callable[[str, str], str]

CLIENTS: dict[str, Client] = {
    "Gmail": gmail,
    "Gmail, wrapped": gmail_wrapped,
    "Thunderbird, below": thunderbird,
    "Apple Mail": apple,
    "telephone": phone,
    "Outlook": outlook,
    "Outlook Express": outlook_express,
}


def reply(
    text: str | bytes,
    *,
    charset: str = "utf-8",
    encoding: str = "8bit",
    kind: str = "text/plain",
    **headers: str,
) -> bytes:
    """A reply of the office with one part; `headers` replace or add some."""
    content = text.encode(charset) if isinstance(text, str) else text
    frame = {
        "Authentication-Results": f"{SERVER}; dmarc=pass header.from=authority.example",
        "From": f"Ана Ли <{OFFICE}>",
        "Subject": f"Re: {NOTICE}",
        "In-Reply-To": MESSAGE_ID,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    shown = f"{kind}; charset={charset}" if charset else kind
    return mail(frame, part(content, shown, encoding))
