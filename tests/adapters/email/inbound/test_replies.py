"""Replies as real clients write them in six languages: the first new line counts, and nothing else."""

from __future__ import annotations

import pytest

from adapters.email.inbound.reading import read_mail
from adapters.email.inbound.replies import new_text
from notify.inbound import Authentication, Reply, ReplyAnswer
from notify.reply_words import AGREED_WORDS
from notify.words import Assessment, Grade
from tests.adapters.email.inbound import received_mails as mails

RECEIVED = ReplyAnswer(Grade.RECEIVED)
AFFECTED = ReplyAnswer(Grade.ASSESSED, Assessment.AFFECTED)
NOT_AFFECTED = ReplyAnswer(Grade.ASSESSED, Assessment.NOT_AFFECTED)
CODECS = {"en": "us-ascii", "fr": "iso-8859-1", "es": "windows-1252", "ru": "koi8-r", "zh": "gb18030",
          "ar": "windows-1256"}  # fmt: skip


def words_in(language: str) -> dict[ReplyAnswer, str]:
    place = ["en", "fr", "es", "ru", "zh", "ar"].index(language)
    unaccented = ("recu", "touche")
    return {answer: [w for w in words if w not in unaccented][place] for answer, words in AGREED_WORDS.items()}


def read(raw: bytes, *, is_return_path: bool = False) -> Reply:
    meaning = read_mail(raw, envelope_sender=mails.OFFICE, authserv_id=mails.SERVER, is_return_path=is_return_path)
    assert isinstance(meaning, Reply), meaning
    return meaning


each_client = pytest.mark.parametrize("client", mails.CLIENTS.values(), ids=list(mails.CLIENTS))
each_language = pytest.mark.parametrize("language", mails.QUOTING)


@each_language
@each_client
def test_every_agreed_word_is_read_from_every_client(client: mails.Client, language: str) -> None:
    for answer, word in words_in(language).items():
        reply = read(mails.reply(client(word.capitalize() + ".", language)))
        assert reply.answer == answer
        assert reply.text.splitlines()[0] == word.capitalize() + "."
        assert "Notification under" not in reply.text


@each_language
@each_client
def test_words_that_are_only_quoted_answer_nothing(client: mails.Client, language: str) -> None:
    for new in ("", "We shall look into it.", f"{words_in(language)[RECEIVED]}?"):
        reply = read(mails.reply(client(new, language)))
        assert reply.answer is None
        assert "Notification under" not in reply.text


@each_language
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("charset", ["utf-8", "own"])
def test_words_are_read_in_every_charset_and_encoding(language: str, encoding: str, charset: str) -> None:
    codec = CODECS[language] if charset == "own" else charset
    for answer, word in words_in(language).items():
        assert read(mails.reply(f"{word}\n\n", charset=codec, encoding=encoding)).answer == answer


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "windows-1256", "windows-1251", "koi8-r", "windows-1252"])
@pytest.mark.parametrize(
    "declared", ["", "us-ascii", "iso-8859-1", "utf-8", "no-such-charset", "idna", "unicode_escape"]
)
def test_a_wrong_charset_does_not_hide_the_word(codec: str, declared: str) -> None:
    for answer, words in AGREED_WORDS.items():
        for word in words:
            try:
                content = word.encode(codec)
            except UnicodeEncodeError:
                continue
            if declared != "iso-8859-1" or not word.isascii():
                assert read(mails.reply(content, charset=declared)).answer == answer, word


def test_gb2312_is_read_as_its_wider_successor() -> None:
    assert read(mails.reply("收到\n\n銀行".encode("gb18030"), charset="gb2312")).answer == RECEIVED


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize(
    "html",
    [
        "<html><head><style>p {{}}</style><title>not affected</title></head><body>"
        '<div dir="ltr">{word}</div><br><div class="gmail_quote"><div class="gmail_attr">On Friday wrote:<br></div>'
        "<blockquote>affected</blockquote></div>",
        "<body><p class=MsoNormal>{word}<o:p></o:p></p><p class=MsoNormal>&nbsp;</p>"
        "<div style='border-top:solid #E1E1E1'>"
        "<p><b>From:</b> Article 17<br><b>Sent:</b> Friday<br><b>To:</b> Office<br></p></div><p>affected</p>",
        '<div>{word}</div><hr id="stopSpelling"><div id="divRplyFwdMsg"><b>De&nbsp;:</b> x</div><div>affected</div>',
        '<div><!-- affected --><![if !x]><span style="display: none">affected</span>{word}</div>'
        '<div id="appendonsend"></div><p>affected</p>',
        '<div class="moz-cite-prefix">On 11/20/26, Article 17 wrote:<br></div><blockquote type="cite"><p>affected</p>'
        "</blockquote><p>{word}</p>",
        "<p>{word}</p><blockquote><div>On Friday, x wrote:</div><blockquote>affected</blockquote></blockquote>",
        "<table><tr><td>{word}</td></tr></table><includetail><div>affected</div></includetail>",
        '<div dir="rtl">\u200f{word}\u200f<br>affected<br></div><script>affected</script>',
    ],
)
def test_replies_in_html_alone_are_read(html: str, encoding: str) -> None:
    for word, answer in (
        ("Received.", RECEIVED),
        ("não", None),
        ("未受影响。", NOT_AFFECTED),
        ("غير متأثر", NOT_AFFECTED),
    ):
        reply = read(mails.reply(html.format(word=word), kind="text/html", encoding=encoding))
        assert reply.answer == answer
        assert reply.text.splitlines()[0] == word


