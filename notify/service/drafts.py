"""Keeps incomplete reports inside one authority, until they are submitted or thrown away."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from contacts.model import StateCode
from notify.account import Account, Right, require
from notify.clock_events import DraftOpened
from notify.deadline import next_prompt
from notify.errors import Fault, InvalidDocument, NotAllowed, NotFound
from notify.event import SERVICE_CHAIN
from notify.ports import Ports, UnitOfWork
from notify.report import draft_faults
from notify.rows import DraftRow
from notify.service.filing import Submitted, submit_report
from notify.service.reading import stamp
from notify.words import DraftId


def _view(draft: DraftRow, ports: Ports) -> dict[str, Any]:
    registry = ports.registry
    faults = draft_faults(dict(draft.document), is_state=registry.is_state, is_place=registry.is_place)
    return {
        "id": draft.id,
        "report": draft.document,
        "version": draft.version,
        "created_at": stamp(draft.created_at),
        "updated_at": stamp(draft.updated_at),
        "to_complete": [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults],
    }


def _checked(document: object) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise InvalidDocument([Fault("", "a draft is a JSON object in the shape of a report")])
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidDocument([Fault("", "a text holds half of a character pair, which is no text")]) from error
    return document


def _check_right(account: Account) -> StateCode:
    require(account, Right.DRAFT)
    if account.state is None:
        raise NotAllowed("a draft belongs to an authority of a State")
    return account.state


async def create_draft(document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Keep a draft for the account's State."""
    state, now = _check_right(account), ports.clock.now()
    draft = DraftRow(DraftId(ports.new_id("drf")), state, account.id, _checked(document), now, now, 1)
    async with ports.database.write() as work:
        await work.drafts.add(draft)
        prompt_at = next_prompt(now, now)
        work.record(
            DraftOpened(case_reference=SERVICE_CHAIN, at=now, draft_id=draft.id, state=state, prompt_at=prompt_at)
        )
        await work.commit()
    return _view(draft, ports)


async def _own(draft_id: DraftId, account: Account, work: UnitOfWork) -> DraftRow:
    state = _check_right(account)
    draft = await work.drafts.get(draft_id)
    if draft.state != state:
        raise NotFound("there is no such draft")
    return draft


async def list_drafts(account: Account, ports: Ports) -> dict[str, Any]:
    """List the drafts of the account's State."""
    state = _check_right(account)
    async with ports.database.read() as work:
        return {"drafts": [_view(draft, ports) for draft in await work.drafts.of_state(state)]}


async def show_draft(draft_id: DraftId, account: Account, ports: Ports) -> dict[str, Any]:
    """Show one draft, with what is still to be completed."""
    async with ports.database.read() as work:
        return _view(await _own(draft_id, account, work), ports)


async def replace_draft(
    draft_id: DraftId, document: object, expected: int, account: Account, ports: Ports
) -> dict[str, Any]:
    """Replace a draft; raise StaleVersion when it is not the expected version any more."""
    checked = _checked(document)
    async with ports.database.write() as work:
        draft = await _own(draft_id, account, work)
        changed = replace(draft, document=checked, updated_at=ports.clock.now(), version=expected + 1)
        await work.drafts.save(changed, expected)
        await work.commit()
    return _view(changed, ports)


async def remove_draft(draft_id: DraftId, account: Account, ports: Ports) -> None:
    """Throw a draft away."""
    async with ports.database.write() as work:
        await _own(draft_id, account, work)
        await work.drafts.remove(draft_id)
        await work.commit()


async def submit_draft(
    draft_id: DraftId, account: Account, ports: Ports, *, confirmation: str | None = None
) -> Submitted:
    """Submit a draft; its id is the idempotency key of its State, so submitting it again gives the same case."""
    _check_right(account)
    key = f"draft:{draft_id}"
    async with ports.database.read() as work:
        known = await work.cases.case_of_draft(key)
        if known is not None and (await work.cases.get(known)).reporting_state == account.state:
            return Submitted(known, new=False)
        draft = await _own(draft_id, account, work)
    submitted = await submit_report(
        dict(draft.document), account, key, ports, confirmation=confirmation, key_owner=draft.account
    )
    async with ports.database.write() as work:
        await work.drafts.remove(draft_id)
        await work.commit()
    return submitted
