"""What a mail that came in may change: forward only; whose problem a failure is; the agreed words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.delivery import FINAL_STATES, DeliveryState
from notify.errors import FailureKind
from notify.failures import failure_kind
from notify.inbound import ReplyAnswer, ReportAction, ReportedRecipient, state_after
from notify.reply_words import AGREED_WORDS, agreed_answer
from notify.words import Assessment, Grade

WORDS = [(word, answer) for answer, words in AGREED_WORDS.items() for word in words]

ORDER = [DeliveryState.QUEUED, DeliveryState.ACCEPTED, DeliveryState.DELAYED, DeliveryState.UNKNOWN,
         DeliveryState.RELAYED, DeliveryState.DELIVERED, DeliveryState.BOUNCED]  # fmt: skip


def reported(status: str = "", diagnostic: str = "") -> ReportedRecipient:
    return ReportedRecipient(ReportAction.FAILED, status, diagnostic, "office@authority.example", "")


@pytest.mark.parametrize(
    ("current", "action", "after"),
    [
        (DeliveryState.ACCEPTED, ReportAction.FAILED, DeliveryState.BOUNCED),
        (DeliveryState.QUEUED, ReportAction.FAILED, DeliveryState.BOUNCED),
        (DeliveryState.DELAYED, ReportAction.FAILED, DeliveryState.BOUNCED),
        (DeliveryState.RELAYED, ReportAction.FAILED, DeliveryState.BOUNCED),
        (DeliveryState.UNKNOWN, ReportAction.FAILED, DeliveryState.BOUNCED),
        (DeliveryState.ACCEPTED, ReportAction.DELAYED, DeliveryState.DELAYED),
        (DeliveryState.DELAYED, ReportAction.RELAYED, DeliveryState.RELAYED),
        (DeliveryState.ACCEPTED, ReportAction.EXPANDED, DeliveryState.RELAYED),
        (DeliveryState.RELAYED, ReportAction.DELIVERED, DeliveryState.DELIVERED),
        (DeliveryState.UNKNOWN, ReportAction.DELIVERED, DeliveryState.DELIVERED),
    ],
)
def test_a_report_moves_a_delivery_forward(current: DeliveryState, action: ReportAction, after: DeliveryState) -> None:
    assert state_after(current, action) is after


@pytest.mark.parametrize(
    ("current", "action"),
    [
        (DeliveryState.DELIVERED, ReportAction.DELAYED),
        (DeliveryState.DELIVERED, ReportAction.RELAYED),
        (DeliveryState.DELIVERED, ReportAction.FAILED),
        (DeliveryState.RELAYED, ReportAction.DELAYED),
        (DeliveryState.UNKNOWN, ReportAction.DELAYED),
        (DeliveryState.BOUNCED, ReportAction.DELIVERED),
        (DeliveryState.CANCELLED, ReportAction.FAILED),
        (DeliveryState.FAILED, ReportAction.DELIVERED),
    ],
)
def test_a_report_never_moves_a_delivery_back(current: DeliveryState, action: ReportAction) -> None:
    assert state_after(current, action) is None


@given(st.sampled_from(DeliveryState))
def test_an_unknown_action_changes_nothing(current: DeliveryState) -> None:
    assert state_after(current, ReportAction.UNKNOWN) is None


@given(st.sampled_from(DeliveryState), st.lists(st.sampled_from(ReportAction), max_size=8))
def test_states_only_move_forward_whatever_comes(current: DeliveryState, actions: list[ReportAction]) -> None:
    for action in actions:
        after = state_after(current, action)
        if after is not None:
            assert ORDER.index(after) > ORDER.index(current)
            assert current not in FINAL_STATES or current is DeliveryState.RELAYED
            current = after


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", "550 5.1.1 User unknown", FailureKind.RECIPIENT),
        ("5.1.2", "", FailureKind.RECIPIENT),
        ("5.2.1", "", FailureKind.RECIPIENT),
        ("4.4.1", "connect to mx.authority.example: Connection timed out", FailureKind.RECIPIENT),
        ("5.2.2", "552 mailbox full", FailureKind.TEMPORARY),
        ("4.2.2", "", FailureKind.TEMPORARY),
        ("5.7.1", "550 5.7.1 rejected by policy", FailureKind.OURS),
        ("5.7.26", "unauthenticated", FailureKind.OURS),
        ("5.1.8", "sender domain not found", FailureKind.OURS),
        ("5.3.4", "message too big", FailureKind.OURS),
        ("4.7.1", "450 4.7.1 greylisted, try again later", FailureKind.TEMPORARY),
        ("4.7.0", "421 4.7.0 blocked, poor reputation", FailureKind.OURS),
        ("5.5.0", "550 No such user here", FailureKind.RECIPIENT),
        ("5.0.0", "550 5.1.1 no mailbox of that name", FailureKind.RECIPIENT),
        ("5.0.0", "554 message refused: SPF check failed", FailureKind.OURS),
        ("5.0.0", "552 quota exceeded", FailureKind.TEMPORARY),
        ("5.0.0", "no thank you", FailureKind.RECIPIENT),
        ("", "", FailureKind.RECIPIENT),
    ],
)
def test_a_failure_is_ours_or_the_addressees(status: str, diagnostic: str, kind: FailureKind) -> None:
    assert failure_kind(reported(status, diagnostic)) is kind


@pytest.mark.parametrize(("word", "answer"), WORDS, ids=[word for word, _ in WORDS])
def test_each_agreed_word_answers_however_it_is_written(word: str, answer: ReplyAnswer) -> None:
    for written in (
        word, word.upper(), word.capitalize(), f"{word}.", f"{word} !", f"{word}。", f"{word}۔", f"  {word}\u00a0",
        f"\u200f{word}\u200e", f"\u202b{word}\u202c.", unicodedata.normalize("NFD", word),
        unicodedata.normalize("NFKD", word), word.replace(" ", "\u00a0"), "\ufeff" + word,
    ):  # fmt: skip
        assert agreed_answer(written) == answer, written


@pytest.mark.parametrize(("word", "answer"), WORDS, ids=[word for word, _ in WORDS])
def test_an_agreed_word_among_others_or_in_doubt_answers_nothing(word: str, answer: ReplyAnswer) -> None:
    for written in (
        f"{word}?",
        f"{word}?",
        f"{word}؟",
        f"¿{word}?",
        f"{word}:",
        f"> {word}",
        f'"{word}"',
        f"« {word} »",
        f"not yet {word}",
        f"{word} thanks",
        f"{word} {word}",
        f"un{word}",
        f"-{word}",
        f"no, {word}",
    ):
        assert agreed_answer(written) is None, written


@pytest.mark.parametrize(
    "line",
    ["", " ", ".", "not received", "Not yet received.", "I have received your message", "received?", "affected?",
     "are we affected", "unaffected", "No", "yes", "не получено", "没有收到", "未收到", "已收到您的邮件",
     "لم يتم الاستلام",
     "non reçu", "pas reçu", "no recibido", "non touche", "Received: from mail.example", "received" * 20,
     "I am out of the office", "自动回复"],
)  # fmt: skip
def test_what_is_not_agreed_answers_nothing(line: str) -> None:
    assert agreed_answer(line) is None


def test_unaccented_french_counts_where_it_was_agreed() -> None:
    assert agreed_answer("Recu.") == ReplyAnswer(Grade.RECEIVED)
    assert agreed_answer("TOUCHE") == ReplyAnswer(Grade.ASSESSED, Assessment.AFFECTED)


def test_spanish_may_open_with_its_mark() -> None:
    assert agreed_answer("¡Recibido!") == ReplyAnswer(Grade.RECEIVED)


def test_arabic_vowel_signs_and_stretched_letters_do_not_hide_the_word() -> None:
    assert agreed_answer("تَمَّ الاستِلام") == ReplyAnswer(Grade.RECEIVED)
    assert agreed_answer("تم الاستـــلام") == ReplyAnswer(Grade.RECEIVED)


@given(st.text(max_size=120))
def test_no_line_makes_the_reading_fail(line: str) -> None:
    answer = agreed_answer(line)
    assert answer is None or answer in AGREED_WORDS
