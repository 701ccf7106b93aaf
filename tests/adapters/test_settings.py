"""Settings: what is read, what is refused, and what production demands."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from adapters.settings import (
    InvalidSettings,
    LogFormat,
    MailTls,
    Mode,
    load_settings,
    production_faults,
    unknown_variables,
)

SECRET = "k" * 32
COMPLETE = {
    "ARTICLE17_PUBLIC_URL": "https://article17.example.org/",
    "ARTICLE17_SMTP_HOST": "relay.example.org",
    "ARTICLE17_SECRET_KEYS": SECRET,
    "ARTICLE17_OPERATOR_EMAIL": "operator@service.example",
    "ARTICLE17_ATTACHMENTS_SCAN_COMMAND": "clamdscan --no-summary",
}


def faults_of(environ: dict[str, str]) -> dict[str, str]:
    """Load settings that must be refused, and give each fault under its variable."""
    with pytest.raises(InvalidSettings) as caught:
        load_settings(environ)
    return dict(fault.split(": ", 1) for fault in caught.value.faults)


def ids_of(environ: dict[str, str]) -> list[str]:
    return [check.id for check in production_faults(load_settings(environ))]


def test_production_is_the_default_and_keeps_its_database_in_the_data_folder() -> None:
    settings = load_settings({"ARTICLE17_DATA_DIR": "/srv/a17"})
    assert settings.mode is Mode.PRODUCTION
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:////srv/a17/article17.sqlite"
    assert settings.public_url is None
    assert settings.log_format is LogFormat.JSON


def test_development_brings_its_own_address() -> None:
    settings = load_settings({"ARTICLE17_MODE": "development"})
    assert settings.public_url == "http://localhost:8017"
    assert settings.log_format is LogFormat.TEXT


def test_every_variable_is_read_as_its_type(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("", encoding="utf-8")
    settings = load_settings(
        COMPLETE
        | {
            "ARTICLE17_SMTP_TLS": "tls",
            "ARTICLE17_SMTP_PORT": "465",
            "ARTICLE17_WEBHOOK_ALLOWED_NETWORKS": "10.0.0.0/8, fd00::/8",
            "ARTICLE17_SECRET_KEYS": f"{SECRET}, {'l' * 40}",
            "ARTICLE17_POLICY_FILE": str(policy),
        }
    )
    assert (settings.smtp_tls, settings.smtp_port) == (MailTls.TLS, 465)
    assert settings.webhook_allowed_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert [key.get_secret_value() for key in settings.secret_keys] == [SECRET, "l" * 40]
    assert settings.policy_file == policy
    assert settings.public_url == "https://article17.example.org"
    assert settings.mail_from == "article17@article17.example.org"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings({"ARTICLE17_SMTP_PORT": "", "ARTICLE17_SMTP_HOST": " "}) == load_settings({})


def test_the_environment_of_the_process_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTICLE17_SMTP_HOST", "elsewhere.example.org")
    assert load_settings({}).smtp_host is None


def test_all_faults_are_listed_at_once_by_variable() -> None:
    faults = faults_of(
        {
            "ARTICLE17_MODE": "test",
            "ARTICLE17_SMTP_PORT": "99999",
            "ARTICLE17_PUBLIC_URL": "https://a.example/under/here",
            "ARTICLE17_HEARTBEAT_URL": "ftp://a.example",
            "ARTICLE17_WEBHOOK_ALLOWED_NETWORKS": "10.0.0.1/8",
            "ARTICLE17_OPERATOR_EMAIL": "nobody",
            "ARTICLE17_DATABASE_URL": "mysql://here",
            "ARTICLE17_POLICY_FILE": "/does/not/exist",
            "ARTICLE17_SMTP_PASSWORD_FILE": "/does/not/exist",
        }
    )
    assert set(faults) == {
        "ARTICLE17_MODE",
        "ARTICLE17_SMTP_PORT",
        "ARTICLE17_PUBLIC_URL",
        "ARTICLE17_HEARTBEAT_URL",
        "ARTICLE17_WEBHOOK_ALLOWED_NETWORKS",
        "ARTICLE17_OPERATOR_EMAIL",
        "ARTICLE17_DATABASE_URL",
        "ARTICLE17_POLICY_FILE",
        "ARTICLE17_SMTP_PASSWORD_FILE",
    }
    assert "only scheme, host and port" in faults["ARTICLE17_PUBLIC_URL"]
    assert "host bits" in faults["ARTICLE17_WEBHOOK_ALLOWED_NETWORKS"]


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("swordfish\n", encoding="utf-8")
    password = load_settings({"ARTICLE17_SMTP_PASSWORD_FILE": str(file)}).smtp_password
    assert password is not None
    assert password.get_secret_value() == "swordfish"


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("one", encoding="utf-8")
    faults = faults_of({"ARTICLE17_SMTP_PASSWORD_FILE": str(file), "ARTICLE17_SMTP_PASSWORD": "two"})
    assert "not both" in faults["ARTICLE17_SMTP_PASSWORD"]


def test_neither_settings_nor_faults_show_a_secret() -> None:
    environ = {"ARTICLE17_SMTP_PASSWORD": "swordfish", "ARTICLE17_DATABASE_URL": "postgresql://a:swordfish@db/a"}
    assert "swordfish" not in repr(load_settings(environ))
    assert "swordfish" not in repr(faults_of({"ARTICLE17_DATABASE_URL": "oracle://a:swordfish@db/a"}))


def test_production_names_each_missing_essential_with_a_hint() -> None:
    missing = ["public-url", "mail-relay", "secret-keys", "operator-address", "attachments-scanner"]
    assert ids_of({}) == missing
    assert all("ARTICLE17_" in check.hint for check in production_faults(load_settings({})))


def test_a_complete_production_has_no_fault() -> None:
    assert ids_of(COMPLETE) == []


def test_development_demands_nothing() -> None:
    assert ids_of({"ARTICLE17_MODE": "development"}) == []


@pytest.mark.parametrize(
    ("variable", "value", "check"),
    [
        ("ARTICLE17_PUBLIC_URL", "http://article17.example.org", "public-url"),
        ("ARTICLE17_SECRET_KEYS", f"{SECRET},short", "secret-keys"),
        ("ARTICLE17_SMTP_TLS", "none", "mail-relay-encryption"),
    ],
)
def test_production_refuses_what_is_weak(variable: str, value: str, check: str) -> None:
    assert ids_of(COMPLETE | {variable: value}) == [check]


def test_mail_in_clear_to_a_relay_on_this_machine_is_no_finding() -> None:
    assert ids_of(COMPLETE | {"ARTICLE17_SMTP_TLS": "none", "ARTICLE17_SMTP_HOST": "localhost"}) == []


def test_an_unknown_variable_is_a_warning_with_a_guess() -> None:
    environ = {
        "ARTICLE17_MDOE": "production",
        "ARTICLE17_TEST_NO_SKIP": "1",
        "ARTICLE17_SMTP_PASSWORD_FILE": "x",
        "A": "",
    }
    [check] = unknown_variables(environ)
    assert check.warning
    assert "ARTICLE17_MDOE" in check.problem
    assert "ARTICLE17_MODE" in check.hint


def test_an_object_store_needs_its_key() -> None:
    store = {"ARTICLE17_ATTACHMENTS_URL": "https://s3.example/bucket"}
    key = {"ARTICLE17_ATTACHMENTS_ACCESS_KEY": "name", "ARTICLE17_ATTACHMENTS_SECRET_KEY": "secret"}
    assert ids_of(COMPLETE | store) == ["attachments-key"]
    assert ids_of(COMPLETE | store | key) == []


def test_a_command_is_read_as_a_shell_reads_it() -> None:
    settings = load_settings({"ARTICLE17_ATTACHMENTS_SCAN_COMMAND": "scan --name 'two words'"})
    assert settings.attachments_scan_command == ("scan", "--name", "two words")
