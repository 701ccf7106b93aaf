"""Tells how a State says of itself whether it is affected, and who reads that."""

from __future__ import annotations

from typing import Any

import pytest

from notify.account import Account
from notify.errors import NotFound
from notify.service import assessing
from notify.service.reading import show_notifications
from notify.service.timeline import show_timeline
from notify.words import CaseReference
from tests.builders import network, report_from
from tests.flow.story import Story
from tests.flow.test_consultation import KENYA, NAMES, SECRETARIAT, TANZANIA, UGANDA, account


async def _case(story: Story, *states: str) -> CaseReference:
    await story.load(network("KE", *states))
    reference = (await story.submit(report_from("KE", *states))).reference
    await story.drain()
    return reference


async def test_a_state_alone_says_whether_it_is_affected_and_who_reads_it(story: Story) -> None:
    case = await _case(story, "UG", "TZ")
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="affected")
    await story.drain()

    async def seen(reader: Account) -> list[tuple[Any, Any]]:
        listed = (await assessing.list_assessments(case, reader, story.ports))["assessments"]
        return [(one["assessment"], one["preliminary"]) for one in listed]

    assert await seen(KENYA) == [("affected", True)]
    assert await seen(TANZANIA) == []
    assert await seen(SECRETARIAT) == [(None, None)]
    hidden = (await show_notifications(case, SECRETARIAT, story.ports))["notifications"]
    assert {n["state"]: n["assessment"] for n in hidden if n["state"]} == {"UG": None, "TZ": None}
    rows = (await show_timeline(case, SECRETARIAT, story.ports))["entries"]
    (answered,) = [row["body"] for row in rows if row["event"] == "NotificationAcknowledged"]
    assert "assessment" not in answered
    assert "preliminary" not in answered
    await story.advance(hours=1)
    confirmed = NAMES | {"assessment": "affected", "visible_to": ["TZ"]}
    await assessing.assess(case, confirmed, UGANDA, story.ports)
    assert await seen(TANZANIA) == [("affected", False)]
    assert await seen(SECRETARIAT) == [(None, None), (None, None)]
    await story.drain()
    assert "affected" in story.inbox("a171@tz.example")[-1].text
    await story.advance(hours=1)
    await assessing.assess(case, NAMES | {"assessment": "not_affected"}, UGANDA, story.ports)
    assert await seen(SECRETARIAT) == [(None, None), ("affected", False), ("not_affected", False)]
    assert (await story.notification(case, "UG")).assessment == "not_affected"
    with pytest.raises(NotFound):
        await assessing.assess(case, confirmed, account("BR"), story.ports)


async def test_the_reporting_state_keeps_its_own_affected_status(story: Story) -> None:
    case = await _case(story, "UG")
    said = NAMES | {"assessment": "affected"}
    await assessing.assess(case, said, KENYA, story.ports)
    again = await assessing.assess(case, said, KENYA, story.ports)
    assert [(one["state"], one["assessment"]) for one in again["assessments"]] == [("KE", "affected")]
    await story.drain()
    assert "Kenya has assessed" in story.inbox("a171@ug.example")[-1].subject
