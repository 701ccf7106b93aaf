"""Says in a mail that an endpoint fails, or that it is well again."""

from __future__ import annotations

from adapters.email.page import Page
from adapters.languages.formatting import amount
from notify.delivery import Notice
from notify.sentence import Sentence

_TO_DO = Sentence(
    "E-mail goes on as always. Every new message is still tried once at the endpoint; please have it mended, and send "
    "it a test. What it missed can then be sent again (replay)."
)
_TO_DO_WHEN_GONE = Sentence(
    "It answered that it is gone (410), so nothing more is sent to it; e-mail goes on as always. If that is wrong, "
    "send it a test, or register it again. What it missed can then be sent again (replay)."
)


def write_failing(page: Page, notice: Notice, time_zone: str) -> None:
    """Say which endpoint fails, since when, and what to do."""
    page.add(None, Sentence("A webhook endpoint of your State takes no messages."), strong=True)
    _write_endpoint(page, notice, time_zone)
    failures = notice.details.get("failures")
    page.add(Sentence("Tries in a row that failed"), "" if failures is None else amount(failures, page.language))
    page.add(Sentence("The last try"), page.said(notice.details.get("reason")))
    page.add(None, _TO_DO_WHEN_GONE if notice.details.get("gone") else _TO_DO)


def write_recovered(page: Page, notice: Notice, time_zone: str) -> None:
    """Say which endpoint is well again, and what it may have missed."""
    page.add(None, Sentence("A webhook endpoint of your State takes messages again."), strong=True)
    _write_endpoint(page, notice, time_zone)
    page.add(Sentence("Well again since"), page.moment(notice.details["at"], time_zone))
    page.add(None, Sentence("What it missed can be sent again (replay)."))


def _write_endpoint(page: Page, notice: Notice, time_zone: str) -> None:
    details = notice.details
    page.add(Sentence("Office"), details.get("office"))
    page.add(Sentence("Contact"), details.get("contact"))
    page.add(Sentence("Host"), details.get("host"))
    page.add(Sentence("It began to fail"), page.moment(details["since"], time_zone) if details.get("since") else "")
