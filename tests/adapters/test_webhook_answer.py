"""Each status and each Retry-After means one thing, whatever the receiver writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from adapters.outbound.client import Answer
from adapters.webhook.answer import proof_from, retry_after
from notify.delivery import RETRY_FOR, DeliveryState
from notify.errors import DeliveryError, FailureKind

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TEMPORARY = {302, 303, 307, 408, 425, 429, 500, 502, 503, 504, 599, 999}
FINAL = {301, 308, 400, 401, 403, 404, 405, 409, 410, 413, 422, 451}


def answer(status: int, retry: str = "60") -> Answer:
    return Answer(status, CIMultiDict({"retry-after": retry}), b"why", timedelta(seconds=1))


def failure(status: int) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        proof_from(answer(status), NOW)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_delivered(status: int) -> None:
    assert proof_from(answer(status), NOW).state is DeliveryState.DELIVERED


@pytest.mark.parametrize("status", sorted(TEMPORARY))
def test_what_may_pass_is_tried_again_no_earlier_than_asked(status: int) -> None:
    error = failure(status)
    assert (error.permanent, error.kind) == (False, FailureKind.TEMPORARY)
    assert (error.status, error.retry_after) == (status, timedelta(seconds=60))


@pytest.mark.parametrize("status", sorted(FINAL))
def test_what_cannot_change_is_final_and_the_next_contact_is_told(status: int) -> None:
    error = failure(status)
    assert (error.permanent, error.kind, error.retry_after) == (True, FailureKind.RECIPIENT, None)
    assert (str(status) in error.reason, error.answer) == (True, "why")


def test_a_format_that_is_not_understood_is_ours_to_mend() -> None:
    assert (failure(415).permanent, failure(415).kind) == (True, FailureKind.OURS)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), timedelta(minutes=5)),
        ("Friday, 20-Nov-26 09:05:00 GMT", timedelta(minutes=5)),
        ("Fri, 20 Nov 2026 09:05:00", timedelta(minutes=5)),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), None),
        (format_datetime(NOW.replace(year=2036), usegmt=True), timedelta(hours=72)),
        (str(10 * 366 * 86400), timedelta(hours=72)),
        ("9" * 5000, timedelta(hours=72)),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("\u0665", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Fri, 99 Foo 2026 99:99:99 GMT", None),
        ("Fri, 20 Nov 99999999 09:05:00 GMT", None),
        ("Fri, 20 Nov 2026 09:05:00 +9999", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_never_trusted(value: str | None, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == wait


@given(st.text() | st.datetimes().map(str) | st.integers().map(str))
def test_no_text_whatever_breaks_retry_after(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or timedelta(0) < wait <= RETRY_FOR
