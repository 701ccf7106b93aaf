"""Commands on what was tried for a contact, and on what is sent again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.adapters.cli_runs import Article17, article17, loaded, with_case

__all__ = ["article17", "loaded", "with_case"]


def execute(folder: Path, statement: str, **values: str) -> None:
    with create_engine(f"sqlite:///{folder}/data/article17.sqlite").begin() as connection:
        connection.execute(text(statement), values)


def delivery_to(folder: Path, contact: str) -> str:
    with create_engine(f"sqlite:///{folder}/data/article17.sqlite").connect() as connection:
        found = connection.execute(text("SELECT id FROM delivery WHERE contact = :contact"), {"contact": contact})
        return str(found.scalars().first())


@pytest.fixture
def tried(with_case: Article17, tmp_path: Path) -> str:
    """Let one message to Kenya have been tried by webhook, and refused."""
    delivery = delivery_to(tmp_path, "ke-1")
    execute(tmp_path, "UPDATE delivery SET channel = 'webhook', state = 'bounced' WHERE id = :id", id=delivery)
    execute(tmp_path, "UPDATE outbox SET done_at = due_at WHERE event_body LIKE :id", id=f"%{delivery}%")
    execute(
        tmp_path,
        "INSERT INTO attempt (delivery_id, number, started_at, milliseconds, result, status, failure, reason, answer)"
        " VALUES (:id, 1, '2026-11-20 09:00:00.000000', 7, 'bounced', 404, 'recipient', 'refused (404)', 'no')",
        id=delivery,
    )
    return delivery


def register(folder: Path) -> None:
    execute(folder, "UPDATE contact SET webhook_url = 'https://ke.example/', webhook_verified = 1 WHERE id = 'ke-1'")


def test_tries_are_listed(with_case: Article17, tried: str) -> None:
    shown = with_case("contacts", "attempts", "ke-1", "--channel", "webhook")
    assert tried in shown.stdout.replace("\n", "") or "404" in shown.stdout
    (one,) = with_case("contacts", "attempts", "ke-1", "--json").json["attempts"]
    assert (one["delivery"], one["status"], one["failure"], one["answer"]) == (tried, 404, "recipient", "no")
    assert "Nothing was tried" in with_case("contacts", "attempts", "sec-1").stdout
    assert with_case("contacts", "attempts", "nobody").status == 1
    assert with_case("contacts", "attempts", "ke-1", "--before", "nonsense").status == 2


def test_one_message_is_sent_again_by_the_operator_on_record(with_case: Article17, tried: str, tmp_path: Path) -> None:
    assert with_case("contacts", "resend", tried).status == 1, "it has no endpoint now"
    register(tmp_path)
    queued = with_case("contacts", "resend", tried, "--json")
    assert (queued.status, queued.json["delivery"]) == (0, tried)
    with create_engine(f"sqlite:///{tmp_path}/data/article17.sqlite").connect() as connection:
        (body,) = connection.execute(text("SELECT body FROM case_log WHERE kind = 'DeliveryResent'")).scalars()
    assert '"account":"operator"' in body
    assert with_case("contacts", "resend", "nothing").status == 1


def test_an_endpoint_is_sent_what_it_missed(with_case: Article17, tried: str, tmp_path: Path) -> None:
    register(tmp_path)
    replayed = with_case("contacts", "replay", "ke-1", "--since", "2026-01-01", "--json")
    assert (replayed.status, replayed.json["queued"]) == (0, 1)
    again = with_case("contacts", "replay", "ke-1", "--since", "2026-01-01T00:00:00Z")
    assert "0 messages queued" in again.stdout
    assert with_case("contacts", "replay", "ke-1", "--since", "yesterday").status == 2
    assert with_case("contacts", "replay", "ke-1").status == 2
    assert with_case("contacts", "replay", "sec-1", "--since", "2026-01-01").status == 1


def test_the_list_of_contacts_says_how_an_endpoint_fares(with_case: Article17, tmp_path: Path) -> None:
    register(tmp_path)
    assert "verified" in with_case("contacts", "list", "--state", "KE").stdout
    execute(
        tmp_path,
        "INSERT INTO endpoint (contact, url, failures, failing_since, gone_at, told_at) VALUES ('ke-1',"
        " 'https://ke.example/', 1, '2026-11-20 09:00:00.000000', '2026-11-20 09:00:00.000000',"
        " '2026-11-20 09:00:00.000000')",
    )
    (kenya,) = with_case("contacts", "list", "--state", "KE", "--json").json["contacts"]
    assert kenya["webhook"]["health"]["condition"] == "gone"
    assert "gone" in with_case("contacts", "list", "--state", "KE").stdout
