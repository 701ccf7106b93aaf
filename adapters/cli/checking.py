"""Checks before a start what the service needs: settings, database, keys, policy, mail relay, contacts."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from adapters.database.engine import SqlDatabase
from adapters.database.migrating import SchemaState, schema_state
from adapters.settings import Mode, Settings, production_faults, unknown_variables
from contacts.model import ContactRole
from notify.errors import Article17Error

if TYPE_CHECKING:
    from adapters.email.relay import Relay
    from contacts.model import Contact

RELAY_SECONDS = 5.0

_ESSENTIAL = {
    "public-url": "Links in mails begin with {public_url}.",
    "mail-relay": "Mails go to {smtp_host}.",
    "secret-keys": "Links and secrets have their keys.",
    "operator-address": "The operator is told at {operator_email}.",
}
_DEVELOPMENT = "Development mode brings its own."


@dataclass(frozen=True, slots=True)
class Result:
    """One check: what was found, and how to mend it unless it is in order; a warning does not fail."""

    id: str
    detail: str
    hint: str = ""
    warning: bool = False
    skipped: bool = False

    @property
    def failed(self) -> bool:
        """Tell whether the service would not be sound."""
        return bool(self.hint) and not self.warning

    @property
    def state(self) -> str:
        """Name the outcome."""
        return "failed" if self.failed else "warning" if self.warning else "skipped" if self.skipped else "ok"

    def document(self) -> dict[str, Any]:
        """Write it as JSON."""
        return {"id": self.id, "state": self.state, "detail": self.detail, "hint": self.hint or None}


async def all_checks(settings: Settings) -> list[Result]:
    """Run every check; none changes anything."""
    mail = [*await _relays(settings), *_python()]
    found = [*_settings(settings), *_policy(settings), *_holidays(settings), *mail, _database(settings)]
    if found[-1].failed:
        unseen = ("signing-key", "contacts", "secretariat")
        return [*found, *(Result(id, "Not looked at: the database is not ready.", skipped=True) for id in unseen)]
    async with _reading(settings) as database:
        async with database.read() as work:
            contacts = await work.contacts.all()
        return [*found, await _signing_key(settings, database), *_contacts(contacts)]


def _settings(settings: Settings) -> list[Result]:
    faults = production_faults(settings)
    missing = {fault.id for fault in faults}
    values = {name: getattr(settings, name) for name in ("public_url", "smtp_host", "operator_email")}
    sound = [
        Result(id, text.format_map(values) if settings.mode is Mode.PRODUCTION else _DEVELOPMENT)
        for id, text in _ESSENTIAL.items()
        if id not in missing
    ]
    wrong = [Result(f.id, f.problem, f.hint, f.warning) for f in [*faults, *unknown_variables(os.environ)]]
    return [Result("settings", f"They can be read; the mode is {settings.mode}."), *sound, *wrong]


def _holidays(settings: Settings) -> list[Result]:
    from contacts.holidays import load_holidays
    from contacts.registry import load_registry

    if settings.holidays_file is None:
        return []
    try:
        found = load_holidays(settings.holidays_file.read_text(encoding="utf-8"), load_registry())
    except (OSError, ValueError) as error:
        hint = "Mend the file named by ARTICLE17_HOLIDAYS_FILE."
        return [Result("holidays", f"{settings.holidays_file}: {error}", hint)]
    days = sum(len(each) for each in found.values())
    return [Result("holidays", f"{days} public holidays of {len(found)} States are loaded.")]


def _policy(settings: Settings) -> list[Result]:
    from notify.policy import load_policy

    if settings.policy_file is None:
        return [Result("policy", "The clocks are those of the policy that comes with the service.")]
    try:
        policy = load_policy(settings.policy_file.read_text(encoding="utf-8"))
    except (Article17Error, OSError, UnicodeDecodeError) as error:
        return [Result("policy", f"{settings.policy_file}: {error}", "Mend the file named by ARTICLE17_POLICY_FILE.")]
    return [Result("policy", f"The clocks are those of {settings.policy_file} (version {policy.version}).")]


async def _relays(settings: Settings) -> list[Result]:
    from adapters.wiring.mail_out import relays_of

    if settings.smtp_host is None:
        return [Result("mail-relay-answers", "Not asked: there is no mail relay.", skipped=True)]
    return [await _relay(relay) for relay in relays_of(settings, None)]


async def _relay(relay: Relay) -> Result:
    """Connect to a mail relay as the service will, TLS and account included, and send nothing."""
    from aiosmtplib import SMTPException

    from adapters.email.relay import RelayPool

    place = relay.name
    hint = "Look at ARTICLE17_SMTP_HOST, _PORT, _TLS, _USERNAME, _PASSWORD and _RELAYS, and at what the relay says."
    pool = RelayPool(replace(relay, timeout=RELAY_SECONDS, connect_timeout=RELAY_SECONDS, connections=1))
    try:
        pool.discard(await pool.take(fresh=True))
    except (SMTPException, OSError) as error:
        return Result("mail-relay-answers", f"{place} does not take mail from us: {error}", hint)
    finally:
        await pool.close()
    return Result("mail-relay-answers", f"{place} answers (TLS: {relay.tls}).")


def _python() -> list[Result]:
    from adapters.email.python_probe import WARNING, writes_headers_safely

    if writes_headers_safely():
        return []
    return [Result("python-mail-headers", WARNING, "Install the newest patch release of this Python.", warning=True)]


def _database(settings: Settings) -> Result:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        state = schema_state(settings.database_url.get_secret_value())
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[:1]
        detail = f"It cannot be reached: {''.join(reason)}"
        return Result("database", detail, "Look at ARTICLE17_DATABASE_URL, and whether the database runs.")
    match state:
        case SchemaState.CURRENT:
            return Result("database", "It can be reached, and its tables are those of this version.")
        case SchemaState.AHEAD:
            hint = "Use the version of article17 that migrated it last, or a newer one."
            return Result("database", "It is of a newer version than this program.", hint)
    lacking = "It has no tables yet." if state is SchemaState.EMPTY else "Its tables are of an older version."
    return Result("database", lacking, "Run: article17 migrate")


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[SqlDatabase]:
    """Open the database to read it, without anything else of the service."""
    from adapters.wiring.secrets import Sealer
    from adapters.wiring.system import secret_keys

    has_keys = settings.secret_keys or (settings.data_dir / "secret-key").exists()
    sealer = Sealer(secret_keys(settings) if has_keys else ["no key, nothing sealed yet"])
    url = settings.database_url.get_secret_value()
    database = SqlDatabase(url, reactions=lambda event: (), seal=sealer.seal, unseal=sealer.unseal)
    try:
        yield database
    finally:
        await database.close()


async def _signing_key(settings: Settings, database: SqlDatabase) -> Result:
    from cryptography.fernet import InvalidToken

    try:
        async with database.read() as work:
            keys = await work.keys.all()
    except InvalidToken:
        hint = "Add the key that was used before to the end of ARTICLE17_SECRET_KEYS."
        return Result("signing-key", "None of the secret keys opens the key that signs webhooks.", hint)
    return Result("signing-key", "Webhooks have their key." if keys else "It is made at the first start.")


def _contacts(contacts: list[Contact]) -> list[Result]:
    of_states = {contact.state for contact in contacts if contact.state is not None}
    secretariat = [contact for contact in contacts if contact.role is ContactRole.SECRETARIAT]
    hint = "Run: article17 contacts load FILE"
    return [
        Result("contacts", f"{len(of_states)} States and Parties have contacts.")
        if of_states
        else Result("contacts", "No State has a contact, so none would be told.", hint),
        Result("secretariat", "The secretariat has a contact.")
        if secretariat
        else Result("secretariat", "The secretariat has no contact, so nobody gets its tasks.", hint),
    ]
