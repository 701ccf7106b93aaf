"""The demonstration, played for every example report: nothing is faked, and everybody ends somewhere."""

from __future__ import annotations

import asyncio
import json
import signal
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from adapters.cli.demonstration import demo
from adapters.cli.demonstration.board import Board
from adapters.cli.demonstration.chronicle import chronicle
from adapters.cli.demonstration.clock import DemonstrationClock
from adapters.cli.demonstration.direction import Direction, demonstrate
from adapters.cli.demonstration.ending import NOT_REAL
from adapters.cli.demonstration.outcome import Outcome, read_outcome
from adapters.cli.demonstration.parts import Part, Role
from adapters.cli.demonstration.play import Performance
from adapters.cli.demonstration.stage import START, open_stage
from adapters.cli.demonstration.story import Story
from adapters.cli.demonstration.views import PlainView
from contacts.registry import load_registry
from notify.report import Report, parse_report
from notify.rows import LogRow

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "examples" / "reports"
SEVERITIES = {
    "bacillus-subtilis-vitamin-b2-2014": "high",
    "gm-zebrafish-europe-2006": "moderate",
    "gt73-rapeseed-seed-2018": "high",
    "llrice601-2006": "high",
    "mexico-landrace-maize-2001": "critical",
    "mir162-maize-china-2013": "low",
    "orange-petunia-2017": "moderate",
    "oregon-wheat-2013": "moderate",
    "papaya-okinawa-2011": "high",
    "starlink-maize-2000": "critical",
    "triffid-flax-2009": "high",
}
KEYS = ["case", "severity", "notified", "acknowledged", "escalated", "no_receipt", "emails", "webhooks", "timeline"]


def document_of(name: str) -> Any:
    return json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))


def report_of(document: Any) -> Report:
    registry = load_registry()
    report, _ = parse_report(document, is_state=registry.is_state, is_place=registry.is_place)
    return report


def run_demo(*arguments: str) -> Result:
    return CliRunner().invoke(demo, arguments)


