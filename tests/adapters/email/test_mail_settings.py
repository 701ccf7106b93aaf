"""Settings of mail: relays, paces, domains and the signature are read, or refused with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.email.python_probe import writes_headers_safely
from adapters.settings import InvalidSettings, Settings, load_settings, production_faults
from adapters.wiring.mail_out import email_channel, relays_of
from adapters.wiring.secrets import MailTokens
from notify.pacing import Pace
from tests.adapters.email.smtp_servers import ScriptedServer
from tests.adapters.mail_builders import composer, dispatch

SECRET = "p@ss,word/1"
RELAYS = "smtp://article17:p%40ss%2Cword%2F1@two.example.org:2587, smtps://three.example.org"


def fault_of(name: str, value: str) -> str:
    with pytest.raises(InvalidSettings) as caught:
        load_settings({f"ARTICLE17_{name}": value})
    [fault] = caught.value.faults
    assert fault.startswith(f"ARTICLE17_{name}: ")
    return fault


def test_further_relays_follow_the_first_with_an_account_and_encryption_of_their_own() -> None:
    settings = load_settings({"ARTICLE17_SMTP_HOST": "one.example.org", "ARTICLE17_SMTP_RELAYS": RELAYS})
    assert [(relay.name, relay.tls, relay.username, relay.password) for relay in relays_of(settings, None)] == [
        ("one.example.org:587", "starttls", None, None),
        ("two.example.org:2587", "starttls", "article17", SECRET),
        ("three.example.org:465", "tls", None, None),
    ]


def test_relays_may_stand_in_a_file_one_a_line(tmp_path: Path) -> None:
    file = tmp_path / "relays"
    file.write_text(RELAYS.replace(", ", "\n") + "\n", encoding="utf-8")
    assert (
        load_settings({"ARTICLE17_SMTP_RELAYS_FILE": str(file)}).smtp_relays
        == load_settings({"ARTICLE17_SMTP_RELAYS": RELAYS}).smtp_relays
    )


@pytest.mark.parametrize(
    "value",
    ["two.example.org", "http://two.example.org", "smtp://", "smtp://u:hunter2@h:99999", "smtp://u:hunter2@h/x"],
)
def test_a_relay_in_another_form_is_refused_without_repeating_it(value: str) -> None:
    fault = fault_of("SMTP_RELAYS", value)
    assert "smtps://" in fault and "hunter2" not in fault


def test_no_password_of_a_relay_is_shown() -> None:
    settings = load_settings({"ARTICLE17_SMTP_RELAYS": RELAYS})
    assert SECRET not in repr(settings) and SECRET not in repr(relays_of(settings, None))


def test_a_relay_in_clear_text_is_warned_of() -> None:
    environ = {"ARTICLE17_SMTP_HOST": "one.example.org", "ARTICLE17_SMTP_RELAYS": "smtp+cleartext://two.example.org"}
    assert "mail-relay-encryption" in [check.id for check in production_faults(load_settings(environ))]


def test_paces_are_read_by_domain_in_each_of_its_forms() -> None:
    settings = load_settings({"ARTICLE17_SMTP_PACE": "Example.org=30/min, example.org = 2, почта.рф=5, *=10"})
    assert settings.smtp_pace == (
        Pace("example.org", 2, 30),
        Pace("xn--80a1acny.xn--p1ai", 5, None),
        Pace("*", 10, None),
    )


@pytest.mark.parametrize("value", ["example.org", "example.org=0", "example.org=3/hour", "=3", "exa mple.org=3"])
def test_a_pace_in_another_form_is_refused(value: str) -> None:
    assert "DOMAIN=NUMBER" in fault_of("SMTP_PACE", value)


@pytest.mark.parametrize("name", ["BOUNCE_DOMAIN", "REPLY_DOMAIN", "DKIM_DOMAIN"])
def test_the_name_of_a_domain_is_checked(name: str) -> None:
    assert getattr(load_settings({f"ARTICLE17_{name}": "Bounces.Example.ORG"}), name.lower()) == "bounces.example.org"
    for wrong in ("a@b.example", "no domain", "x\r\nBcc: y.example"):
        assert "mail.example.org" in fault_of(name, wrong)


def test_a_key_needs_its_selector_and_the_selector_its_key() -> None:
    for name in ("DKIM_KEY", "DKIM_SELECTOR"):
        settings = load_settings({f"ARTICLE17_{name}": "x"})
        assert "mail-signing" in [check.id for check in production_faults(settings)]
        with pytest.raises(InvalidSettings, match="DKIM"):
            email_channel(settings, None, composer(), MailTokens(["k" * 32]), Fixed())


def test_a_key_that_cannot_sign_is_named_without_repeating_it() -> None:
    with pytest.raises(InvalidSettings) as caught:
        email_channel(signed("swordfish"), None, composer(), MailTokens(["k" * 32]), Fixed())
    assert "ARTICLE17_DKIM_KEY" in str(caught.value) and "swordfish" not in str(caught.value)


class Fixed:
    def now(self) -> object:
        from tests.adapters.mail_builders import NOW

        return NOW


def signed(key: str, **more: str) -> Settings:
    values = {"DKIM_KEY": key, "DKIM_SELECTOR": "s1", "MAIL_FROM": "notices@article17.example", **more}
    return load_settings({f"ARTICLE17_{name}": value for name, value in values.items()})


async def test_the_domain_of_the_sender_signs_and_bounces_go_to_it_unless_a_domain_is_set() -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    async with ScriptedServer().running() as server:
        place = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port), "SMTP_TLS": "none"}
        settings = signed(key.decode(), **place)
        channel = email_channel(settings, None, composer(), MailTokens(["k" * 32]), Fixed())
        await channel.deliver(dispatch())
        await channel.close()
    assert b"d=article17.example; s=s1;" in server.mails[0]
    assert server.said("MAIL") == ["MAIL FROM:<notices@article17.example>"]


def test_the_probe_says_whether_this_python_is_known_to_be_broken() -> None:
    from email import policy

    # The check that the first of the two fixes brought; without it no Python is safe.
    has_first_fix = hasattr(policy.default, "verify_generated_headers")
    assert has_first_fix or not writes_headers_safely()
