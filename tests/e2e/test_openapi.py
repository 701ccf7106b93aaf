"""What the description of the API allows is accepted, what it forbids is refused, and nothing makes it fail."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.settings import load_settings
from adapters.wiring import open_system
from notify.service.access import create_account, issue_token
from tests.e2e.processes import Process, environment

pytestmark = pytest.mark.timeout(240)  # processes on a loaded machine take their time

ROLES = {"authority": "KE", "secretariat": None}
"""Those that between them may make every call."""

# What a schema cannot say, and so may be refused although it fits: rules across the fields of a report, the means that
# belong to a role, a cursor that was never handed out, a version that is not the stored one.
HONEST = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429]

[[operations]]
include-operation-id = ["submit_case", "preview_case", "submit_report", "preview_report", "plan_exercise",
    "create_draft", "replace_draft", "submit_draft"]
checks.positive_data_acceptance.enabled = false
# There are minutes of bounds in a report; the tests of reports try these.
phases.coverage.enabled = false

[[operations]]
include-operation-id = ["list_cases", "list_tasks", "list_contacts", "list_inquiries", "show_statistics",
    "show_statistics_csv"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404]

[[operations]]
include-operation-id = ["acknowledge", "replace_contact", "replay_contact", "resend_delivery"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 412, 422]

# Whether a State may say it, in which lane and to whom, hangs on the case; a text may hold no control characters.
[[operations]]
include-operation-id = ["open_consultation", "post_message", "make_request", "answer_request", "propose_conclusion",
    "state_position", "invite_secretariat", "end_invitation", "assess", "report_measure", "change_measure",
    "make_inquiry", "answer_inquiry", "withdraw_inquiry"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422]

# Whether a case may close or reopen hangs on all that happened in it, and the secretariat needs an instruction.
[[operations]]
include-operation-id = ["announce_close", "answer_close", "reopen_case"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 412, 422]

[[operations]]
include-operation-id = ["remove_contact", "remove_draft"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 412]
"""

# The stream of events has no end, and registering a webhook calls whatever host was made up.
# The bytes of a file have a form that no schema describes; the tests of attachments try these.
LEFT_OUT = ("stream_events", "register_webhook", "store_file")
EXAMPLES = "4"
SEED = "17"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """Serve without a worker, with an account of each role; give the address and the tokens."""
    variables = environment(tmp_path, RATE_LIMIT_PER_MINUTE="1000000")
    async with open_system(load_settings(variables), create_tables=True) as system:
        for role, state in ROLES.items():
            await create_account(role, role, state, system.ports)
        tokens = {role: await issue_token(role, system.ports) for role in ROLES}
    process = Process(variables, tmp_path, "serve", "--no-worker")
    await process.ready()
    yield process.url, tokens
    await process.stop()


async def explore(folder: Path, url: str, token: str, phases: str) -> str:
    """Let the description be explored with one token; give what was found, or nothing."""
    (folder / "honest.toml").write_text(HONEST, encoding="utf-8")
    without = [part for name in LEFT_OUT for part in ("--exclude-operation-id", name)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "honest.toml"), "run"),
        *(f"{url}/api/v1/openapi.json", "--url", url, "--header", f"Authorization: Bearer {token}"),
        *("--seed", SEED, "--no-shrink", "--suppress-health-check", "all", "--warnings", "off", *without),
        *("--phases", phases, "--max-examples", EXAMPLES),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode() if process.returncode else ""


async def test_no_account_finds_a_gap_between_the_description_and_the_behaviour(
    tmp_path: Path, service: tuple[str, dict[str, str]]
) -> None:
    url, tokens = service
    phases = {"secretariat": "coverage,fuzzing", "authority": "fuzzing"}
    found = await asyncio.gather(*(explore(tmp_path, url, tokens[role], phases[role]) for role in ROLES))
    assert not any(found), "\n".join(found)
