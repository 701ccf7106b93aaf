"""Tells stories of faults that were found by trying to break the service, so that they stay mended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.clock import SteppedClock
from contacts.model import StateCode
from notify.account import OPERATOR, Account, Role
from notify.errors import DeliveryError, InvalidDocument
from notify.service.acknowledging import acknowledge_by_account
from notify.service.directory import load_contacts_file, replace_contact, show_contact
from notify.service.filing import preview_report
from notify.service.links import decline_by_link
from notify.service.reading import show_notifications
from notify.service.secretariat import pause_dispatch
from notify.service.timeline import show_timeline
from notify.service.watching import alarm_if_late, find_breaks, queue_state
from notify.words import AccountId, CaseReference
from tests.builders import contact, example, network, report_from, secretariat
from tests.flow.story import Story

OF_UGANDA = Account(AccountId("acc-ug"), "Uganda", Role.CONTACT, StateCode("UG"))


async def test_a_clock_that_is_corrected_between_claim_and_handler_does_not_end_the_ladder(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    story.clock.advance(hours=3)
    clock = story.clock

    class SetBack(SteppedClock):
        """Gives the time of the claim once, and then an earlier one."""

        calls = 0

        def now(self):  # type: ignore[no-untyped-def]
            self.calls += 1
            return clock.now() - (timedelta(milliseconds=3) if self.calls > 1 else timedelta(0))

    object.__setattr__(story.ports, "clock", SetBack(clock.now()))
    await story.drain()
    object.__setattr__(story.ports, "clock", clock)
    await story.advance(hours=80)
    assert await story.steps(case, "UG") == [
        "reminder", "alternates", "authorities", "telephone", "letter", "no_receipt",
    ]  # fmt: skip


async def test_a_contact_that_moves_to_another_time_zone_does_not_end_the_ladder(story: Story) -> None:
    await story.load([contact("ZA", time_zone="America/Los_Angeles"), secretariat()])
    case = (await story.submit(report_from("KE", "ZA", severity="moderate"))).reference
    await story.drain()
    await load_contacts_file([contact("ZA", time_zone="Pacific/Auckland")], OPERATOR, story.ports)
    await story.advance(days=30)
    assert (await story.steps(case, "ZA"))[-1] == "no_receipt"


def test_what_the_outside_says_is_made_storable() -> None:
    error = DeliveryError("550 Bo\udceete inconnue", answer="a\x00b")
    assert error.reason.encode() and "\x00" not in error.answer


async def test_an_endpoint_whose_address_was_changed_gets_nothing_before_its_challenge(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), secretariat()])
    story.receiver.answers = [500]
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    moved = contact("UG", webhook=story.receiver.url + "?elsewhere")
    await load_contacts_file([moved], OPERATOR, story.ports)
    await story.advance(minutes=1)
    assert len(story.receiver.received) == 1


async def test_no_name_or_address_of_a_refusal_stands_in_the_log(story: Story) -> None:
    await story.load(network("UG"))
    story.refused["a171@ug.example"] = "550 5.1.1 <a171@ug.example>: Jane Doe has left"
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=4)
    assert "Jane" not in str(await story.log(case)) and "@" not in str(await story.log(case))


async def test_a_relay_that_is_down_turns_the_service_late_and_alarms_the_operator_once_an_hour(story: Story) -> None:
    await story.load(network("UG"))
    port = story.catcher.port
    await story.catcher.stop()
    await story.submit(report_from("KE", "UG"))
    await story.advance(minutes=4)
    assert (await queue_state(story.ports)).on_time
    await story.advance(minutes=3)
    assert not (await queue_state(story.ports)).on_time
    assert await alarm_if_late(story.ports) and await alarm_if_late(story.ports)
    await story.catcher.start(port=port)
    await story.advance(minutes=40)
    assert len(story.inbox("operator@service.example")) == 1
    assert (await queue_state(story.ports)).on_time


async def test_no_receipt_is_shown_to_the_reporting_state_and_not_to_the_addressee(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=73)
    ours = await show_notifications(case, OPERATOR, story.ports)
    theirs = await show_notifications(case, OF_UGANDA, story.ports)
    assert any(n["no_receipt_at"] for n in ours["notifications"])
    assert not any(n["no_receipt_at"] for n in theirs["notifications"])
    shown = str(theirs) + str(await show_timeline(case, OF_UGANDA, story.ports))
    assert "no_receipt" not in shown.replace("no_receipt_at", "")


async def test_what_was_still_on_its_way_to_a_next_contact_is_not_sent_after_the_answer(story: Story) -> None:
    await story.load(network("UG"))
    story.refused |= {"a171@ug.example": "550 5.1.1 gone", "a172@ug.example": "451 4.3.0 later"}
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    notification = await story.notification(case, "UG")
    answer = {"grade": "received", "by": "A", "office": "B"}
    await acknowledge_by_account(notification.id, answer, OF_UGANDA, story.ports)
    del story.refused["a172@ug.example"]
    await story.advance(hours=5)
    assert story.inbox("a172@ug.example") == []


async def test_an_answer_closes_the_calls_that_only_wanted_it(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"))
    await story.advance(hours=12.1)
    await story.acknowledge("a171@ug.example")
    (task,) = await story.tasks("telephone_now")
    assert task.done_at is not None and task.result == "the State acknowledged"


async def test_who_declined_is_not_reminded(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    await decline_by_link(story.link(story.inbox("a171@ug.example")[0]), story.ports)
    await story.advance(hours=4)
    assert len(story.inbox("a171@ug.example")) == 1
    assert len(story.inbox("a172@ug.example")) == 2


async def test_an_answer_by_link_does_not_override_a_confirmed_one(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    confirmed = {"grade": "assessed", "assessment": "affected", "by": "A", "office": "B"}
    await acknowledge_by_account((await story.notification(case, "UG")).id, confirmed, OF_UGANDA, story.ports)
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="not_affected")
    notification = await story.notification(case, "UG")
    assert (notification.assessment, notification.assessment_preliminary) == ("affected", False)


async def test_a_state_both_affected_and_presumed_origin_is_asked_to_confirm_or_correct(story: Story) -> None:
    await story.load(network("UG"))
    report = report_from("KE", "UG", origin={"state": "UG", "certainty": "probable"})
    await story.submit(report)
    await story.drain()
    (mail,) = story.inbox("a171@ug.example")
    assert "affected" in mail.text and "confirm or correct" in mail.text


async def test_two_contacts_of_one_address_keep_both_their_webhooks(story: Story) -> None:
    same = {"email": "both@ug.example", "webhook": story.receiver.url}
    other = {**same, "webhook": story.receiver.url + "?second"}
    await story.load([contact("UG", **same), contact("UG", "national_focal_point", **other), secretariat()])
    await story.submit(report_from("KE", "UG", severity="critical"))
    await story.drain()
    assert len(story.inbox("both@ug.example")) == 1
    assert len(story.receiver.of("notification.issued")) == 2


async def test_our_own_problem_is_not_the_contacts_problem(story: Story) -> None:
    await story.load(network("UG"))
    story.refused["a171@ug.example"] = "550 5.7.1 SPF check failed"
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert await story.tasks("failing_endpoint") == []
    assert len(await story.tasks("parked_message")) == 1
    assert len(story.inbox("a172@ug.example")) == 1


async def test_a_filers_copy_that_bounces_is_a_task(story: Story) -> None:
    await story.load(network("UG"))
    story.refused["cna@ke.example"] = "550 5.1.1 no such user"
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    (task,) = await story.tasks("failing_endpoint")
    assert "filer" in str(task.text)


async def test_who_files_while_the_brake_is_on_is_told_so(story: Story) -> None:
    await story.load(network("UG"))
    await pause_dispatch("a look at the contacts", OPERATOR, story.ports)
    assert (await preview_report(report_from("KE", "UG"), OPERATOR, story.ports))["dispatch_paused_until"]
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert any("a look at the contacts" in mail.text for mail in story.inbox("cna@ke.example"))


async def test_an_authority_with_many_cases_is_told_once_that_sending_is_held(story: Story) -> None:
    for number in range(4):
        await story.submit(report_from("KE", "UG"), key=f"k{number}")
    await story.drain()
    before = len(story.inbox("cna@ke.example"))
    await pause_dispatch("a look at the contacts", OPERATOR, story.ports)
    await story.drain()
    assert len(story.inbox("cna@ke.example")) == before + 1


async def test_an_organization_does_not_say_that_it_is_affected(story: Story) -> None:
    fao = contact("CH", "organization", state=None, organization="FAO", email="fao@fao.example")
    await story.load([*network("UG"), fao])
    await story.submit(report_from("KE", "UG", organizations=["FAO"]))
    await story.drain()
    with pytest.raises(InvalidDocument):
        await story.acknowledge("fao@fao.example", grade="assessed", assessment="affected")
    await story.acknowledge("fao@fao.example")


async def test_the_focal_point_of_a_non_party_gets_the_record_of_its_own_state(story: Story) -> None:
    await story.load([contact("US", "bch_focal_point"), secretariat()])
    await story.submit(example("llrice601"))
    await story.drain()
    (mail,) = story.inbox("bch1@us.example")
    assert [part.get_filename() for part in mail.message.iter_attachments()] == ["record.json"]
    assert "in confidence" not in mail.text.lower()


async def test_a_changed_address_is_added_at_once_and_the_old_one_is_kept_until_somebody_confirms(story: Story) -> None:
    await story.load(network("UG"))
    moved = contact("UG", email="new@ug.example")
    await replace_contact(moved, None, OF_UGANDA, story.ports)
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert {"new@ug.example", "a171@ug.example"} <= story.told()
    shown, _ = await show_contact(moved.id, OPERATOR, story.ports)
    assert "confirmed_on" not in shown
    await replace_contact(moved, None, OPERATOR, story.ports)
    await story.submit(report_from("KE", "UG"), key="later")
    await story.drain()
    assert len(story.inbox("a171@ug.example")) == 1


async def test_a_case_without_its_log_a_changed_report_and_a_replaced_head_are_found(story: Story) -> None:
    await story.load(network("UG"))
    first = (await story.submit(report_from("KE", "UG"))).reference
    second = (await story.submit(report_from("KE", "UG"), key="2")).reference
    async with story.system.database.read() as work:
        heads = await work.log.heads([CaseReference(first)])
    sequence, hashed = heads[CaseReference(first)]
    assert await find_breaks(story.ports, [(first, sequence, hashed)]) == []
    async with story.system.database.write() as work:
        run = work._connection.exec_driver_sql
        await run(f"DELETE FROM case_log WHERE chain = '{second}'")
        await run(f"DELETE FROM log_head WHERE chain = '{second}'")
        await run(f"UPDATE report SET document = '{{}}' WHERE case_reference = '{first}'")
        await work.commit()
    found = "\n".join(await find_breaks(story.ports, [(first, sequence, "0" * 64)]))
    assert f"{second}: the case has no log" in found
    assert f"{first}, report 1" in found and "printed in a mail" in found


async def test_the_bch_is_only_reminded_however_late_the_service_comes_back(story: Story) -> None:
    await story.load([*network("UG"), contact("KE", "bch_focal_point")])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    story.clock.advance(hours=30)
    await story.drain()
    assert await story.steps(case, "BCH") == ["reminder"]
    assert all(task.state == "UG" for task in await story.tasks("letter") + await story.tasks("telephone_now"))
