"""Whatever the bytes are, a mail has a meaning, and broken mails acknowledge nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.email.inbound.reading import read_mail
from notify.inbound import AutomaticReply, DeliveryReport, Reply, Unreadable
from tests.adapters.email.inbound import received_mails as mails

WHOLE = [
    mails.postfix_report("failed", "5.1.1", "550 5.1.1 no"), mails.exim_report(), mails.opensmtpd_report(),
    mails.global_report("иван@почта.example"), mails.pigeonhole_vacation(), mails.away("自动答复"),
    mails.reply(mails.gmail("получено", "ru"), charset="koi8-r", encoding="base64"),
    mails.reply("<p>received</p><blockquote>x</blockquote>", kind="text/html", encoding="quoted-printable"),
]  # fmt: skip

PIECES = st.sampled_from(
    [
        b"Content-Type: ",
        b"multipart/report; report-type=delivery-status",
        b'; boundary="=_limit"',
        b"message/rfc822",
        b"message/delivery-status",
        b"text/html; charset=",
        b"utf-7",
        b"=?utf-8?q?=0A?=",
        b"=?x?b?////?=",
        b"\r\n",
        b"\r\n\r\n",
        b"--=_limit\r\n",
        b"--=_limit--",
        b"From: ",
        b"a@b.example",
        b"<",
        b">",
        b"(",
        b'"',
        b"\\",
        b"\xff\xfe",
        b"\x00",
        b"Final-Recipient: utf-8; \\x{110000}",
        b"Action: failed",
        b"Status: 5.1.1",
        b"received",
        b"Auto-Submitted: ",
        b"Authentication-Results: mx.article17.example; dmarc=pass",
        b"header.from=\xc3\xa9",
        b"Content-Transfer-Encoding: ",
        b"base64",
        b"x-uuencode",
        b"quoted-printable",
        b"begin 666 x\n#",
        b"charset*0*=utf-8''%ff",
        b"filename*1*=a",
        b" ",
        b"\t",
        b"<blockquote",
        b"<!--",
        b"&#x110000;",
        b"&#99999999999;",
        b"> ",
        b"On 1 x wrote:",
        b"\xd9\x85",
        b"Subject: ",
    ]
)


def read_everywhere(raw: bytes) -> None:
    for sender in ("", "a@b.example"):
        for is_return_path in (True, False):
            meaning = read_mail(raw, envelope_sender=sender, authserv_id=mails.SERVER, is_return_path=is_return_path)
            assert isinstance(meaning, DeliveryReport | AutomaticReply | Reply | Unreadable)
            if isinstance(meaning, Reply) and meaning.answer is not None:
                assert sender and not is_return_path
            if isinstance(meaning, DeliveryReport):
                assert is_return_path and not sender
            # What is stored must be whole characters without NUL.
            repr(meaning).encode("utf-8")
            assert "\\x00" not in repr(meaning)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_have_a_meaning(raw: bytes) -> None:
    read_everywhere(raw)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=60))
def test_any_mixture_of_pieces_of_mails_has_a_meaning(pieces: list[bytes]) -> None:
    read_everywhere(b"".join(pieces))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WHOLE), st.data())
def test_a_real_mail_damaged_anywhere_has_a_meaning(raw: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        raw = raw[:start] + data.draw(st.one_of(PIECES, st.binary(max_size=8))) + raw[end:]
    read_everywhere(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\r\n", b"\x00" * 100, b"From: a@b.example", b":" * 5000, b"received", b"\r\rreceived",
        b"Content-Type: message/rfc822\n\n" * 3000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(250)),
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)),
        b"Content-Type: multipart/digest; boundary=b\n\n" + b"--b\n\nFrom: x\n\n" * 2000,
        b"Content-Type: text/plain" + b"; a=b" * 100_000 + b"\n\nreceived",
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5_000,
        b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n" * 50_000,
        b"Content-Type: text/html\n\n" + b"<!--" * 50_000,
        b"Content-Type: text/html\n\n" + b"<div>" * 50_000 + b"received",
        b"From: " + b"(" * 100_000 + b"\n\nx",
        b"From: " + b"a@b.example, " * 50_000 + b"\n\nreceived",
        b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\nx",
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 666 x\n\xff\xff\nend\n",
        b"Content-Type: text/plain; charset=\"\xff\"\nContent-Transfer-Encoding: base64\n\n=====",
        b"Content-Type: text/plain; charset*=a'b'%\n\nreceived",
    ],
    ids=range(22),
)  # fmt: skip
def test_hostile_mails_have_a_meaning(raw: bytes) -> None:
    read_everywhere(raw)
