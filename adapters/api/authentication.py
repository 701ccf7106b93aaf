"""Says whose call it is, from its bearer token, and whether that account may make it now."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from adapters.api.limits import Buckets
from adapters.api.options import ApiOptions
from adapters.api.problems import Unauthorized
from notify.account import RIGHTS, Account, Right, Role, require
from notify.errors import NotAllowed
from notify.ports import Ports
from notify.service.access import whose_token
from notify.words import AccountId

NOBODY = Account(AccountId("nobody"), "nobody", Role.READER, None)
"""Who asks for what is open to everyone."""


class Gate:
    """Lets accounts in, and limits how often one posts and how often one address tries tokens we do not know."""

    def __init__(self, ports: Ports, options: ApiOptions) -> None:
        self._ports = ports
        self._posts = Buckets(options.posts_a_minute, options.ticks)
        self._unknown = Buckets(options.unknown_tokens_a_minute, options.ticks)

    async def admit(self, request: web.Request, rights: Sequence[Right]) -> Account:
        """Give the account of a call that has one of these rights.

        Raises Unauthorized, NotAllowed or TooManyRequests.
        """
        token = _token(request)
        account = await whose_token(token, self._ports) if token else None
        if account is None:
            if token or request.method == "POST":
                self._unknown.take(request.remote or "")
            raise Unauthorized("send a token of this service: Authorization: Bearer a17_…")
        if account.role is Role.OPERATOR:
            raise NotAllowed("the operator acts by commands on the machine, not through the API")
        if not any(right in RIGHTS[account.role] for right in rights):
            require(account, rights[0])
        if request.method == "POST":
            self._posts.take(account.id)
        return account


def _token(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token.isascii() else None
