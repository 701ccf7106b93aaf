"""Rules of how fast the mail servers of one domain take mail from us, where the operator set a pace."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

EVERY_DOMAIN = "*"
BURST = timedelta(seconds=10)
"""As many mails as a pace allows in this time may go at once."""

MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one domain takes mail: transactions at one time, mails a minute; None sets no limit.

    The domain is in lower case and ASCII; "*" is each domain that has no pace of its own.
    """

    domain: str
    at_once: int | None = None
    a_minute: int | None = None


def domain_of(address: str) -> str:
    """Give the domain of a mail address, or a domain itself, in lower case and in ASCII where that can be."""
    domain = address.rpartition("@")[2].lower()
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


class Pacer:
    """Remembers what went to each domain, and says when the next mail may go; it waits for nothing itself."""

    def __init__(self, paces: Iterable[Pace]) -> None:
        self._paces = {pace.domain: pace for pace in paces}
        self._next_turn: dict[str, datetime] = {}
        self._end_of_queue: dict[str, datetime] = {}

    def place_of(self, address: str) -> str:
        """Name the domain whose pace holds for an address; "" when none does."""
        if not self._paces:
            return ""
        domain = domain_of(address)
        return domain if domain in self._paces or EVERY_DOMAIN in self._paces else ""

    def at_once(self, domain: str) -> int:
        """Say how many transactions a domain takes at one time."""
        return self._pace(domain).at_once or sys.maxsize

    def back_at(self, domain: str, now: datetime) -> datetime | None:
        """Take a turn and give None; or, when the domain has had enough, say when to come back."""
        a_minute = self._pace(domain).a_minute
        if a_minute is None:
            return None
        interval = timedelta(minutes=1) / a_minute
        turn = max(self._next_turn.get(domain, now), now)
        if turn - now <= BURST:
            self._next_turn[domain] = turn + interval
            self._forget(now)
            return None
        # Those who must wait come back one after the other, not all at the same moment.
        back_at = max(self._end_of_queue.get(domain, now), turn - BURST)
        self._end_of_queue[domain] = back_at + interval
        return back_at

    def _pace(self, domain: str) -> Pace:
        return self._paces.get(domain) or self._paces.get(EVERY_DOMAIN) or Pace(domain)

    def _forget(self, now: datetime) -> None:
        for remembered in (self._next_turn, self._end_of_queue):
            if len(remembered) > MOST_REMEMBERED:
                for domain in [each for each, moment in remembered.items() if moment <= now]:
                    del remembered[domain]
