"""Plays the offices of the addressees: they read the mails that were caught, and answer by link or by API."""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapters.cli.demonstration.service_client import ServiceClient
from adapters.email.catcher import CaughtMail, MailCatcher

_ASSESSMENTS = frozenset({"affected", "potentially_affected"})


class Offices:
    """The people and systems at the other end."""

    def __init__(self, service: ServiceClient, catcher: MailCatcher, tokens: Mapping[str, str]) -> None:
        """Take the tokens of the accounts that some States have, by State code."""
        self._service = service
        self._catcher = catcher
        self._tokens = tokens
        self._link = re.compile(re.escape(service.address) + r"/a/[A-Za-z0-9_-]+")

    async def answer_first_mail(self, domain: str) -> str | None:
        """Answer by the link of the first mail that reached this domain; give the mailbox, or None without a mail."""
        return await self._answer(next(iter(self._mails_with_link(domain)), None))

    async def answer_last_mail(self, domain: str) -> str | None:
        """Answer by the link of the last mail that reached this domain; give the mailbox, or None without a mail."""
        return await self._answer(next(iter(reversed(self._mails_with_link(domain))), None))

    def _mails_with_link(self, domain: str) -> list[CaughtMail]:
        arrived = [mail for mail in self._catcher.mails if mail.to.endswith(f"@{domain}")]
        return [mail for mail in arrived if self._link.search(mail.text)]

    async def _answer(self, mail: CaughtMail | None) -> str | None:
        link = self._link.search(mail.text) if mail is not None else None
        if mail is None or link is None:
            return None
        answers = {"by": "Officer on duty (demonstration)", "office": f"Office of {mail.to}", "grade": "received"}
        await self._service.fill_in(link.group(), answers)
        return mail.to

    async def answer_by_api(self, state: str) -> bool:
        """Look up the State's own notification with its account, and answer it with an assessment."""
        token = self._tokens[state]
        [case, *_] = (await self._service.get("/api/v1/cases", token))["cases"]
        told = await self._service.get(f"/api/v1/cases/{case['reference']}/notifications", token)
        [notification] = told["notifications"]
        status = notification["status"]
        await self._acknowledge(
            notification["id"],
            state,
            {"grade": "assessed", "assessment": status if status in _ASSESSMENTS else "cannot_say"},
        )
        return True

    async def answer_webhook(self, state: str, notification_id: str) -> bool:
        """Acknowledge what a webhook told, as a national system does."""
        await self._acknowledge(notification_id, state, {"grade": "received"})
        return True

    async def _acknowledge(self, notification_id: str, state: str, answer: Mapping[str, str]) -> None:
        body = {**answer, "by": "Officer on duty (demonstration)", "office": f"National system of {state}"}
        await self._service.post(f"/api/v1/notifications/{notification_id}/acknowledgements", body, self._tokens[state])