def summary_of(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    summary = json.loads(result.stdout)
    assert list(summary) == [*KEYS, "record"]
    return dict(summary)


def check_everybody_ended(summary: dict[str, Any]) -> None:
    notified = summary["notified"]
    assert sorted(summary["acknowledged"] + summary["no_receipt"]) == sorted(notified)
    assert set(summary["escalated"]) <= set(notified)
    assert set(summary["no_receipt"]) <= set(summary["escalated"])


@pytest.mark.parametrize("name", sorted(SEVERITIES, reverse=True))
def test_every_notified_state_ends_in_acknowledged_or_no_receipt(name: str) -> None:
    document = document_of(name)

    result = run_demo("--json", "--report", str(REPORTS / f"{name}.json"))

    summary = summary_of(result)
    check_everybody_ended(summary)
    addressed = [a["state"] for a in document["affected_states"] if a["state"] != document["reporting_state"]]
    assert summary["notified"] == addressed
    assert summary["severity"] == SEVERITIES[name]
    assert summary["record"] == ("none" if document["notification_class"] == "information" else "drafted")
    # Told in their order: the second State never answers, every other one does.
    assert summary["no_receipt"] == addressed[1::6] + [s for s in addressed[7::6] if s not in addressed[1::6]]
    assert summary["emails"] >= len(addressed) + 1
    assert NOT_REAL in result.stderr.splitlines()[0]
    assert NOT_REAL in result.stderr.splitlines()[-1]


@dataclass(frozen=True)
class Played:
    """What one play left behind, inside and outside the service."""

    outcome: Outcome
    story: Story
    timeline: list[tuple[Any, str]]
    logged: list[LogRow]
    broken: list[Any]
    parked: int
    mails: list[str]
    endings: list[dict[str, Any]]
    turned_away: int
    unverified: int
    webhook_ids: list[tuple[str, str, str]]


async def play(name: str, folder: Path) -> Played:
    document = document_of(name)
    async with open_stage(report_of(document), folder) as stage:
        performance = Performance(stage, PlainView(Console(file=StringIO())))
        await performance.submit(document)
        await performance.run(None)
        outcome = await read_outcome(stage, performance)
        told = await stage.service.get(f"/api/v1/cases/{outcome.reference}/notifications", performance.filer_token)
        async with stage.system.database.read() as work:
            return Played(
                outcome,
                performance.story,
                chronicle(performance.story),
                await work.log.rows(performance.reference),
                [fault async for fault in work.log.broken()],
                len(await work.outbox.parked()),
                [mail.to for mail in stage.catcher.mails],
                told["notifications"],
                stage.receiver.turned_away,
                stage.receiver.unverified,
                [(webhook.state, webhook.type, webhook.id) for webhook in stage.receiver.received],
            )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(play("llrice601-2006", tmp_path_factory.mktemp("played")))


def ending_of(state: str, played: Played) -> dict[str, Any]:
    return next(view for view in played.endings if view["state"] == state)


def test_what_is_counted_is_what_arrived_and_what_is_logged(played: Played) -> None:
    accepted = [row.body["channel"] for row in played.logged if row.kind == "DeliveryAccepted"]

    assert played.outcome.emails == len(played.mails) == accepted.count("email")
    assert played.outcome.webhooks == len(played.webhook_ids) == accepted.count("webhook")
    assert played.outcome.timeline == len(played.logged) == len(played.story.rows)
    assert (played.broken, played.parked) == ([], 0)


def test_the_next_contact_is_told_at_once_when_a_mailbox_refuses(played: Played) -> None:
    to_britain = [address for address in played.mails if address.endswith("@gb.example")]
    refused = [d for d in ending_of("GB", played)["deliveries"] if d["state"] == "bounced"]

    assert refused[0]["attempts"][0]["status"] == 550
    [instead] = [d for d in ending_of("GB", played)["deliveries"] if d["step"].startswith("instead_of")]
    assert (instead["attempts"][0]["result"], instead["queued_at"]) == ("accepted", "2026-11-20T09:00:00Z")
    assert to_britain
    assert "article17@gb.example" not in to_britain
    assert ending_of("GB", played)["acknowledgements"][0]["means"] == "link"


def test_a_webhook_that_failed_twice_arrives_once_and_its_signature_holds(played: Played) -> None:
    deliveries = [d for d in ending_of("DE", played)["deliveries"] if d["channel"] == "webhook"]
    issued = next(d for d in deliveries if d["step"] == "issue")

    assert [attempt["status"] for attempt in issued["attempts"]] == [503, 503, 204]
    assert (played.turned_away, played.unverified) == (2, 0)
    assert ("DE", "notification.issued", issued["id"]) in played.webhook_ids
    assert ending_of("DE", played)["acknowledgements"][0]["means"] == "api"


def test_the_late_one_is_late_and_the_silent_one_climbs_the_whole_ladder(played: Played) -> None:
    assert ending_of("JP", played)["acknowledgements"][0]["late"] is True
    assert ending_of("FR", played)["step"] == "no_receipt"
    assert ending_of("FR", played)["acknowledgements"] == []
    assert ending_of("NL", played)["acknowledgements"][0]["means"] == "link"
    assert ending_of("SE", played)["assessment"] == "affected"
    assert played.outcome.tasks["telephone_now"] > 0
    assert [
        signs for view in played.endings for a in view["acknowledgements"] for signs in a["signs_of_a_machine"]
    ] == []


def test_the_same_report_gives_the_same_result(played: Played, tmp_path: Path) -> None:
    again = asyncio.run(play("llrice601-2006", tmp_path))

    assert again.outcome == played.outcome
    assert again.timeline == played.timeline


def test_the_live_view_fits_a_small_terminal(played: Played) -> None:
    roles = {line.code: Role(Part.LATE, 0) for line in played.story.states}
    clock = DemonstrationClock(START)
    board = Board("Case", played.story, registry=load_registry(), roles=roles, clock=clock)
    board.last_words = ["x" * 200] * 5
    console = Console(file=StringIO(), force_terminal=True, width=80, height=12)

    lines = console.render_lines(board.draw(80, 12), pad=False)
    text = ["".join(segment.text for segment in line) for line in lines]

    assert max(map(len, text)) <= 80
    assert "more States" in "\n".join(text)
    assert [line for line in text if line.startswith("FR") and "no receipt" in line]


@pytest.mark.parametrize("width", [60, 80, 140])
async def test_the_ending_fits_the_terminal_and_keeps_grade_and_assessment_apart(width: int) -> None:
    document, written = document_of("mir162-maize-china-2013"), StringIO()
    console = Console(file=written, width=width, no_color=True)

    await demonstrate(Direction(document, report_of(document)), console)

    lines = written.getvalue().splitlines()
    assert "Response times (target: 3 working days)" in lines
    start = next(number for number, line in enumerate(lines) if line.startswith("State "))
    rows = lines[start : start + 2]
    assert max(map(len, rows)) <= width
    assert [word for word in rows[0].split() if word in ("Grade", "Assessment")] == ["Grade", "Assessment"]
    assert rows[1].startswith("CN")
    assert rows[1][rows[0].index("Grade") :].split()[0] == "received"
    assert "…" not in "".join(rows)


async def test_a_target_in_hours_says_that_only_working_hours_count() -> None:
    document, written = document_of("orange-petunia-2017"), StringIO()
    await demonstrate(Direction(document, report_of(document)), Console(file=written, width=140))
    assert "Response times (target: 24 h of working time)" in written.getvalue().splitlines()


def test_tasks_to_telephone_say_why_there_are_two_for_each_state(played: Played) -> None:
    told = [text for _, text in played.timeline if "telephone now" in text]
    assert told
    assert all("one for the reporting State and one for the secretariat on duty" in text for text in told)
    assert "FR" in played.outcome.telephoned


def test_the_live_view_fits_sixty_columns(played: Played) -> None:
    roles = {line.code: Role(Part.LATE, 0) for line in played.story.states}
    board = Board("Case", played.story, registry=load_registry(), roles=roles, clock=DemonstrationClock(START))
    console = Console(file=StringIO(), force_terminal=True, width=60, height=24)

    text = ["".join(piece.text for piece in line) for line in console.render_lines(board.draw(60, 24), pad=False)]

    assert max(map(len, text)) <= 60
    assert [line for line in text if line.startswith("FR") and "no receipt" in line]


def test_an_invalid_report_is_refused_with_every_fault_and_its_place(tmp_path: Path) -> None:
    document = document_of("llrice601-2006")
    document["lmos"] = []
    document["release"]["state"] = "XX"
    document["colour"] = "blue"
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    result = run_demo("--json", "--report", str(path))

    assert result.exit_code == 2
    assert result.stdout == ""
    assert all(pointer in result.stderr for pointer in ("/lmos: ", "/release/state: ", "/colour: "))


@pytest.mark.parametrize("content", ["{", "[]", "\udcff", ""])
def test_what_is_no_report_at_all_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "nothing.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    result = run_demo("--report", str(path))

    assert result.exit_code == 2
    assert "fault" in result.stderr


def test_a_report_to_more_states_than_the_brake_allows_is_confirmed_and_cut_short(tmp_path: Path) -> None:
    document = document_of("llrice601-2006")
    codes = [state.state_code for state in load_registry().states if state.state_code != "US"][:51]
    document["affected_states"] = [{"state": c, "status": "affected", "movement": "crossing_suspected"} for c in codes]
    path = tmp_path / "many.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    result = run_demo("--json", "--hours", "0.01", "--report", str(path))

    summary = summary_of(result)
    assert "The brake asks for a second confirmation" in result.stderr
    assert summary["notified"] == summary["no_receipt"] == codes
    assert summary["acknowledged"] == summary["escalated"] == []
    assert "none so far" in result.stderr


async def test_the_service_and_the_caught_mails_stay_open_until_interrupted() -> None:
    document, written = document_of("mir162-maize-china-2013"), StringIO()
    direction = Direction(document, report_of(document), serve=True)
    console = Console(file=written, width=200)
    announced: asyncio.Queue[Outcome] = asyncio.Queue()
    leading = asyncio.create_task(demonstrate(direction, console, announced.put_nowait))
    await announced.get()
    # What is said after the announcement is said before anything else gets its turn.
    address = next(line.split()[-1] for line in written.getvalue().splitlines() if "caught mails" in line)

    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        page = await answer.text()
    signal.raise_signal(signal.SIGINT)
    await leading

    assert "article17@cn.example" in page or "focal-point@cn.example" in page
    assert "Closed." in written.getvalue()


async def test_a_terminal_shows_the_play_live() -> None:
    document, written = document_of("mir162-maize-china-2013"), StringIO()
    console = Console(file=written, force_terminal=True, width=120, height=40)

    await demonstrate(Direction(document, report_of(document)), console)

    assert "Simulated time" in written.getvalue()
    assert "CN China" in written.getvalue()


def test_the_report_in_the_package_is_the_example() -> None:
    packaged = ROOT / "adapters" / "cli" / "demonstration" / "llrice601-2006.json"
    assert json.loads(packaged.read_text(encoding="utf-8")) == document_of("llrice601-2006")
