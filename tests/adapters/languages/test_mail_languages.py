"""A mail is right in its reader's language: direction, isolation, names, moments, and the original text."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from functools import lru_cache

import pytest

from adapters.email.compose import Composer
from adapters.languages.directions import CLOSING, OPENING
from adapters.languages.formatting import state_name
from contacts.model import StateCode
from contacts.registry import UN_LANGUAGES
from notify.delivery import NoticeKind
from notify.reply_words import words_in
from notify.sentence import Sentence
from tests.adapters.mail_builders import NOW, dispatch, example_report, letterhead, notice, recipient

ISOLATES = re.compile("[\u2066-\u2069]")
LINK = "https://article17.example/a/k3v9"


def by() -> Composer:
    return Composer(replace(letterhead(), takes_answers=True))


@lru_cache
def content(language: str) -> bytes:
    report = {**example_report("llrice601-2006"), "quantity": {"value": 20000, "unit": "t"}}
    told = notice(language=language, report=report, withheld=("/release/place",))
    reason = Sentence("{state}: {office} is its contact.", {"state": "NL", "office": "Unit 4"})
    return by().compose(dispatch(told, recipient(language=language, reason=reason)), NOW).content


def part(mail: bytes, subtype: str) -> str:
    body = message_from_bytes(mail, policy=policy.default).get_body((subtype,))
    assert body is not None
    return str(body.get_content())


def header(mail: bytes, name: str) -> str:
    return str(make_header(decode_header(message_from_bytes(mail)[name].replace("\r\n", ""))))


def test_an_arabic_mail_runs_from_right_to_left() -> None:
    html = part(content("ar"), "html")
    assert '<html lang="ar" dir="rtl">' in html
    assert '<body dir="rtl"' in html
    assert message_from_bytes(content("ar"))["Content-Language"] == "ar"


@pytest.mark.parametrize("language", sorted(set(UN_LANGUAGES) - {"ar"}))
def test_every_other_mail_runs_from_left_to_right_and_holds_no_isolate(language: str) -> None:
    html, text = part(content(language), "html"), part(content(language), "plain")
    assert f'<html lang="{language}" dir="ltr">' in html
    assert not ISOLATES.search(html)
    assert not ISOLATES.search(text)
    assert not ISOLATES.search(header(content(language), "Subject"))


def test_an_arabic_mail_sets_the_case_reference_and_the_identifier_apart() -> None:
    html, text = part(content("ar"), "html"), part(content("ar"), "plain")
    for identifier in ("A17-2026-0001", "BCS-OSØØ3-7", "UTC+01:00", "Europe/Amsterdam"):
        assert f'<span dir="auto">{identifier}</span>' in html
        assert f"{OPENING}{identifier}{CLOSING}" in text
    # Tags stand in their place in HTML, but for the title, which takes none.
    assert not ISOLATES.search(html.partition("</head>")[2])


def test_every_isolate_of_an_arabic_text_is_closed_on_its_line() -> None:
    for line in part(content("ar"), "plain").splitlines():
        assert line.count(OPENING) == line.count(CLOSING)


def test_no_isolate_touches_an_address() -> None:
    text = part(content("ar"), "plain")
    assert LINK in text.splitlines()
    assert not re.search("[\u2066-\u2069]https?:|https?:[^ \n]*[\u2066-\u2069]", text)
    assert not re.search(r"[\u2066-\u2069][^ \n]*@|@[^ \n]*[\u2066-\u2069]", text)
    assert f'<a href="{LINK}" dir="ltr">{LINK}</a>' in part(content("ar"), "html")


@pytest.mark.parametrize("language", UN_LANGUAGES)
def test_every_subject_begins_with_the_bare_case_reference(language: str) -> None:
    assert header(content(language), "Subject").startswith("[A17-2026-0001] ")
    for name in ("From", "To", "Message-ID", "Date", "Content-Language"):
        assert not ISOLATES.search(header(content(language), name))


def test_the_rest_of_an_arabic_subject_is_one_piece_from_right_to_left() -> None:
    subject = header(content("ar"), "Subject").removeprefix("[A17-2026-0001] ")
    assert subject.startswith("\u2067")
    assert subject.endswith(CLOSING)
    assert f"{OPENING}LLRICE601" in subject


def test_a_title_cannot_bring_marks_of_direction_into_a_subject() -> None:
    told = notice(language="ar", title={"en": "rice \u202egnp.exe\u2069\u2067 x"})
    subject = header(by().compose(dispatch(told), NOW).content, "Subject")
    assert f"{OPENING}rice gnp.exe x{CLOSING}" in subject


@pytest.mark.parametrize("language", sorted(set(UN_LANGUAGES) - {"en"}))
def test_a_mail_names_states_as_cldr_does(language: str) -> None:
    text = part(content(language), "plain")
    for code in ("US", "NL", "FR", "JP"):
        assert state_name(code, language) in text
    assert "Netherlands" not in text


def test_a_chinese_mail_names_states_and_weekdays_in_chinese() -> None:
    text = part(content("zh"), "plain")
    assert "荷兰" in text
    assert "2026年11月24日星期二" in text


@pytest.mark.parametrize(
    ("language", "weekday"), [("ar", "الثلاثاء"), ("es", "martes"), ("fr", "mardi"), ("ru", "вторник")]
)
def test_both_the_readers_zone_and_utc_are_printed(language: str, weekday: str) -> None:
    text = ISOLATES.sub("", part(content(language), "plain"))
    assert weekday in text
    assert "00:30 (Europe/Amsterdam" in text
    assert "UTC+01:00" in text
    assert re.search("23:30\\s?UTC|UTC\\s?23:30", text)


@pytest.mark.parametrize("language", UN_LANGUAGES)
def test_a_mail_names_the_words_that_answer_it_and_who_sends_it_in_its_language(language: str) -> None:
    text = ISOLATES.sub("", part(content(language), "plain"))
    line = next(line for line in text.splitlines() if words_in(language)[-1] in line)
    assert [word for word in words_in(language) if word not in line] == []
    name = header(content(language), "From")
    assert ("Article 17 notification service" in name) == (language == "en")


def test_only_receipt_and_the_wrong_contact_are_asked_of_who_is_no_state() -> None:
    reader = recipient(status="organization", organization="FAO", state=None)
    text = part(by().compose(dispatch(reader=reader), NOW).content, "plain")
    assert "alone on the first line: received, wrong contact\n" in text.replace("\r\n", "\n")


def test_no_words_are_named_where_replies_are_read_by_people_alone() -> None:
    text = part(Composer(letterhead()).compose(dispatch(), NOW).content, "plain")
    assert "on the first line" not in text


@pytest.mark.parametrize("language", sorted(set(UN_LANGUAGES) - {"en"}))
def test_the_original_stays_in_its_language_and_is_said_to_be_authoritative(language: str) -> None:
    mail = content(language)
    html = part(mail, "html")
    assert '<span lang="en" dir="ltr">LLRICE601 long-grain rice' in html
    said = {
        "ar": "ذو الحجية", "es": "auténtic", "fr": "font foi", "ru": "аутентичн", "zh": "以英语文本为准",
    }  # fmt: skip
    assert said[language] in part(mail, "plain")


def test_the_readers_version_comes_before_the_original() -> None:
    title = {"en": "Escaped rice", "ru": "Утечка риса", "fr": "Riz échappé"}
    told = notice(language="ru", title=title, original_language="fr")
    text = part(by().compose(dispatch(told), NOW).content, "plain")
    assert "Предмет: Утечка риса" in text
    assert "Предмет (текст оригинала, французский): Riz échappé" in text
    assert text.index("Утечка риса") < text.index("Riz échappé")
    assert "Escaped rice" not in text
    assert "аутентичным является текст на языке оригинала (французский)" in text


def test_an_arabic_name_in_an_english_mail_is_set_apart_by_a_tag_alone() -> None:
    told = notice(authority="مكتب السلامة الأحيائية", reporting_state=StateCode("EG"))
    mail = by().compose(dispatch(told), NOW).content
    assert 'From <span dir="auto">مكتب السلامة الأحيائية</span>, Egypt' in part(mail, "html")
    assert "From مكتب السلامة الأحيائية, Egypt" in part(mail, "plain")


_SAYS_NO_LINES = (NoticeKind.REPORT, NoticeKind.WITHDRAWN, NoticeKind.CLOSING)
_LINES = {kind: [] if kind in _SAYS_NO_LINES else ["X1"] for kind in NoticeKind}


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("language", sorted(set(UN_LANGUAGES) - {"en"}))
def test_no_mail_speaks_english_where_the_service_speaks_itself(kind: NoticeKind, language: str) -> None:
    report = {"lmos": [{"event": "X1"}], "release": {"state": "US", "date": {"value": "2006", "precision": "year"}}}
    told = notice(
        kind=kind, language=language, report=report, title={language: "X1"}, original_language=language,
        authority="X1", severity_reason=None, log_head="12 3fa9",
        details={"state": "TD", "grade": "assessed", "assessment": "cannot_say", "means": "link", "lines": _LINES[kind],
                 "preliminary": True, "late": True, "states": 1, "at": NOW, "since": NOW, "due_at": NOW,
                 "window_ends_at": NOW, "draft_id": "X1", "clock": "assessed"},
    )  # fmt: skip
    reader = recipient(language=language, office="X1", reason=None)
    text = part(by().compose(dispatch(told, reader), NOW).content, "plain")
    without_addresses = re.sub(r"https?://\S+|Europe/Amsterdam", "", text)
    words = {"the", "and", "this", "is", "of", "by", "State", "please", "report", "unknown", "affected"}
    assert words.isdisjoint(re.findall(r"[A-Za-zÀ-ÿ]+", without_addresses))
