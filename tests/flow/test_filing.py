"""Tells how a report is filed: once, whole, to whom it concerns; and how the brake holds."""

from __future__ import annotations

import asyncio

import pytest

from contacts.model import StateCode
from notify.account import OPERATOR, Account, Role
from notify.errors import ConfirmationNeeded, Conflict, InvalidDocument, NotAllowed
from notify.service.filing import preview_report
from notify.service.reading import show_case, show_notifications
from notify.service.secretariat import pause_dispatch, resume_dispatch
from notify.service.timeline import show_timeline
from notify.words import AccountId
from tests.builders import contact, example, network, report_from, secretariat
from tests.flow.story import Story

KENYA = Account(AccountId("operator"), "Kenya", Role.AUTHORITY, StateCode("KE"))
UGANDA = Account(AccountId("acc-ug"), "Uganda", Role.AUTHORITY, StateCode("UG"))


async def test_the_same_key_gives_the_same_case_also_at_the_same_moment(story: Story) -> None:
    await story.load(network("UG"))
    report = report_from("KE", "UG")
    outcomes = await asyncio.gather(*(story.submit(report) for _ in range(8)))
    assert len({outcome.reference for outcome in outcomes}) == 1
    assert sum(outcome.new for outcome in outcomes) == 1


async def test_the_same_key_with_another_report_is_refused(story: Story) -> None:
    await story.submit(report_from("KE", "UG"))
    with pytest.raises(Conflict):
        await story.submit(report_from("KE", "TZ"))


async def test_an_authority_files_for_its_own_state_only(story: Story) -> None:
    with pytest.raises(NotAllowed):
        await story.submit(report_from("KE", "TZ"), account=UGANDA)


async def test_the_secretariat_files_only_on_an_attached_instruction(story: Story) -> None:
    keeper = Account(AccountId("operator"), "Secretariat", Role.SECRETARIAT, None)
    with pytest.raises(InvalidDocument) as refused:
        await story.submit(report_from("KE", "UG"), account=keeper)
    assert {fault.pointer for fault in refused.value.faults} == {"/attachments", "/determination"}


