"""Commands on later reports: check one against its case, preview it, add it to the chain."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from adapters.cli.failing import CannotBeDone, InvalidInput, counted, findings_of
from adapters.cli.opening import run
from adapters.cli.remarks import remarks
from adapters.cli.report_page import added_pages, later_preview_pages
from adapters.cli.terminal import note, show

if TYPE_CHECKING:
    from adapters.wiring import System


def show_later_preview(document: Any, reference: str, name: str) -> None:
    """Print what a later report would do in its case, or every fault of it."""
    from notify.account import OPERATOR
    from notify.errors import InvalidDocument
    from notify.service.following import preview_follow_up
    from notify.words import CaseReference

    async def previewed(system: System) -> dict[str, Any]:
        try:
            return await preview_follow_up(CaseReference(reference), document, OPERATOR, system.ports)
        except InvalidDocument as error:
            faults = findings_of(error)
            raise InvalidInput(f"{name}: {counted(len(faults), 'fault')}", faults, valid=False) from error

    view = run(previewed)
    show(view | {"valid": True}, *later_preview_pages(view))


def submit_later(
    document: Any, content: bytes, reference: str, *, preview: bool, key: str | None, confirm: str | None
) -> None:
    """Add a later report to its case, or say what that would do."""
    if preview:
        show_later_preview(document, reference, "report")
        return
    # The same file in another case is another report.
    used = key or hashlib.sha256(reference.encode() + b"\0" + content).hexdigest()

    async def submitted(system: System) -> tuple[dict[str, Any], list[str]]:
        return await _submit(document, reference, used, confirm, system), await remarks(system, on_sending=True)

    view, said = run(submitted)
    show(view, *added_pages(view))
    for text in said:
        note(text)


async def _submit(document: Any, reference: str, key: str, confirmation: str | None, system: System) -> dict[str, Any]:
    from notify.account import OPERATOR
    from notify.errors import ConfirmationNeeded
    from notify.service.added import added_answer
    from notify.service.following import follow_up
    from notify.words import CaseReference

    case = CaseReference(reference)
    try:
        done = await follow_up(case, document, OPERATOR, key, system.ports, confirmation=confirmation)
    except ConfirmationNeeded as needed:
        hint = f"To confirm, give the same command again with: --confirm {needed.confirmation}"
        raise CannotBeDone(str(needed), hint=hint, confirmation=needed.confirmation) from needed
    return await added_answer(case, done.sequence, OPERATOR, system.ports) | {"new": done.new}
