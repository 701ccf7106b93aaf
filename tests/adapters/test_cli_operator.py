"""Commands that act: accounts, receipts by telephone, tasks, the brake, the outbox, webhooks, the check."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import create_engine, text

from adapters.database.tables import case_log
from adapters.email.catcher import MailCatcher
from tests.adapters.cli_runs import Article17, article17, loaded, submit, with_case
from tests.builders import report_from

__all__ = ["article17", "loaded", "with_case"]


def execute(folder: Path, statement: str) -> None:
    with create_engine(f"sqlite:///{folder}/data/article17.sqlite").begin() as connection:
        connection.execute(text(statement))


def events(folder: Path) -> list[tuple[str, str]]:
    """Read what the log says happened, and on which chain."""
    with create_engine(f"sqlite:///{folder}/data/article17.sqlite").connect() as connection:
        found = connection.execute(case_log.select().order_by(case_log.c.position))
        return [(row.kind, row.body) for row in found]


def test_an_account_gets_a_token_that_is_shown_once(article17: Article17, tmp_path: Path) -> None:
    made = article17("accounts", "create", "Authority of Kenya", "--role", "authority", "--state", "ke", "--json")
    assert made.json["state"] == "KE"
    token = article17("accounts", "token", "Authority of Kenya")
    assert token.stdout.strip().startswith("a17_")
    assert len(token.stdout.splitlines()) == 1
    listed = article17("accounts", "list", "--json")
    assert {account["name"] for account in listed.json["accounts"]} == {"Authority of Kenya", "operator"}
    assert token.stdout.strip() not in listed.stdout
    assert [kind for kind, _ in events(tmp_path)] == ["AccountCreated", "TokenIssued"]


def test_an_account_of_a_state_needs_its_state(article17: Article17) -> None:
    wrong = article17("accounts", "create", "Somebody", "--role", "authority", "--json")
    assert wrong.status == 2
    assert [fault["pointer"] for fault in wrong.json["errors"]] == ["/state"]
    assert article17("accounts", "create", "Somebody", "--role", "king").status == 2


def test_two_accounts_of_one_name_and_a_token_for_nobody_cannot_be(article17: Article17) -> None:
    create = ("accounts", "create", "Desk", "--role", "secretariat")
    assert article17(*create).status == 0
    assert article17(*create).status == 1
    assert article17("accounts", "token", "Nobody").status == 1


def test_a_receipt_by_telephone_is_on_record_as_the_operators(with_case: Article17, tmp_path: Path) -> None:
    reference = with_case("case", "list", "--json").json["cases"][0]["reference"]
    call = ("acknowledge", reference, "ke", "--by", "A. Otieno", "--office", "NBA", "--means", "telephone", "--json")
    first, second = with_case(*call), with_case(*call)
    assert (first.status, first.json["grade"], first.json["new"]) == (0, "received", True)
    assert (second.status, second.json["new"]) == (0, False)
    [body] = [body for kind, body in events(tmp_path) if kind == "NotificationAcknowledged"]
    assert '"means":"telephone"' in body
    assert '"account":"operator"' in body
    assert "Otieno" not in body


def test_a_receipt_needs_a_state_that_was_told_and_known_means(with_case: Article17) -> None:
    reference = with_case("case", "list", "--json").json["cases"][0]["reference"]
    assert with_case("acknowledge", reference, "UG", "--by", "A", "--office", "B").status == 1
    assert with_case("acknowledge", reference, "KE", "--by", "A", "--office", "B", "--means", "link").status == 2
    assert with_case("acknowledge", reference, "KE", "--by", "A").status == 2
    named = with_case("acknowledge", reference, "Mexico", "--by", "A", "--office", "B")
    assert named.status == 2
    assert "give the two-letter code (ISO 3166-1, or EU), MX here" in named.stderr


def test_a_task_is_listed_until_its_result_is_recorded(loaded: Article17) -> None:
    submit(loaded, "UG")
    open_tasks = loaded("tasks", "list", "--json").json["tasks"]
    task = next(task for task in open_tasks if task["kind"] == "no_contact")
    lines = loaded("tasks", "list").stdout.splitlines()
    assert any(line.startswith(task["id"]) for line in lines)
    assert any("Uganda" in line for line in lines)
    assert max(map(len, lines)) <= 120
    done = loaded("tasks", "done", task["id"], "--result", "Telephoned the embassy.", "--json")
    assert (done.json["done_by"], done.json["result"]) == ("operator", "Telephoned the embassy.")
    assert task["id"] not in [left["id"] for left in loaded("tasks", "list", "--json").json["tasks"]]
    assert task["id"] in [one["id"] for one in loaded("tasks", "list", "--all", "--json").json["tasks"]]
    assert loaded("tasks", "done", task["id"], "--result", "Something else.").status == 1
    assert loaded("tasks", "done", task["id"], "--result", " ").status == 2


def test_sending_is_held_and_let_go_on(with_case: Article17) -> None:
    held = with_case("dispatch", "pause", "--reason", "Checking a report", "--json")
    assert held.json["paused_until"]
    reference = with_case("case", "list", "--json").json["cases"][0]["reference"]
    assert "Sending is paused" in with_case("case", "show", reference).stdout
    for command in (("case", "list"), ("tasks", "list")):
        assert "All sending is held until" in with_case(*command).stderr
    report = json.dumps(report_from("MX", "KE"))
    assert "Checking a report" in with_case("report", "submit", "-", "--key", "again", given=report).stderr
    assert with_case("dispatch", "resume", "--json").json == {"paused_until": None}
    assert with_case("dispatch", "resume").status == 0
    assert with_case("dispatch", "pause").status == 2


def test_a_parked_message_is_listed_and_freed(with_case: Article17, tmp_path: Path) -> None:
    execute(tmp_path, "UPDATE outbox SET parked_at = due_at, last_error = 'no luck', attempts = 8 WHERE id = 1")
    [parked] = with_case("outbox", "list", "--json").json["parked"]
    assert (parked["id"], parked["error"]) == (1, "no luck")
    assert "no luck" in with_case("outbox", "list").stdout
    assert with_case("outbox", "retry", "1", "--json").json == {"id": 1, "freed": True}
    assert with_case("outbox", "list", "--json").json["parked"] == []
    assert with_case("outbox", "retry", "1").status == 1
    wrong = with_case("outbox", "retry", "one")
    assert wrong.status == 2
    assert "“one” is no number of a message" in wrong.stderr


@pytest.fixture
def loopback() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread, for the servers that commands talk to."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def start_endpoint() -> web.AppRunner:
    """Start a national system that answers the challenge."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"challenge": (await request.json())["data"]["challenge"]})

    app = web.Application()
    app.router.add_post("/hook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def test_a_webhook_is_registered_by_its_challenge_and_its_secret_shown_once(
    loaded: Article17, loopback: asyncio.AbstractEventLoop
) -> None:
    endpoint = asyncio.run_coroutine_threadsafe(start_endpoint(), loopback).result()
    url = f"http://127.0.0.1:{endpoint.addresses[0][1]}/hook"
    allowed = {"ARTICLE17_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}
    done = loaded("contacts", "webhook", "ke-1", "--url", url, "--json", **allowed)
    assert done.status == 0, done.stderr
    assert done.json["secret"].startswith("whsec_")
    [contact] = loaded("contacts", "list", "--state", "KE", "--json").json["contacts"]
    assert contact["webhook"].pop("health")["condition"] == "well"
    assert contact["webhook"] == {"url": url, "verified": True, "format": "standard"}
    asyncio.run_coroutine_threadsafe(endpoint.cleanup(), loopback).result()
    silent = loaded("contacts", "webhook", "ke-1", "--url", url, **allowed)
    assert silent.status == 1
    assert "did not pass its challenge" in silent.stderr


def test_the_key_that_signs_webhooks_is_changed_and_the_old_one_signs_on_until_its_end(
    loaded: Article17, tmp_path: Path
) -> None:
    [first] = loaded("keys", "list", "--json").json["keys"]
    made = loaded("keys", "change", "--both-days", "3", "--json")
    assert made.status == 0, made.stderr
    new, old = loaded("keys", "list", "--json").json["keys"]
    assert (new["public_key"], old["public_key"]) == (made.json["public_key"], first["public_key"])
    assert (new["retires_at"], old["retired_at"]) == (None, None)
    assert old["retires_at"] is not None
    assert loaded("keys", "change", "--both-days", "0").status == 0
    assert [key["retired_at"] is None for key in loaded("keys", "list", "--json").json["keys"]] == [True, False, False]
    assert [kind for kind, _ in events(tmp_path)].count("SigningKeyChanged") == 2


def test_client_certificates_that_cannot_be_used_stop_every_command(article17: Article17, tmp_path: Path) -> None:
    (tmp_path / "certificates.json").write_text('{"ministry.example": {}}', encoding="utf-8")
    refused = article17("keys", "list", ARTICLE17_WEBHOOK_CLIENT_CERTIFICATES=str(tmp_path / "certificates.json"))
    assert refused.status != 0
    assert "ARTICLE17_WEBHOOK_CLIENT_CERTIFICATES: ministry.example must be" in refused.stderr


def test_a_webhook_needs_a_contact_and_an_endpoint(loaded: Article17) -> None:
    assert "no such contact" in loaded("contacts", "webhook", "nobody").stderr
    assert "no webhook URL" in loaded("contacts", "webhook", "ke-1").stderr


def states_of(outcome: object) -> dict[str, str]:
    return {check["id"]: check["state"] for check in outcome["checks"]}  # type: ignore[index]


def test_the_check_says_what_a_fresh_installation_still_needs(article17: Article17, tmp_path: Path) -> None:
    fresh = article17("check", "--json")
    assert fresh.status == 1
    assert states_of(fresh.json)["database"] == "failed"
    not_asked = {name for name, state in states_of(fresh.json).items() if state == "skipped"}
    assert not_asked == {"mail-relay-answers", "signing-key", "contacts", "secretariat"}
    assert list(tmp_path.iterdir()) == []
    article17("migrate")
    migrated = article17("check", "--json")
    assert migrated.status == 1
    assert {name for name, state in states_of(migrated.json).items() if state == "failed"} == {
        "contacts",
        "secretariat",
    }
    assert all(check["hint"] for check in migrated.json["checks"] if check["state"] == "failed")


def test_the_check_passes_once_everything_is_there(loaded: Article17) -> None:
    sound = loaded("check")
    assert sound.status == 0, sound.stdout
    assert "signing-key" in sound.stdout


def production(relay_port: int) -> dict[str, str]:
    return {
        "ARTICLE17_MODE": "production",
        "ARTICLE17_PUBLIC_URL": "https://article17.example.org",
        "ARTICLE17_SECRET_KEYS": "k" * 40,
        "ARTICLE17_OPERATOR_EMAIL": "operator@example.org",
        "ARTICLE17_SMTP_HOST": "127.0.0.1",
        "ARTICLE17_SMTP_PORT": str(relay_port),
    }


def test_the_check_connects_to_the_mail_relay_as_the_service_will(
    article17: Article17, loopback: asyncio.AbstractEventLoop
) -> None:
    relay = MailCatcher()
    asyncio.run_coroutine_threadsafe(relay.start(), loopback).result()
    plain = article17("check", "--json", ARTICLE17_SMTP_TLS="none", **production(relay.port))
    assert states_of(plain.json)["mail-relay-answers"] == "ok"
    without_tls = article17("check", "--json", **production(relay.port))
    assert states_of(without_tls.json)["mail-relay-answers"] == "failed"
    asyncio.run_coroutine_threadsafe(relay.stop(), loopback).result()


def test_the_check_names_a_relay_that_does_not_answer_and_keys_that_do_not_fit(loaded: Article17) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        found = loaded("check", "--json", **production(reserved.getsockname()[1]))
    assert found.status == 1
    states = states_of(found.json)
    assert states["mail-relay-answers"] == "failed"
    assert states["signing-key"] == "failed"
    assert states["public-url"] == "ok"


def test_the_check_reads_the_policy_file(loaded: Article17, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("nonsense = [", encoding="utf-8")
    found = loaded("check", "--json", ARTICLE17_POLICY_FILE=str(tmp_path / "policy.toml"))
    assert states_of(found.json)["policy"] == "failed"
    assert loaded("case", "list", ARTICLE17_POLICY_FILE=str(tmp_path / "policy.toml")).status == 2


def test_the_links_of_a_contact_are_revoked_on_record(with_case: Article17, tmp_path: Path) -> None:
    def live() -> int:
        with create_engine(f"sqlite:///{tmp_path}/data/article17.sqlite").connect() as connection:
            found = connection.execute(
                text("SELECT count(*) FROM delivery WHERE contact = 'ke-1' AND link_revoked_at IS NULL")
            )
            return int(found.scalar_one())

    assert live() > 0
    assert with_case("contacts", "revoke", "ke-1", "--json").json == {"contact": "ke-1", "revoked": True}
    assert live() == 0
    assert events(tmp_path)[-1][0] == "ContactChanged"
    assert with_case("contacts", "revoke", "nobody").status == 1
