"""Lets States propose conclusions, agree or dissent by name, and ask the secretariat into their private lane."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from notify.account import Account, Right, require
from notify.consultation import (
    Conclusion,
    Invitation,
    LaneKind,
    Position,
    Stand,
    check_conclusion,
    check_position,
    lane_named,
    may_invite,
    take_position,
)
from notify.consultation_events import ConclusionProposed, InvitationEnded, PositionTaken, SecretariatInvited
from notify.document import read_document
from notify.errors import Fault, InvalidDocument, NotAllowed, NotFound
from notify.ports import Ports
from notify.report_parts import NamedState
from notify.report_types import Part
from notify.service.consultation_views import conclusion_view, invitation_view
from notify.service.consulting import enter_consultation, place_in_lane, require_running, speaker
from notify.service.sight import place_of
from notify.words import CaseReference


class InvitationDocument(Part):
    """Which private lane the secretariat is invited into."""

    state: NamedState | None = Field(
        None, description="With which State the private lane runs; its own may be left out"
    )


async def propose_conclusion(
    reference: CaseReference, document: object, account: Account, ports: Ports
) -> dict[str, Any]:
    """Propose a conclusion; who proposes it agrees to it, and those of the lane are told."""
    given = check_conclusion(document)
    async with ports.database.write() as work:
        place = await enter_consultation(reference, account, work)
        lane = lane_named(given.lane, given.state, place.reader, place.states)
        now, state = ports.clock.now(), speaker(account)
        if given.replaces is not None:
            known = {one.id for one in await work.consultation.conclusions(reference) if one.lane == lane}
            if given.replaces not in known:
                raise InvalidDocument([Fault("/replaces", "no conclusion of this lane has this id")])
            await work.consultation.replace_conclusion(given.replaces, now)
        agrees = Position(state, Stand.AGREES, given.by, given.office, account.id, now)
        proposed = Conclusion(ports.new_id("con"), reference, lane, state, now, given.text, (agrees,))
        await work.consultation.add_conclusion(proposed)
        work.record(
            ConclusionProposed(
                case_reference=reference,
                at=now,
                urgent=place.case.urgent,
                conclusion_id=proposed.id,
                lane=str(lane),
                by_state=state,
                account=account.id,
            )
        )
        await work.commit()
    return conclusion_view(proposed, place)


async def state_position(conclusion_id: str, document: object, account: Account, ports: Ports) -> dict[str, Any]:
    """Agree to a conclusion, dissent from it or abstain, by name; what was said before is kept."""
    given = check_position(document)
    async with ports.database.write() as work:
        proposed = await work.consultation.conclusion(conclusion_id)
        reference = proposed.case_reference
        place = await place_in_lane(proposed, reference, account, work, "there is no such conclusion")
        now = ports.clock.now()
        position = Position(speaker(account), given.stand, given.by, given.office, account.id, now, given.reason)
        taken = take_position(proposed, position, place.reader, place.states)
        if taken is not proposed:
            await work.consultation.add_position(taken)
            work.record(
                PositionTaken(
                    case_reference=reference,
                    at=now,
                    urgent=place.case.urgent,
                    conclusion_id=taken.id,
                    number=len(taken.positions),
                    lane=str(taken.lane),
                    by_state=position.by_state,
                    account=account.id,
                )
            )
            await work.commit()
    return conclusion_view(taken, place)


async def invite_secretariat(
    reference: CaseReference, document: object, account: Account, ports: Ports
) -> dict[str, Any]:
    """Ask the secretariat into a private lane; it reads what is said from now on, and what the inviting State said."""
    given = read_document(document, InvitationDocument, needed={}, rules=lambda _: ())
    async with ports.database.write() as work:
        place = await enter_consultation(reference, account, work)
        lane = lane_named(LaneKind.PRIVATE, given.state, place.reader, place.states)
        if not may_invite(place.reader, lane, place.states):
            raise NotAllowed("only the two States of a private lane invite the secretariat into it")
        for known_id, known in (await work.consultation.invitations(reference)).items():
            if known.lane == lane and known.by == speaker(account) and known.ended_at is None:
                return invitation_view(known_id, known)
        invitation = Invitation(lane, speaker(account), ports.clock.now())
        invitation_id = ports.new_id("inv")
        await work.consultation.invite(invitation_id, reference, invitation)
        work.record(
            SecretariatInvited(
                case_reference=reference,
                at=invitation.at,
                urgent=place.case.urgent,
                invitation_id=invitation_id,
                lane=str(lane),
                by_state=invitation.by,
                account=account.id,
            )
        )
        await work.commit()
    return invitation_view(invitation_id, invitation)


async def end_invitation(reference: CaseReference, invitation_id: str, account: Account, ports: Ports) -> None:
    """End an invitation of one's own State; what was once opened stays open. Twice is harmless."""
    require(account, Right.CONSULT)
    async with ports.database.write() as work:
        place = await place_of(reference, account, work)
        invitation = (await work.consultation.invitations(reference)).get(invitation_id)
        if invitation is None or account.state != invitation.by:
            raise NotFound("there is no such invitation of your State")
        require_running(place.case)
        if invitation.ended_at is None:
            now = ports.clock.now()
            await work.consultation.end_invitation(invitation_id, now)
            work.record(
                InvitationEnded(
                    case_reference=reference,
                    at=now,
                    invitation_id=invitation_id,
                    lane=str(invitation.lane),
                    by_state=invitation.by,
                    account=account.id,
                )
            )
            await work.commit()
