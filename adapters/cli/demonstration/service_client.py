"""Calls the service from outside, over real HTTP, as accounts and as readers of links do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from adapters.cli.demonstration.page_form import find_form


class RefusedCall(Exception):
    """The service did not do what the demonstration asked; holds its problem document."""

    def __init__(self, call: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(f"{call}: {status} {problem.get('detail', '')}")


class ServiceClient:
    """Speaks to the service at one address."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self.address = address

    async def get(self, path: str, token: str = "") -> Any:
        """Read a document of the API; raise RefusedCall."""
        async with self._session.get(self.address + path, headers=_bearer(token)) as answer:
            return await self._document(answer)

    async def post(self, path: str, body: object, token: str, headers: Mapping[str, str] | None = None) -> Any:
        """Post a document to the API; raise RefusedCall."""
        sent = {**_bearer(token), **(headers or {})}
        async with self._session.post(self.address + path, json=body, headers=sent) as answer:
            return await self._document(answer)

    @staticmethod
    async def _document(answer: aiohttp.ClientResponse) -> Any:
        document = await answer.json(content_type=None)
        if answer.status >= 400:
            raise RefusedCall(f"{answer.method} {answer.url.path}", answer.status, document or {})
        return document

    async def fill_in(self, link: str, answers: Mapping[str, str]) -> None:
        """Open the page of a link, fill in its form as a person would, and send it; raise RefusedCall."""
        async with self._session.get(link) as page:
            form = find_form(await page.text(), asking_for="by")
            if page.status != 200 or form is None:
                raise RefusedCall("the acknowledgement page", page.status, {"detail": "shows no form"})
        target = URL(link).join(URL(form.action)) if form.action else URL(link)
        async with self._session.post(target, data={**form.fields, **answers}) as done:
            if done.status != 200:
                raise RefusedCall("the acknowledgement form", done.status, {"detail": "was not taken"})


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
