"""Tells how the ladder climbs when a State does not answer, and when it stops."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from notify.account import OPERATOR
from notify.service.following import follow_up
from tests.builders import contact, network, report_from, secretariat
from tests.flow.story import START, Story, tell


async def test_only_the_first_contact_is_told_at_once(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"))
    await story.drain()
    assert story.told() == {"a171@ug.example", "secretariat@cbd.example", "cna@ke.example"}


async def test_each_step_fires_at_its_share_of_the_target_and_never_before(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    # High: the target is 12 hours, so the steps are due after 3, 6, 9, 12, 24 hours, and no receipt after 72.
    for hours, expected in ((2.99, []), (0.02, ["reminder"]), (2.98, ["reminder"]), (0.02, ["reminder", "alternates"])):
        await story.advance(hours=hours)
        assert await story.steps(case, "UG") == expected
    await story.advance(hours=80)
    assert await story.steps(case, "UG") == [
        "reminder",
        "alternates",
        "authorities",
        "telephone",
        "letter",
        "no_receipt",
    ]
    at = {body["step"]: body for kind, body in await story.log(case) if kind == "NotificationEscalated"}
    assert at["alternates"]["told"] == 2
    assert at["authorities"]["told"] == 2


async def test_the_reminder_goes_to_who_was_told_and_the_later_steps_to_the_others(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"))
    await story.advance(hours=10)
    assert len(story.inbox("a171@ug.example")) == 2
    for address in ("a172@ug.example", "duty3@ug.example", "nfp1@ug.example", "cna-contact1@ug.example"):
        assert len(story.inbox(address)) == 1, address


async def test_an_acknowledgement_ends_the_ladder_of_its_state_alone(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.drain()
    await story.acknowledge("a171@ug.example")
    await story.advance(hours=100)
    assert await story.steps(case, "UG") == []
    assert "no_receipt" in await story.steps(case, "TZ")
    assert not [mail for mail in story.inbox("a171@ug.example") if "Reminder" in mail.subject]


async def test_the_telephone_step_raises_a_task_with_number_local_time_and_language(story: Story) -> None:
    await story.load([*network("UG"), secretariat(duty=True)])
    await story.submit(report_from("KE", "UG"))
    await story.advance(hours=12)
    tasks = await story.tasks("telephone_now")
    assert {task.owner for task in tasks} == {"KE", "secretariat"}
    assert "+999 123" in str(tasks[0].text) and "00:00" in str(tasks[0].text) and "(en)" in str(tasks[0].text)
    assert any("Task" in mail.subject for mail in story.inbox("cna@ke.example"))


async def test_the_secretariat_owns_no_call_when_nobody_is_on_duty(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"))
    await story.advance(hours=12)
    assert {task.owner for task in await story.tasks("telephone_now")} == {"KE"}


async def test_a_critical_case_tells_everybody_at_once_and_still_reminds(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG", severity="critical"))).reference
    await story.drain()
    everybody = {f"{name}@ug.example" for name in ("a171", "a172", "duty3", "nfp1", "cna-contact1")}
    assert everybody <= story.told()
    await story.advance(hours=3.5)
    assert await story.steps(case, "UG") == ["reminder", "alternates", "authorities"]
    assert all(len(story.inbox(address)) == 2 for address in everybody)


async def test_steps_missed_while_the_service_was_down_fire_once_the_latest_only(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    story.clock.advance(hours=9.5)  # nobody worked meanwhile: reminder, alternates and authorities are due
    await story.drain()
    assert await story.steps(case, "UG") == ["authorities"]
    assert len(story.inbox("a171@ug.example")) == 1
    await story.advance(hours=3)
    assert await story.steps(case, "UG") == ["authorities", "telephone"]


async def test_an_acknowledgement_before_the_due_time_holds_though_the_service_was_down_over_it(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await story.acknowledge("a171@ug.example")
    story.clock.advance(hours=30)
    await story.drain()
    assert await story.steps(case, "UG") == []


async def test_a_step_without_anybody_to_tell_is_logged_and_delays_nothing(story: Story) -> None:
    await story.load([contact("UG"), secretariat()])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=9.5)
    rows = [body for kind, body in await story.log(case) if kind == "NotificationEscalated"]
    assert [row["told"] for row in rows if row["addressee"] == "UG"] == [1, 0, 0]


async def test_a_moderate_case_counts_working_time_of_the_reader(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG", severity="moderate"))).reference
    # 24 working hours from Wednesday noon in Kampala; a quarter is six hours later, still on Wednesday.
    await story.advance(hours=6.1)
    assert await story.steps(case, "UG") == ["reminder"]


async def test_working_time_stands_still_over_the_weekend(story: Story) -> None:
    await story.load(network("FR"))
    story.clock.move_to(START + timedelta(days=2, hours=11))  # Friday, 21:00 in Paris
    case = (await story.submit(report_from("KE", "FR", severity="moderate"))).reference
    # A quarter of 24 working hours: three on Friday, three on Monday, so it is due on Monday at 03:00 in Paris.
    await story.advance(hours=53.9)
    assert await story.steps(case, "FR") == []
    await story.advance(hours=0.2)
    assert await story.steps(case, "FR") == ["reminder"]


async def test_a_case_keeps_the_policy_it_was_opened_under(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    async with story.system.database.read() as work:
        stored = await work.cases.get(case)
    assert stored.policy == story.ports.policy


async def test_a_policy_file_shortens_the_ladder_to_seconds(database_url: str, tmp_path: Path) -> None:
    policy = '[clocks]\nacknowledgement = "8 s"\n[ladder]\nno_receipt_floor = "20 s"\n'
    async with tell(database_url, tmp_path, contacts=network("UG"), policy=policy) as story:
        case = (await story.submit(report_from("KE", "UG"))).reference
        await story.advance(seconds=25)
        assert (await story.steps(case, "UG"))[-1] == "no_receipt"


async def test_the_clock_set_back_fires_nothing_twice(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=4)
    story.clock.advance(hours=-3)
    await story.drain()
    await story.advance(hours=4)
    assert await story.steps(case, "UG") == ["reminder"]
    assert len(story.inbox("a171@ug.example")) == 2


async def test_the_bch_is_an_addressee_and_its_silence_is_reminded(story: Story) -> None:
    await story.load([*network("UG"), contact("KE", "bch_focal_point")])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=4)
    assert await story.steps(case, "BCH") == ["reminder"]
    assert "record" in story.inbox("bch1@ke.example")[0].subject.lower()
    await story.advance(hours=100)
    assert await story.steps(case, "BCH") == ["reminder"]


async def test_no_receipt_is_told_to_the_filer(story: Story) -> None:
    await story.load(network("UG"))
    await story.submit(report_from("KE", "UG"))
    await story.advance(hours=73)
    last = story.inbox("cna@ke.example")[-1]
    assert "Uganda" in last.subject + last.text and "No receipt is recorded" in last.text


async def test_a_late_acknowledgement_is_recorded_as_late(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.advance(hours=73)
    await story.acknowledge("a171@ug.example")
    async with story.system.database.read() as work:
        (answer,) = await work.notifications.acknowledgements(case)
    assert answer.late
    assert (await story.notification(case, "UG")).acknowledged


async def test_an_alternate_whose_mail_was_overtaken_unsent_is_told_by_the_next_ladder(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    story.refused["a172@ug.example"] = "450 4.2.1 busy"
    await story.advance(hours=7)
    story.refused.clear()
    await story.acknowledge("a171@ug.example")
    later = {"type": "follow_up", "reason": {"en": "More is known"}, "material": True}
    await follow_up(case, later, OPERATOR, "key-2", story.ports)
    await story.advance(hours=7)
    assert "alternates" in await story.steps(case, "UG")
    assert len(story.inbox("a172@ug.example")) >= 1
