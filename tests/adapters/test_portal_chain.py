"""What the page behind a link says and takes after later reports: what changed, a retraction, the close of the case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from notify.account import OPERATOR
from notify.service.access import ensure_operator
from notify.service.closing_cases import announce_close
from notify.service.following import follow_up
from notify.words import CaseReference
from tests.adapters.portal_system import PortalSystem, portal_system, rice_report

ANNA = {"by": "Anna Jansen", "office": "NVWA duty desk"}


async def follow(system: PortalSystem, case: CaseReference, kind: str, **stated: Any) -> None:
    document = {"type": kind, "reason": {"en": f"Why a {kind}."}} | stated
    await ensure_operator(system.ports)
    system.clock.advance(minutes=1)
    await follow_up(case, document, OPERATOR, f"{kind}-{system.clock.now().isoformat()}", system.ports)


async def test_the_page_shows_what_each_later_report_changed_the_latest_first(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        case = await system.file(rice_report())
        link = await system.link(case)
        await follow(system, case, "complement", monitoring={"en": "weekly"})
        await follow(system, case, "correction", monitoring={"en": "daily"})
        _, text = await system.get(link)
        assert text.index("Report 3: correction") < text.index("Report 2: complement")
        assert "Why a correction." in text and "was: weekly – is now: daily" in text
        assert "new: weekly" in text


async def test_a_material_report_asks_anew_and_keeps_the_answers_given_before(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        case = await system.file(rice_report())
        link = await system.link(case)
        answer = ANNA | {"action": "acknowledge", "grade": "received"}
        await system.post(link, answer)
        assert "Already acknowledged" in (await system.get(link))[1]
        await follow(system, case, "follow_up", material=True, monitoring={"en": "daily"})
        _, text = await system.get(link)
        assert "Already acknowledged" not in text and "Please acknowledge receipt by" in text
        assert "receipt acknowledged, by Anna Jansen" in text
        await system.post(link, answer)
        assert "Already acknowledged" in (await system.get(link))[1]
        assert len(await system.rows("acknowledgement")) == 2


async def test_a_withdrawn_case_says_so_and_takes_its_receipt(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        case = await system.file(rice_report())
        link = await system.link(case)
        await follow(system, case, "withdrawal")
        _, text = await system.get(link)
        assert "This case was withdrawn by the reporting State" in text and "Why a withdrawal." in text
        refused = await system.post(
            link, ANNA | {"action": "acknowledge", "grade": "assessed", "assessment": "affected"}
        )
        assert refused[0] == 409
        assert await system.rows("acknowledgement") == []
        await system.post(link, ANNA | {"action": "acknowledge", "grade": "received"})
        assert len(await system.rows("acknowledgement")) == 1


async def test_a_state_says_by_link_that_it_objects_to_a_close(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        only = [{"state": "NL", "status": "affected", "movement": "crossing_confirmed"}]
        case = await system.file(rice_report(affected_states=only))
        link = await system.link(case)
        answer = ANNA | {"action": "close", "answer": "objects"}
        assert (await system.post(link, answer))[0] == 409
        assert "does your State object" not in (await system.get(link))[1]
        await system.post(link, ANNA | {"action": "acknowledge", "grade": "received"})
        await follow(system, case, "final", lessons={"en": "look earlier"})
        await announce_close(case, {}, OPERATOR, system.ports)
        _, text = await system.get(link)
        assert "does your State object" in text and "never as consent" in text
        refused, text = await system.post(link, {"action": "close", "office": "NVWA"})
        assert refused == 422 and "Choose whether your State objects" in text and "Enter your name" in text
        await system.post(link, answer)
        _, text = await system.get(f"{link}?done=close")
        assert "Your State objects to the close." in text and "Your answer is recorded" in text
        [closing] = await system.rows("closing")
        assert '"means":"link"' in str(closing.states).replace("'", '"').replace(": ", ":")
