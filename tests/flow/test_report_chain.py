"""Tells the life of a case after its first report: what follows, who is told of it, and when each acknowledges anew."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from notify.account import OPERATOR
from notify.errors import ConfirmationNeeded, Conflict, InvalidDocument, StaleVersion
from notify.service.following import follow_up, preview_follow_up
from notify.service.reading import show_case, show_notifications
from notify.service.watching import find_breaks
from notify.words import CaseReference
from tests.builders import contact, example, network, report_from, secretariat
from tests.flow.story import FORM, Story

HIGHER = {"crossing": "occurred", "consequence": "severe", "containment": "none"}


async def inbox_subjects(story: Story, address: str) -> list[str]:
    return [mail.subject for mail in story.inbox(address)]


async def told_of(story: Story, reference: CaseReference) -> dict[tuple[str, str], list[int]]:
    """Say for each contact of each notification which reports it was told of, one entry for each mail."""
    async with story.system.database.read() as work:
        rows = await work.deliveries.of_case(reference)
    told: dict[tuple[str, str], list[int]] = {}
    kinds = ("notification.issued", "report.added", "case.withdrawn", "record.drafted")
    for row in rows:
        if row.contact and row.notification_id and row.kind in kinds and row.channel == "email":
            told.setdefault((row.notification_id, row.contact), []).append(row.report_sequence)
    return told


async def shown(story: Story, reference: CaseReference) -> dict[str, Any]:
    return await show_case(reference, OPERATOR, story.ports)


async def test_everyone_who_was_told_is_told_of_a_later_report_once_with_what_changed(story: Story) -> None:
    await story.load([*network("UG", "TZ"), contact("KE", "bch_focal_point")])
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.advance(hours=7)  # the reminder and the alternates came
    release = {"ongoing": "no"}
    followed = await story.follow(case, "complement", release=release, quantity={"text": {"en": "two sacks"}})
    await story.drain()
    assert (followed.sequence, followed.new) == (2, True)
    for address in ("a171@ug.example", "a172@ug.example", "duty3@ug.example", "a171@tz.example"):
        mails = [mail for mail in story.inbox(address) if "Complement" in mail.subject]
        assert len(mails) == 1, address
        (mail,) = mails
        assert "What changed since the last report" in mail.text and "two sacks" in mail.text
        assert "Because of a complement." in mail.text
        assert "In-Reply-To" in mail.message
    seen = await told_of(story, case)
    assert seen and all(len(reports) == len(set(reports)) and 2 in reports for reports in seen.values())


async def test_a_report_that_is_not_material_leaves_ladder_and_acknowledgement_alone(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.drain()
    await story.acknowledge("a171@ug.example")
    await story.advance(hours=5)
    await story.follow(case, "situation_update", monitoring={"en": "daily"})
    await story.advance(hours=10)
    assert await story.steps(case, "UG") == []
    assert await story.steps(case, "TZ") == ["reminder", "alternates", "authorities", "telephone"]
    assert (await story.notification(case, "UG")).acknowledged
    mail = story.inbox("a171@ug.example")[-1]
    assert "No new acknowledgement is asked" in mail.text and "please acknowledge" not in mail.subject


async def test_a_material_report_asks_those_who_answered_for_a_new_acknowledgement(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await story.acknowledge("a171@ug.example", grade="assessed", assessment="affected")
    await story.advance(hours=100)
    assert await story.steps(case, "UG") == []
    await story.follow(case, "follow_up", material=True, monitoring={"en": "daily"})
    notification = await story.notification(case, "UG")
    assert not notification.acknowledged and notification.round == 2
    assert notification.assessment == "affected"
    await story.advance(hours=3.1)
    assert await story.steps(case, "UG") == ["reminder"]
    assert story.inbox("a171@ug.example")[-2].subject.endswith("please acknowledge")
    await story.acknowledge("a171@ug.example")
    await story.advance(hours=100)
    assert await story.steps(case, "UG") == ["reminder"]
    (view,) = [
        one for one in (await show_notifications(case, OPERATOR, story.ports))["notifications"] if one["state"] == "UG"
    ]
    assert len(view["acknowledgements"]) == 2
    clocks = [(one["round"], one["outcome"]) for one in view["clocks"] if one["kind"] == "acknowledgement"]
    assert sorted(clocks) == [(1, "met"), (2, "met")]


async def test_the_second_ladder_tells_everyone_that_the_first_one_did_not(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await story.acknowledge("a171@ug.example")
    await story.follow(case, "follow_up", material=True, monitoring={"en": "daily"})
    await story.advance(hours=10)
    assert await story.steps(case, "UG") == ["reminder", "alternates", "authorities"]
    late = story.inbox("a172@ug.example")[0]
    assert "Report 2: follow-up report" in late.text and "Because of a follow_up." in late.text


async def test_a_higher_severity_begins_the_ladder_anew_under_the_faster_policy(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG", severity="high"))).reference
    await story.advance(hours=7)
    assert await story.steps(case, "UG") == ["reminder", "alternates"]
    await story.follow(case, "reclassification", severity_inputs=HIGHER)
    await story.drain()
    # Critical: everybody of the State is told at once, and the first reminder comes after an hour.
    assert story.inbox("nfp1@ug.example") and story.inbox("cna-contact1@ug.example")
    notification = await story.notification(case, "UG")
    assert (notification.severity, notification.round) == ("critical", 2)
    await story.advance(hours=1.1)
    assert await story.steps(case, "UG") == ["reminder", "alternates", "reminder"]
    await story.advance(hours=1)
    assert (await story.steps(case, "UG"))[3:] == ["alternates"]
    kinds = [kind for kind, _ in await story.log(case)]
    assert "SeverityChanged" in kinds and "NotificationRenewed" in kinds


async def test_a_lower_severity_neither_stops_nor_delays_a_ladder_that_runs(story: Story) -> None:
    await story.load(network("UG"))
    report = report_from("KE", "UG", severity="critical", notification_class="preliminary")
    case = (await story.submit(report)).reference
    await story.advance(hours=1.1)
    assert await story.steps(case, "UG") == ["reminder"]
    low = {"crossing": "unlikely", "consequence": "minor", "containment": "full"}
    await story.follow(case, "reclassification", severity_inputs=low)
    assert (await shown(story, case))["severity"]["level"] == "moderate"
    await story.advance(hours=3)
    # The steps keep the times of the critical ladder: 1, 2, 3 and 4 hours.
    assert await story.steps(case, "UG") == ["reminder", "alternates", "authorities", "telephone"]
    assert (await story.notification(case, "UG")).round == 1


async def test_states_that_are_named_later_get_the_whole_chain(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.follow(case, "complement", monitoring={"en": "daily"})
    await story.drain()
    assert story.inbox("a171@tz.example") == []
    both = report_from("KE", "UG", "TZ")["affected_states"]
    await story.follow(case, "correction", affected_states=both)
    await story.drain()
    (mail,) = story.inbox("a171@tz.example")
    assert "Article 17 notification" in mail.subject and "please acknowledge" in mail.subject
    for number, kind in ((2, "complement"), (3, "correction")):
        assert f"Report {number}: {kind}" in mail.text and f"Because of a {kind}." in mail.text
    # The correction of affected States is material: Uganda, which had not answered, is asked once, and its ladder runs.
    assert len(story.inbox("a171@ug.example")) == 3
    assert (await story.notification(case, "TZ")).round == 3
    await story.advance(hours=3.1)
    assert await story.steps(case, "TZ") == ["reminder"]


async def test_a_state_that_is_named_no_more_is_told_all_the_same(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.drain()
    only = report_from("KE", "UG")["affected_states"]
    await story.follow(case, "correction", affected_states=only)
    await story.drain()
    assert (await story.notification(case, "TZ")).status == "no_longer_named"
    assert "no longer named" in story.inbox("a171@tz.example")[-1].text


async def test_a_webhook_of_a_later_report_says_what_changed(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), secretariat()])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await story.follow(case, "complement", release={"ongoing": "yes"})
    await story.drain()
    (body,) = story.receiver.of("report.added")
    data = body["data"]
    assert data["sequence"] == 2 and data["report_type"] == "complement"
    assert data["report_reason"] == {"en": "Because of a complement."}
    assert data["differences"] == [{"change": "added", "pointer": "/release/ongoing", "after": "yes"}]
    assert data["report"]["release"]["ongoing"] == "yes" and data["report"]["type"] == "complement"
    assert data["case_reference"] == case and data["material"] is False


async def test_what_a_reader_may_not_see_is_in_no_difference(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), secretariat()])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    mark = {"/quantity": {"audience": "secretariat", "ground": "article_21_1"}}
    await story.follow(case, "complement", quantity={"text": {"en": "SECRET SACKS"}}, confidential=mark)
    await story.drain()
    mail, (body,) = story.inbox("a171@ug.example")[-1], story.receiver.of("report.added")
    assert "SECRET" not in mail.text and "SECRET" not in mail.html and "SECRET" not in str(body)
    assert body["data"]["withheld"] == ["/quantity"]
    assert "SECRET SACKS" in story.inbox("cna@ke.example")[-1].text


async def test_what_is_marked_later_is_kept_from_those_who_read_the_chain_then(story: Story) -> None:
    await story.load([*network("UG"), contact("TZ", webhook=story.receiver.url)])
    report = report_from("KE", "UG", quantity={"text": {"en": "SECRET SACKS"}})
    case = (await story.submit(report)).reference
    await story.drain()
    mark = {"/quantity": {"audience": "secretariat", "ground": "article_21_1"}}
    both = report_from("KE", "UG", "TZ")["affected_states"]
    await story.follow(case, "correction", affected_states=both, confidential=mark)
    await story.drain()
    (mail,) = story.inbox("a171@tz.example")
    assert "SECRET" not in mail.text and "SECRET" not in str(story.receiver.received)


async def test_a_withdrawal_retracts_to_everyone_ever_told_and_nothing_else_follows(story: Story) -> None:
    await story.load([*network("UG", "TZ"), contact("KE", "bch_focal_point")])
    case = (await story.submit(report_from("KE", "UG", "TZ"))).reference
    await story.advance(hours=7)
    await story.acknowledge("a171@tz.example")
    await story.drain()
    told = story.told() - {"operator@service.example"}
    before = len(story.catcher.mails)
    await story.follow(case, "withdrawal")
    await story.advance(hours=400)
    after = story.catcher.mails[before:]
    assert {mail.to for mail in after} == told and len(after) == len(told)
    for mail in after:
        assert "WITHDRAWN" in mail.subject and "Because of a withdrawal." in mail.text
    assert "please acknowledge" in story.inbox("a171@tz.example")[-1].subject
    assert not (await story.notification(case, "TZ")).acknowledged
    await story.acknowledge("a171@tz.example")
    assert (await story.notification(case, "TZ")).acknowledged
    before = len(story.catcher.mails)
    await story.advance(hours=100)
    # The secretariat alone hears that an answer came from a page that was never opened.
    assert {mail.to for mail in story.catcher.mails[before:]} <= {"secretariat@cbd.example"}
    async with story.system.database.read() as work:
        record = await work.cases.record(case)
    assert record is not None and record.state == "retracted"
    assert (await shown(story, case))["status"] == "withdrawn"
    assert [task for task in await story.tasks("telephone_now") if task.done_at is None] == []


async def test_nothing_that_waited_is_sent_after_a_withdrawal(story: Story) -> None:
    await story.load([contact("UG", webhook=story.receiver.url), secretariat()])
    story.receiver.answers = [503] * 3
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    story.receiver.received.clear()
    story.receiver.answers.clear()
    await story.follow(case, "withdrawal")
    await story.advance(hours=100)
    assert [body["type"] for _, body in story.receiver.received] == ["case.withdrawn"]
    (body,) = story.receiver.of("case.withdrawn")
    assert "report" not in body["data"] and body["data"]["report_reason"] == {"en": "Because of a withdrawal."}


async def test_nothing_follows_a_withdrawal(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.follow(case, "withdrawal")
    with pytest.raises(Conflict):
        await story.follow(case, "complement", monitoring={"en": "daily"})


async def test_the_record_is_drafted_again_as_an_amendment(story: Story) -> None:
    await story.load([*network("UG"), contact("KE", "bch_focal_point")])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.follow(case, "complement", monitoring={"en": "daily"})
    await story.drain()
    async with story.system.database.read() as work:
        record = await work.cases.record(case)
    assert record is not None and (record.state, record.sequence) == ("amended", 2)
    subjects = await inbox_subjects(story, "bch1@ke.example")
    assert len(subjects) == 2 and all("BCH record" in subject for subject in subjects)


async def test_the_same_key_gives_the_same_report_also_at_the_same_moment(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    document = {"type": "no_change", "reason": {"en": "nothing new"}}
    first, second = await asyncio.gather(
        *(follow_up(case, document, OPERATOR, "same", story.ports) for _ in range(2)), return_exceptions=True
    )
    answered = [one for one in (first, second) if not isinstance(one, BaseException)]
    assert {one.sequence for one in answered} == {2}
    assert (await follow_up(case, document, OPERATOR, "same", story.ports)).new is False
    with pytest.raises(Conflict):
        await follow_up(case, document | {"reason": {"en": "another"}}, OPERATOR, "same", story.ports)
    await story.drain()
    assert len(story.inbox("a171@ug.example")) == 2


async def test_of_two_reports_on_one_version_the_second_must_read_again(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    version = (await shown(story, case))["version"]
    document = {"type": "no_change", "reason": {"en": "nothing new"}}
    await follow_up(case, document, OPERATOR, "one", story.ports, expected=version)
    with pytest.raises(StaleVersion):
        await follow_up(case, document, OPERATOR, "two", story.ports, expected=version)


async def test_a_report_that_would_tell_very_many_states_needs_a_second_confirmation(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    codes = [str(state.state_code) for state in story.ports.registry.states if state.state_code not in ("KE", "UG")]
    many = report_from("KE", "UG", *codes[:60])["affected_states"]
    document = {"type": "correction", "reason": {"en": "many"}, "affected_states": many}
    with pytest.raises(ConfirmationNeeded) as needed:
        await follow_up(case, document, OPERATOR, "many", story.ports)
    await follow_up(case, document, OPERATOR, "many", story.ports, confirmation=needed.value.confirmation)
    assert len((await shown(story, case))["reports"]) == 2


async def test_a_preview_says_what_a_report_would_do_and_does_nothing(story: Story) -> None:
    await story.load(network("UG", "TZ"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    both = report_from("KE", "UG", "TZ")["affected_states"]
    document = {"type": "correction", "reason": {"en": "one more"}, "affected_states": both}
    view = await preview_follow_up(case, document, OPERATOR, story.ports)
    assert (view["material"] and view["told"] == ["BCH", "UG"]) or set(view["told"]) == {"BCH", "UG"}
    assert [one["state"] for one in view["notifications"]] == ["TZ"]
    assert len((await shown(story, case))["reports"]) == 1


async def test_the_faults_of_a_later_report_are_named_by_their_place(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    with pytest.raises(InvalidDocument) as invalid:
        await story.follow(case, "complement", reason="", release={"ongoing": "maybe so"}, colour="blue")
    assert {fault.pointer for fault in invalid.value.faults} >= {"/release/ongoing", "/colour"}
    assert len((await shown(story, case))["reports"]) == 1


async def test_a_reclassification_to_an_illegal_movement_links_a_twin_case(story: Story) -> None:
    await story.load([*network("UG"), contact("KE", "bch_focal_point")])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.follow(case, "reclassification", notification_class="illegal_movement", illegal_status="suspected")
    await story.drain()
    first = await shown(story, case)
    twin = await shown(story, first["twin"])
    assert twin["twin"] == case and twin["reference"] != case
    assert twin["notification_class"] == first["notification_class"] == "illegal_movement"
    async with story.system.database.read() as work:
        records = [await work.cases.record(CaseReference(one)) for one in (case, twin["reference"])]
    assert [record is not None for record in records] == [True, True]
    subjects = await inbox_subjects(story, "a171@ug.example")
    assert sum(f"[{case}]" in subject for subject in subjects) == 2
    assert sum(f"[{twin['reference']}]" in subject for subject in subjects) == 1
    # Back again: the two stay linked, and no third case is opened.
    await story.follow(case, "reclassification", notification_class="article_17")
    assert (await shown(story, case))["twin"] == twin["reference"]


async def test_orange_petunia_nine_states_unknown_origin(story: Story) -> None:
    report = example("orange-petunia")
    states = [one["state"] for one in report["affected_states"] if one["state"] != report["reporting_state"]]
    assert len(report["affected_states"]) >= 9 and report["origin"]["state"] == "unknown"
    await story.load(network(*states))
    case = (await story.submit(report)).reference
    await story.drain()
    told = {f"a171@{state.lower()}.example" for state in states}
    assert told <= story.told()
    for state in states[:4]:
        await story.acknowledge(f"a171@{state.lower()}.example")
    # What was thought of as unknown is named: that State is told, as named and never as responsible.
    await story.load([contact("IL")])
    await story.follow(case, "correction", material=True, origin={"state": "IL", "certainty": "suspected"})
    await story.drain()
    assert (await story.notification(case, "IL")).status == "presumed_origin"
    assert "please confirm or correct" in story.inbox("a171@il.example")[0].text
    for state in states:
        reports = [mail for mail in story.inbox(f"a171@{state.lower()}.example") if "Correction" in mail.subject]
        assert len(reports) == 1, state
    await story.follow(case, "no_change")
    await story.drain()
    seen = await told_of(story, case)
    assert all(len(reports) == len(set(reports)) for reports in seen.values())
    assert len((await shown(story, case))["reports"]) == 3


async def test_a_case_upgraded_from_information_to_article_17_and_back_to_preliminary(story: Story) -> None:
    await story.load([*network("UG"), contact("KE", "bch_focal_point")])
    report = report_from("KE", "UG", severity="low", notification_class="information")
    case = (await story.submit(report)).reference
    await story.drain()
    async with story.system.database.read() as work:
        assert await work.cases.record(case) is None
    assert story.inbox("bch1@ke.example") == [] and (await shown(story, case))["severity"]["level"] == "low"
    await story.acknowledge("a171@ug.example")
    await story.drain()
    up = {"outcome": "threshold_met", "office": "Authority of KE", "reason": {"en": "crossed"}}
    await story.follow(
        case, "reclassification", notification_class="article_17", determination=up, severity_inputs=HIGHER
    )
    await story.drain()
    # The Clearing-House is told now, everybody of the State as well, and Uganda acknowledges anew, by the hour.
    assert len(story.inbox("bch1@ke.example")) == 1
    assert len(story.inbox("nfp1@ug.example")) == 1
    assert not (await story.notification(case, "UG")).acknowledged
    await story.advance(hours=1.1)
    assert await story.steps(case, "UG") == ["reminder"]
    down = {"outcome": "under_assessment", "office": "Authority of KE", "reason": {"en": "not sure"}}
    calm = {"crossing": "possible", "consequence": "minor"}
    await story.follow(
        case, "reclassification", notification_class="preliminary", determination=down, severity_inputs=calm
    )
    await story.advance(hours=1)
    seen = await shown(story, case)
    assert (seen["notification_class"], seen["severity"]["level"]) == ("preliminary", "moderate")
    assert await story.steps(case, "UG") == ["reminder", "alternates"]
    async with story.system.database.read() as work:
        record = await work.cases.record(case)
    assert record is not None and record.state == "amended"
    assert [one["type"] for one in seen["reports"]] == ["initial", "reclassification", "reclassification"]
    changed = {one["pointer"] for one in seen["reports"][2]["differences"]}
    assert "/notification_class" in changed and "/severity_inputs/consequence" in changed


async def test_triffid_flax_thirty_states(story: Story) -> None:
    report = example("triffid-flax")
    states = [one["state"] for one in report["affected_states"] if one["state"] != report["reporting_state"]]
    assert len(states) >= 30
    await story.load([secretariat(), *(contact(state) for state in states)])
    case = (await story.submit(report)).reference
    await story.drain()
    followed = await story.follow(case, "situation_update", monitoring={"en": "testing goes on"})
    await story.drain()
    for state in states:
        mails = story.inbox(f"a171@{state.lower()}.example")
        assert len(mails) == 2, state
    assert followed.sequence == 2
    await story.follow(case, "withdrawal")
    await story.advance(hours=300)
    for state in states:
        subjects = await inbox_subjects(story, f"a171@{state.lower()}.example")
        assert len(subjects) == 3 and "WITHDRAWN" in subjects[-1], state
    views = (await show_notifications(case, OPERATOR, story.ports))["notifications"]
    assert all(view["asked_by_report"] == 3 for view in views)


async def test_a_state_that_could_not_be_told_is_told_of_the_whole_chain_when_a_contact_is_known(story: Story) -> None:
    await story.load([secretariat()])
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await story.load([contact("UG")])
    await story.follow(case, "complement", monitoring={"en": "daily"})
    await story.drain()
    (mail,) = story.inbox("a171@ug.example")
    assert "Report 2: complement" in mail.text and mail.subject.endswith("please acknowledge")


async def test_a_contact_that_is_none_any_more_is_told_of_nothing_but_the_retraction(story: Story) -> None:
    from notify.service.links import decline_by_link

    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await decline_by_link(story.link(story.inbox("a171@ug.example")[-1]), story.ports)
    await story.follow(case, "complement", monitoring={"en": "daily"})
    await story.drain()
    assert len(story.inbox("a171@ug.example")) == 1
    await story.follow(case, "withdrawal")
    await story.drain()
    assert "WITHDRAWN" in story.inbox("a171@ug.example")[-1].subject


async def test_an_answer_to_a_withdrawal_is_its_receipt_and_nothing_more(story: Story) -> None:
    await story.load(network("UG"))
    case = (await story.submit(report_from("KE", "UG"))).reference
    await story.drain()
    await story.follow(case, "withdrawal")
    await story.drain()
    with pytest.raises(Conflict):
        await story.acknowledge("a171@ug.example", grade="assessed", assessment="affected")
    await story.acknowledge("a171@ug.example", **FORM)
    assert (await story.notification(case, "UG")).grade == "received"


async def test_the_log_verifies_over_later_reports_and_finds_one_that_was_changed(story: Story) -> None:
    await story.load(network("UG"))
    lmos = [{"unique_identifier": "MON-00810-6"}]
    case = (await story.submit(report_from("KE", "UG", lmos=lmos))).reference
    await story.follow(case, "complement", monitoring={"en": "daily"})
    await story.follow(case, "reclassification", notification_class="illegal_movement", illegal_status="suspected")
    await story.drain()
    assert await find_breaks(story.ports) == []
    async with story.system.database.write() as work:
        connection = work.cases._connection  # type: ignore[attr-defined]
        await connection.execute(sa.text("UPDATE report SET known = '{}' WHERE sequence = 2"))
        await work.commit()
    assert [one for one in await find_breaks(story.ports) if "report 2" in one]
