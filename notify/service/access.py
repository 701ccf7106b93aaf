"""Creates accounts and their tokens, and says whose token it is and what it may do."""

from __future__ import annotations

import hashlib
import secrets

from contacts.model import StateCode
from notify.account import OF_A_STATE, OPERATOR, Account, Role
from notify.errors import Fault, InvalidDocument
from notify.events import SERVICE_CHAIN, AccountCreated, TokenIssued
from notify.ports import Ports
from notify.words import AccountId

TOKEN_PREFIX = "a17_"  # noqa: S105 — the prefix by which a token is recognised, no secret


def token_hash(token: str) -> str:
    """Give the hash under which an access token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


async def create_account(name: str, role: str, state: str | None, ports: Ports) -> Account:
    """Create an account; raise InvalidDocument or Conflict."""
    faults = []
    if not name.strip() or len(name) > 200:
        faults.append(Fault("/name", "must be 1 to 200 characters"))
    if role not in set(Role) - {Role.OPERATOR}:
        roles = ", ".join(sorted(set(Role) - {Role.OPERATOR}))
        raise InvalidDocument([*faults, Fault("/role", f"must be one of {roles}")])
    if (role in OF_A_STATE) != (state is not None):
        faults.append(Fault("/state", "is needed for the roles of a State, and only for these"))
    elif state is not None and not ports.registry.is_state(state):
        faults.append(Fault("/state", "is not a State of the registry"))
    if faults:
        raise InvalidDocument(faults)
    now = ports.clock.now()
    account = Account(
        AccountId(ports.new_id("acc")), name.strip(), Role(role), StateCode(state) if state else None, now
    )
    async with ports.database.write() as work:
        await work.accounts.add(account)
        work.record(
            AccountCreated(case_reference=SERVICE_CHAIN, at=now, account=account.id, role=role, state=account.state)
        )
        await work.commit()
    return account


async def issue_token(name: str, ports: Ports) -> str:
    """Make a new token for an account and forget the old one; only its hash is kept, so it is shown once."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    async with ports.database.write() as work:
        account = await work.accounts.by_name(name)
        await work.accounts.set_token(account.id, token_hash(token))
        work.record(TokenIssued(case_reference=SERVICE_CHAIN, at=ports.clock.now(), account=account.id))
        await work.commit()
    return token


async def whose_token(token: str, ports: Ports) -> Account | None:
    """Say whose token this is."""
    if not token.startswith(TOKEN_PREFIX) or len(token) > 200:
        return None
    async with ports.database.read() as work:
        return await work.accounts.by_token(token_hash(token))


async def ensure_operator(ports: Ports) -> None:
    """Make sure that the operator's own account stands, so that commands are on record."""
    async with ports.database.write() as work:
        known = {account.id for account in await work.accounts.all()}
        if OPERATOR.id not in known:
            await work.accounts.add(Account(OPERATOR.id, OPERATOR.name, OPERATOR.role, None, ports.clock.now()))
            await work.commit()