def test_quoted_html_alone_answers_nothing() -> None:
    for html in (
        "<blockquote>received</blockquote>",
        '<div class="gmail_quote">received</div>',
        '<div id="appendonsend"></div>received',
        "<title>received</title>",
        "<!--received",
        "<style>received",
    ):
        assert read(mails.reply(html, kind="text/html")).answer is None


def test_the_plain_part_is_read_before_the_html_one_unless_it_is_empty() -> None:
    for plain, html, answer in (("received\n", "affected", RECEIVED), (" \n\n", "<p>affected</p>", AFFECTED)):
        raw = mails.mail(
            {"From": mails.OFFICE}, mails.part(plain, "text/plain"), mails.part(html, "text/html"),
            kind="multipart/alternative",
        )  # fmt: skip
        assert read(raw).answer == answer


@pytest.mark.parametrize(
    "body",
    [
        "> Reply with one of these words, as the notification says:\nreceived\n> affected\n",
        "> Reply with the word\nreceived\n",
        "> Is your State affected?\n\naffected\n\n> Have you taken measures?\n\nnot affected\n",
        "received\naffected\nnot affected\nacting\n",
        "Dear colleagues,\nreceived\n",
        "-----Original Message-----\nreceived\n",
        "From: Article 17\nSent: Friday\nTo: us\n\nreceived\n",
        "________________________________\nreceived\n",
        "On 20 November 2026 Article 17 wrote:\n\nreceived\n",
        "-- \nreceived\n",
        "not\nreceived\n",
        "received?\n\nreceived\n",
        "We have not received it.\n",
        "| received\n",
        "",
    ],
)
def test_a_word_that_may_be_ours_answers_nothing(body: str) -> None:
    assert read(mails.reply(body)).answer is None


@pytest.mark.parametrize(
    "body",
    ["\n\n \u200f\n\u00a0\nreceived\n", "received\n\nBest regards\nThe office", "RECEIVED\n-- \nname", "received",
     "> old words\n> more\n\nreceived\n", "Sent from my iPhone\n\nreceived\n", "received\r\n\r\n> old\r\n"],
)  # fmt: skip
def test_the_first_new_line_answers(body: str) -> None:
    assert read(mails.reply(body)).answer == RECEIVED


def test_what_a_human_must_read_is_kept_without_the_quotation() -> None:
    text = "We need the detection method.\n\nIs a laboratory named?"
    reply = read(mails.reply(mails.gmail(text, "en")))
    assert (reply.text, reply.answer) == (text, None)


def test_answers_between_quoted_questions_are_shown_to_a_human() -> None:
    found = new_text("> Is it affected?\nno idea\n\n> Anything else?\n\nno\n")
    assert (found.text, found.first_line) == ("no idea\n\n\nno", "")


def test_who_wrote_is_read_with_names_in_every_script() -> None:
    reply = read(mails.reply("received", From="=?koi8-r?B?+dfBziDsyQ==?= <office@authority.example>",
                             Subject="=?gb2312?B?u9i4tA==?=: A17"))  # fmt: skip
    assert (reply.name, reply.sender, reply.subject) == ("Ыван Ли", mails.OFFICE, "回复: A17")


def test_a_reply_at_the_return_path_is_for_a_human() -> None:
    assert read(mails.reply("received"), is_return_path=True).answer is None


def test_a_digest_answers_nothing() -> None:
    plain, enclosed = mails.part("received\n", "text/plain"), mails.part("\nreceived\n", "message/rfc822")
    digest = mails.mail({"From": mails.OFFICE}, plain, enclosed, kind="multipart/digest")
    assert read(digest).answer is None


def test_an_attached_or_enclosed_text_answers_nothing() -> None:
    for kind in ('text/plain; name="a.txt"\nContent-Disposition: attachment', "message/rfc822", "text/calendar"):
        raw = mails.mail({"From": mails.OFFICE}, mails.part("received\n", kind), kind="multipart/mixed")
        assert read(raw).answer is None


def test_long_replies_are_cut() -> None:
    reply = read(mails.reply("received\n" + "x" * 1_000_000, Subject="s" * 5000, From=f"{'n' * 3000} <{mails.OFFICE}>"))
    assert reply.answer == RECEIVED
    assert max(len(reply.text), len(reply.subject), len(reply.name)) <= 10_000


def test_the_reply_carries_what_our_server_found() -> None:
    assert read(mails.reply("received")).authentication is Authentication.PASS
