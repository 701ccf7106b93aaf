"""Out-of-office replies in many languages are recognised and never taken for an answer."""

from __future__ import annotations

import pytest

from adapters.email.inbound.reading import read_mail
from notify.inbound import AutomaticReply, Meaning, Reply, ReplyAnswer
from notify.words import Grade
from tests.adapters.email.inbound import received_mails as mails


def read(raw: bytes, *, sender: str = mails.OFFICE, is_return_path: bool = False) -> Meaning:
    return read_mail(raw, envelope_sender=sender, authserv_id=mails.SERVER, is_return_path=is_return_path)


@pytest.mark.parametrize("is_return_path", [True, False])
@pytest.mark.parametrize("sender", ["", "<>", mails.OFFICE])
def test_a_vacation_reply_is_recognised_wherever_it_comes(sender: str, is_return_path: bool) -> None:
    meaning = read(mails.pigeonhole_vacation(), sender=sender, is_return_path=is_return_path)
    assert isinstance(meaning, AutomaticReply)
    assert meaning.text == "Received. I am away until Monday."


@pytest.mark.parametrize("is_return_path", [True, False])
@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: A17-2026-0001",
        "Out of Office: A17-2026-0001",
        "Out of office",
        "OOO: back on Monday",
        "Auto-Reply: A17",
        "[Auto-Reply] A17",
        "Autoreply: A17",
        "Automated response",
        "Réponse automatique : A17-2026-0001",
        "Absence du bureau : A17",
        "Absent(e) du bureau",
        "Respuesta automática: A17-2026-0001",
        "Fuera de la oficina: A17",
        "Ausente hasta el lunes",
        "Автоматический ответ: A17-2026-0001",
        "Автоответ: A17",
        "Отсутствие на рабочем месте",
        "Вне офиса: A17",
        "自动答复: A17-2026-0001",
        "自动回复:A17",
        "自動回覆: A17",
        "外出时的自动答复: A17",
        "不在办公室: A17",
        "رد تلقائي: A17-2026-0001",
        "\u200fالرد التلقائي: A17",
        "خارج المكتب: A17",
        "\u202bرد آلي\u202c: A17",
        "Automatische Antwort: A17-2026-0001",
        "Abwesenheitsnotiz: A17",
        "AW: Automatische Antwort: A17",
    ],
)
def test_a_subject_of_mail_clients_is_enough(subject: str, is_return_path: bool) -> None:
    for sender in (mails.OFFICE, ""):
        assert isinstance(read(mails.away(subject), sender=sender, is_return_path=is_return_path), AutomaticReply)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "Auto-Generated (rejected)"},
        {"Auto_Submitted": "auto-notified; owner-email=x"}, {"X_Autoreply": "yes"}, {"X_Autorespond": "1"},
        {"Precedence": "auto_reply"}, {"Precedence": "Bulk"}, {"Precedence": "junk"},
        {"X_MS_Exchange_Generated_Message_Source": "Mailbox Rules Agent"},
    ],
)  # fmt: skip
def test_a_header_is_enough(headers: dict[str, str]) -> None:
    assert isinstance(read(mails.reply("received", **headers)), AutomaticReply)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"}, {"Auto_Submitted": "No (a human wrote this)"}, {"Auto_Submitted": "no; x=y"},
        {"X_Auto_Response_Suppress": "All"}, {"X_Autoreply": "no"}, {"Precedence": "list"}, {"Precedence": "normal"},
        {"List_Id": "<office.authority.example>"}, {"Importance": "high"},
    ],
)  # fmt: skip
def test_what_humans_mails_carry_is_no_sign(headers: dict[str, str]) -> None:
    meaning = read(mails.reply("received", **headers))
    assert isinstance(meaning, Reply)
    assert meaning.answer == ReplyAnswer(Grade.RECEIVED)


def test_an_empty_sender_never_answers() -> None:
    meaning = read(mails.reply("received"), sender="")
    assert isinstance(meaning, AutomaticReply)
    assert meaning.sign == "empty sender"


def test_a_second_header_cannot_hide_the_first() -> None:
    raw = mails.reply("received", Auto_Submitted="no").replace(
        b"Auto-Submitted: no", b"Auto-Submitted: no\r\nAuto-Submitted: auto-replied"
    )
    assert isinstance(read(raw), AutomaticReply)


def test_the_text_is_kept_and_cut() -> None:
    meaning = read(mails.away("自动答复: A17", "我不在办公室\n" * 5000))
    assert isinstance(meaning, AutomaticReply)
    assert meaning.text.startswith("我不在办公室")
    assert len(meaning.text) <= 2000
