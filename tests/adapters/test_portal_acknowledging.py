"""Asking for the acknowledgement page changes nothing; completing one of its forms does, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from notify.case import CaseStatus
from tests.adapters.portal_system import COLLEAGUE, DESK, portal_system, rice_report

ANNA = {"action": "acknowledge", "by": "Anna Jansen", "office": "NVWA duty desk", "grade": "received", "assessment": ""}


async def test_asking_for_the_page_any_number_of_times_changes_no_row(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        await system.get(link)
        before = await system.dump()
        for agent in ("", "curl/8", "Mozilla/5.0 (compatible; Link-Scanner/1.0)"):
            for method in ("GET", "HEAD", "OPTIONS", "GET", "HEAD"):
                system.clock.advance(seconds=1)
                async with system.client.request(method, link, headers={"User-Agent": agent}) as response:
                    assert response.status in (200, 204)
        assert await system.dump() == before


async def test_the_first_opening_touches_nothing_but_its_own_diagnostic(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        before = await system.dump("delivery")
        for method in ("OPTIONS", "HEAD"):
            async with system.client.request(method, link):
                pass
        assert [row for row in await system.rows("delivery") if row.link_opened_at] == []
        await system.get(link)
        assert len([row for row in await system.rows("delivery") if row.link_opened_at]) == 1
        assert await system.dump("delivery") == before


async def test_far_more_openings_than_any_limit_are_all_answered(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        assert {(await system.get(link))[0] for _ in range(80)} == {200}


async def test_options_say_which_methods_a_link_takes(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system, system.client.options("/a/whatever") as response:
        assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


async def test_a_completed_form_acknowledges_once_and_leads_back_to_the_page(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        await system.get(link)
        async with system.client.post(link, data=ANNA, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "?done=acknowledged")
        _, text = await system.get(f"{link}?done=acknowledged")
        assert "Your answer is recorded" in text
        assert "Already acknowledged by Anna Jansen (NVWA duty desk) at Friday, 20 November 2026, 13:01" in text
        [answer] = await system.rows("acknowledgement")
        assert (answer.grade, answer.by, answer.office, answer.means, answer.contact) == (
            "received", "Anna Jansen", "NVWA duty desk", "link", "nl-1",
        )  # fmt: skip
        assert answer.signs == []


async def test_several_answers_from_one_place_show_the_sign_of_a_machine(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        for _ in range(4):
            link = await system.link(await system.file(rice_report()))
            await system.get(link)
            await system.post(link, ANNA)
        answers = sorted(await system.rows("acknowledgement"), key=lambda answer: answer.at)
    assert [answer.signs for answer in answers] == [[], [], [], ["several_answers_from_one_place"]]


async def test_a_second_form_says_already_acknowledged_and_records_nothing(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        await system.get(link)
        await system.post(link, ANNA)
        before = await system.dump()
        system.clock.advance(minutes=5)
        async with system.client.post(link, data=ANNA | {"by": "Somebody else"}, allow_redirects=False) as response:
            assert response.status == 200
            assert "Already acknowledged by Anna Jansen (NVWA duty desk)" in await response.text()
        assert await system.dump() == before


async def test_name_and_office_are_enough(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        await system.get(link)
        await system.post(link, {"by": "Anna Jansen", "office": "NVWA"})
        assert [answer.grade for answer in await system.rows("acknowledgement")] == ["received"]


@pytest.mark.parametrize(
    ("said", "grade", "assessment"),
    [
        ({"grade": "assessed", "assessment": "not_affected"}, "assessed", "not_affected"),
        ({"grade": "received", "assessment": "affected"}, "assessed", "affected"),
        ({"grade": "acting", "assessment": ""}, "acting", None),
        ({"grade": "acting", "assessment": "affected"}, "acting", "affected"),
    ],
)
async def test_an_answer_is_recorded_as_it_was_given(
    tmp_path: Path, said: dict[str, str], grade: str, assessment: str | None
) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        await system.get(link)
        await system.post(link, ANNA | said)
        [answer] = await system.rows("acknowledgement")
        assert (answer.grade, answer.assessment) == (grade, assessment)


async def test_a_higher_answer_can_follow_and_both_are_shown(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        await system.get(link)
        await system.post(link, ANNA)
        _, text = await system.post(link, ANNA | {"grade": "assessed", "assessment": "affected"})
        assert "assessed: affected (preliminary), by Anna Jansen" in text
        assert "receipt acknowledged, by Anna Jansen" in text
        assert len(await system.rows("acknowledgement")) == 2


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"by": ""}, ["by"]),
        ({"by": "  ", "office": ""}, ["by", "office"]),
        ({"office": "x" * 201}, ["office"]),
        ({"grade": "assessed"}, ["assessment"]),
        ({"grade": "approved"}, ["grade"]),
        ({"assessment": "perhaps"}, ["assessment"]),
    ],
)
async def test_what_is_missing_is_named_at_the_top_with_a_link_to_its_field(
    tmp_path: Path, wrong: dict[str, str], fields: list[str]
) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        await system.get(link)
        before = await system.dump()
        status, text = await system.post(link, ANNA | wrong)
        assert status == 422
        assert "<title>Error: A17-2026-0001" in text
        summary = text[text.index('id="errors"') : text.index("</ul>")]
        assert [part.partition('"')[0] for part in summary.split('href="#')[1:]] == fields
        for field in fields:
            assert f'id="{field}"' in text
            assert f'id="{field}-error"' in text
        assert await system.dump() == before


async def test_a_refused_form_keeps_what_was_typed(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        _, text = await system.post(link, ANNA | {"by": "", "office": "Bureau «GMO»", "grade": "acting"})
        assert 'value="Bureau «GMO»"' in text
        assert 'value="acting" checked' in text


async def test_i_am_not_this_contact_any_more_tells_the_next_one_and_the_secretariat(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report(), DESK, COLLEAGUE.model_copy(update={"order": 2})))
        _, text = await system.post(link, {"action": "decline", "confirm": "yes"})
        assert "Recorded: you are not this contact any more." in text
        kinds = [row.kind for row in await system.rows("task") if row.kind == "contact_declined"]
        declined = [row for row in await system.rows("case_log") if row.kind == "ContactDeclined"]
        waiting = [row.handler for row in await system.rows("outbox") if row.event_kind == "ContactDeclined"]
        assert (len(kinds), len(declined), waiting) == (1, 1, ["move_on"])
        assert await system.rows("acknowledgement") == []


async def test_declining_twice_is_harmless(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        await system.post(link, {"action": "decline", "confirm": "yes"})
        before = await system.dump("delivery")
        await system.post(link, {"action": "decline", "confirm": "yes"})
        assert await system.dump("delivery") == before


async def test_declining_needs_its_box_ticked(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        before = await system.dump()
        status, text = await system.post(link, {"action": "decline"})
        assert status == 422
        assert 'href="#confirm"' in text
        assert await system.dump() == before


async def test_a_colleague_who_was_told_of_an_answer_can_say_that_it_was_not_us(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        case = await system.file(rice_report(), DESK, COLLEAGUE)
        await system.post(await system.link(case), ANNA)
        asked = await system.link_about_answer(case, "nl-2")
        _, text = await system.get(asked)
        assert "This was not us" in text
        assert "receipt acknowledged, by Anna Jansen (NVWA duty desk)" in text
        _, text = await system.post(asked, {"action": "dispute"})
        assert "Recorded: this was not you." in text
        assert "another contact says: this was not us" in text
        [answer] = await system.rows("acknowledgement")
        assert answer.disputed_at is not None
        assert "disputed_answer" in [row.kind for row in await system.rows("task")]


async def test_nobody_else_is_asked_whether_it_was_us(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        case = await system.file(rice_report(), DESK, COLLEAGUE)
        await system.post(await system.link(case), ANNA)
        link = await system.link(case, "nl-2")
        before = await system.dump("delivery")
        assert "This was not us" not in (await system.get(link))[1]
        status, _ = await system.post(link, {"action": "dispute"})
        assert status == 409
        assert await system.dump("delivery") == before


async def test_after_a_withdrawal_an_assessment_is_refused_and_not_recorded(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        case = await system.file(rice_report())
        link = await system.link(case)
        await system.close_case(case, CaseStatus.WITHDRAWN)
        _, text = await system.get(link)
        assert "This case was withdrawn by the reporting State" in text and 'id="answer"' in text
        status, text = await system.post(link, ANNA | {"grade": "assessed", "assessment": "affected"})
        assert (status, "nothing was recorded" in text) == (409, True)
        assert await system.rows("acknowledgement") == []


async def test_a_confirmation_is_never_shown_for_what_was_not_recorded(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        for claim in ("acknowledged", "denied"):
            assert 'class="done"' not in (await system.get(f"{link}?done={claim}"))[1]