async def test_a_state_without_any_contact_is_a_task_and_the_others_are_told_at_once(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG", "TZ"))
    await story.drain()
    assert "a171@ug.example" in story.told()
    (task,) = await story.tasks("no_contact")
    assert task.state == "TZ"


@pytest.mark.parametrize("role", ["national_focal_point", "competent_national_authority", "bch_focal_point"])
async def test_where_no_article_17_contact_is_designated_the_next_role_is_told(story: Story, role: str) -> None:
    fallback = contact("UG", role)
    await story.load([fallback, secretariat()])
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    (mail,) = story.inbox(fallback.email)
    assert "no Article 17 contact" in mail.text


async def test_a_case_with_no_addressee_but_the_filer_opens_and_the_filer_is_told_so(story: Story) -> None:
    await story.load(network("JP"))
    case = (await story.submit(example("papaya-okinawa"))).reference
    await story.drain()
    shown = await show_case(case, OPERATOR, story.ports)
    assert shown["acknowledged"] == "0 of 0" and shown["bch"] == "not yet notified to the BCH"
    (mail,) = story.inbox("cna@biosafety.jp.example")
    assert "No State other than your own" in mail.text


async def test_an_incomplete_list_of_states_is_a_task_of_the_secretariat(story: Story) -> None:
    await story.submit(example("gm-zebrafish"))
    assert len(await story.tasks("undetermined_states")) == 1


async def test_a_presumed_state_of_origin_is_told_as_named_and_asked_to_confirm(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    report = report_from("KE", "UG", origin={"state": "TZ", "certainty": "probable"}, capacity="state_of_detection")
    await story.submit(report)
    await story.drain()
    (mail,) = story.inbox("a171@tz.example")
    assert "presumed origin" in mail.text and "confirm or correct" in mail.text
    assert "responsible" not in mail.text.lower()


async def test_contacts_that_were_never_confirmed_are_told_all_the_same_and_named_to_the_secretariat(
    story: Story,
) -> None:
    await story.load([contact("UG", confirmed_on=None), secretariat()])
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert story.inbox("a171@ug.example")
    (task,) = await story.tasks("unconfirmed_contact")
    assert "a17 1 of UG" in str(task.text)


async def test_one_address_in_two_roles_gets_one_mail_that_names_both(story: Story) -> None:
    same = {"email": "both@ug.example"}
    await story.load([contact("UG", **same), contact("UG", "national_focal_point", **same), secretariat()])
    await story.submit(report_from("KE", "UG", severity="critical"))
    await story.drain()
    (mail,) = story.inbox("both@ug.example")
    assert "Article 17 contact" in mail.text and "focal point" in mail.text


async def test_a_preview_says_everything_and_does_nothing(story: Story) -> None:
    await story.load(network("UG"))
    shown = await preview_report(report_from("KE", "UG"), KENYA, story.ports)
    assert [n["state"] for n in shown["notifications"]] == ["UG", None]
    assert shown["severity"]["level"] == "high"
    assert await story.drain() == 0 and story.catcher.mails == []


async def test_more_than_ten_cases_in_an_hour_need_a_second_confirmation(story: Story) -> None:
    for number in range(10):
        await story.submit(report_from("KE", "UG"), key=f"k{number}", account=KENYA)
    with pytest.raises(ConfirmationNeeded) as asked:
        await story.submit(report_from("KE", "TZ"), key="k11", account=KENYA)
    confirmed = await story.submit(
        report_from("KE", "TZ"), key="k11", account=KENYA, confirmation=asked.value.confirmation
    )
    assert confirmed.new


async def test_a_report_to_more_than_fifty_states_needs_a_second_confirmation(story: Story) -> None:
    states = [state.state_code for state in story.ports.registry.states if state.state_code != "KE"][:51]
    with pytest.raises(ConfirmationNeeded):
        await story.submit(report_from("KE", *states))


async def test_the_brake_holds_all_sending_tells_the_reporting_states_and_loses_nothing(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    await story.submit(report_from("KE", "UG"), key="before")
    await story.drain()
    await pause_dispatch("a wrong list of contacts", OPERATOR, story.ports)
    await story.submit(report_from("KE", "TZ"), key="during")
    await story.drain()
    assert "a171@tz.example" not in story.told()
    assert any("a wrong list of contacts" in mail.text for mail in story.inbox("cna@ke.example"))
    await resume_dispatch(OPERATOR, story.ports)
    await story.drain()
    assert len(story.inbox("a171@tz.example")) == 1


async def test_the_brake_ends_by_itself_after_an_hour_unless_renewed(story: Story) -> None:
    await story.load(network("UG"))
    await pause_dispatch("to look into it", OPERATOR, story.ports)
    await story.submit(report_from("KE", "UG"))
    await story.advance(minutes=50)
    await pause_dispatch("still looking", OPERATOR, story.ports)
    await story.advance(minutes=50)
    assert "a171@ug.example" not in story.told()
    await story.advance(minutes=11)
    assert "a171@ug.example" in story.told()


async def test_the_log_verifies_and_a_changed_row_is_found(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=4)
    async with story.system.database.read() as work:
        assert [broken async for broken in work.log.broken()] == []
    async with story.system.database.write() as work:
        await work._connection.exec_driver_sql("UPDATE case_log SET body = '{}' WHERE sequence = 3")
        await work.commit()
    async with story.system.database.read() as work:
        assert case in [chain async for chain, _, _ in work.log.broken()]


async def test_an_addressee_sees_its_own_notification_and_nothing_of_the_others(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    shown = await show_notifications(case, UGANDA, story.ports)
    assert [n["state"] for n in shown["notifications"]] == ["UG"]
    timeline = await show_timeline(case, UGANDA, story.ports)
    assert "TZ" not in str(timeline)


async def test_fields_marked_confidential_reach_only_their_audience(story: Story) -> None:
    secret = "a quantity nobody else should read"
    marks = {"/quantity": {"audience": "recipients", "ground": "article_21_1"}}
    organization = contact("CH", "organization", state=None, organization="FAO", email="fao@fao.example")
    await story.load([*network("UG"), organization, contact("KE", "bch_focal_point")])
    report = report_from("KE", "UG", quantity={"text": {"en": secret}}, confidential=marks, organizations=["FAO"])
    case = (await story.submit(report)).reference
    await story.drain()
    assert secret in story.inbox("a171@ug.example")[0].text
    assert secret.encode() not in story.inbox("fao@fao.example")[0].content
    assert "withheld" in story.inbox("fao@fao.example")[0].text.lower()
    async with story.system.database.read() as work:
        record = await work.cases.record(case)
    assert record is not None and secret not in str(record.document)


async def test_an_exercise_is_numbered_apart_marked_and_never_told_to_the_bch(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG", status="exercise"))).reference
    await story.drain()
    assert case.startswith("EX17-")
    mail = story.inbox("a171@ug.example")[0]
    assert "EXERCISE" in mail.subject and "EXERCISE" in mail.text
    async with story.system.database.read() as work:
        assert await work.cases.record(case) is None
        assert "BCH" not in [n.addressee.code for n in await work.notifications.of_case(case)]
