"""Rules on the agreed words by which a reply acknowledges, in six languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from notify.inbound import ReplyAnswer
from notify.words import Assessment, Grade

_LONGEST = 80

AGREED_WORDS: dict[ReplyAnswer, tuple[str, ...]] = {
    ReplyAnswer(Grade.RECEIVED): ("received", "reçu", "recu", "recibido", "получено", "收到", "تم الاستلام"),
    ReplyAnswer(Grade.ASSESSED, Assessment.AFFECTED): (
        "affected", "touché", "touche", "afectado", "затронуто", "受影响", "متأثر",
    ),
    ReplyAnswer(Grade.ASSESSED, Assessment.POTENTIALLY_AFFECTED): (
        "potentially affected", "potentiellement touché", "potencialmente afectado", "возможно затронуто",
        "可能受影响", "محتمل التأثر",
    ),
    ReplyAnswer(Grade.ASSESSED, Assessment.NOT_AFFECTED): (
        "not affected", "non touché", "no afectado", "не затронуто", "未受影响", "غير متأثر",
    ),
    ReplyAnswer(Grade.ASSESSED, Assessment.CANNOT_SAY): (
        "cannot say", "indéterminé", "no determinado", "не определено", "无法确定", "غير محدد",
    ),
    ReplyAnswer(Grade.ACTING): (
        "acting", "mesures en cours", "medidas en curso", "меры принимаются", "正在采取措施", "جاري اتخاذ التدابير",
    ),
    ReplyAnswer(None): (
        "wrong contact", "mauvais contact", "contacto equivocado", "неверный контакт", "联系人有误", "جهة اتصال خاطئة",
    ),
}  # fmt: skip
"""What each agreed word says; in the order English, French, Spanish, Russian, Chinese, Arabic."""

# A question mark or a colon is no end of a statement: "affected?" asks and "affected:" opens a list.
_FINAL = re.compile(r"[\s.!。।۔,,،;;؛!.、]+$")
_OPENING = re.compile(r"^[\s¡]+")
# Vowel signs and the stretching of letters, which Arabic keyboards add and readers do not see as another word.
_ARABIC_MARKS = re.compile("[\u0640\u064b-\u0652]")


def agreed_answer(line: str) -> ReplyAnswer | None:
    """Read one line; None unless it is exactly an agreed word, in any case, with or without final punctuation."""
    if len(line) > _LONGEST:
        return None
    return _BY_WORD.get(_same_form(line))


# Where the word of a language stands; French may have a second form behind the first.
_PLACES = {"en": 0, "fr": 1, "es": -4, "ru": -3, "zh": -2, "ar": -1}


def words_in(language: str, answers: Iterable[ReplyAnswer] = AGREED_WORDS) -> tuple[str, ...]:
    """Give the agreed words for these answers in a language; in English where the language is none of the six."""
    place = _PLACES.get(language, 0)
    return tuple(AGREED_WORDS[answer][place] for answer in answers)


def _same_form(text: str) -> str:
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    composed = _ARABIC_MARKS.sub("", unicodedata.normalize("NFKC", visible)).casefold()
    return " ".join(_OPENING.sub("", _FINAL.sub("", composed)).split())


_BY_WORD = {_same_form(word): answer for answer, words in AGREED_WORDS.items() for word in words}
