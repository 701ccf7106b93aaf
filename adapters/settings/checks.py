"""Says what is missing before the service may start in production, each with an id and a hint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from adapters.settings.model import PREFIX, SECRET_LENGTH, MailTls, Mode, Settings
from adapters.settings.page import variable_names

TEST_PREFIX = f"{PREFIX}TEST_"
"""Variables that begin so belong to the test suite, not to the service."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding before the start: what is wrong and how to mend it; a warning does not stop the start."""

    id: str
    problem: str
    hint: str
    warning: bool = False


def production_faults(settings: Settings) -> list[Check]:
    """List what stops or troubles a start in production; in development nothing does."""
    if settings.mode is not Mode.PRODUCTION:
        return []
    mail = [*_mail_relay(settings), *_mail_signing(settings)]
    return [*_public_url(settings), *mail, *_secret_keys(settings), *_operator(settings), *_attachments(settings)]


def unknown_variables(environ: Mapping[str, str]) -> list[Check]:
    """Warn of ARTICLE17_ variables that nothing reads, most often a slip of the pen."""
    known = variable_names()
    strange = (name for name in environ if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX))
    return [_unknown(name, known) for name in sorted(strange) if name not in known]


def _unknown(name: str, known: Iterable[str]) -> Check:
    near = get_close_matches(name, list(known), n=1)
    hint = f"Did you mean {near[0]}?" if near else "Remove it, or look for its name in docs/settings.md."
    return Check("unknown-variable", f"{name} is set, but there is no such setting.", hint, warning=True)


def _public_url(settings: Settings) -> list[Check]:
    hint = "Set ARTICLE17_PUBLIC_URL to the https address under which contacts reach this service."
    if settings.public_url is None:
        return [Check("public-url", "Mails could not link to this service: its public address is not set.", hint)]
    if not settings.public_url.startswith("https://"):
        return [Check("public-url", "The public address is not https, so links could be read on their way.", hint)]
    return []


def _mail_relay(settings: Settings) -> list[Check]:
    if settings.smtp_host is None:
        hint = "Set ARTICLE17_SMTP_HOST, and ARTICLE17_SMTP_PORT, _TLS, _USERNAME and _PASSWORD as the relay asks."
        return [Check("mail-relay", "No mail can leave: there is no mail relay.", hint)]
    clear = [settings.smtp_host] if settings.smtp_tls is MailTls.NONE else []
    clear += [relay.host for relay in settings.smtp_relays if relay.tls == MailTls.NONE]
    if set(clear) - {"localhost", "127.0.0.1", "::1"}:
        hint = "Set ARTICLE17_SMTP_TLS to starttls or tls, unless the way to the relay is protected otherwise."
        return [Check("mail-relay-encryption", "Mails go to the relay in clear text.", hint, warning=True)]
    return []


def _mail_signing(settings: Settings) -> list[Check]:
    if (settings.dkim_key is None) == (settings.dkim_selector is None):
        return []
    hint = "Set both ARTICLE17_DKIM_KEY_FILE and ARTICLE17_DKIM_SELECTOR, or neither where the relay signs."
    return [Check("mail-signing", "Mails cannot be signed: the key or its selector is missing.", hint)]


def _secret_keys(settings: Settings) -> list[Check]:
    hint = "Set ARTICLE17_SECRET_KEYS_FILE to a file with a key, made for instance by: openssl rand -base64 48"
    if not settings.secret_keys:
        return [Check("secret-keys", "Links could not be signed: there is no secret key.", hint)]
    if any(len(key.get_secret_value()) < SECRET_LENGTH for key in settings.secret_keys):
        return [Check("secret-keys", f"A secret key is shorter than {SECRET_LENGTH} characters.", hint)]
    return []


def _operator(settings: Settings) -> list[Check]:
    if settings.operator_email is None:
        hint = "Set ARTICLE17_OPERATOR_EMAIL to a mailbox that somebody reads."
        return [Check("operator-address", "Nobody would be told of parked messages or a dead worker.", hint)]
    return []


def _attachments(settings: Settings) -> list[Check]:
    if settings.attachments_url is not None and not (
        settings.attachments_access_key and settings.attachments_secret_key
    ):
        hint = "Set ARTICLE17_ATTACHMENTS_ACCESS_KEY and ARTICLE17_ATTACHMENTS_SECRET_KEY_FILE as the store gave them."
        return [Check("attachments-key", "The object store of attachments would refuse us: there is no key.", hint)]
    if not settings.attachments_scan_command:
        hint = "Set ARTICLE17_ATTACHMENTS_SCAN_COMMAND to a scanner such as clamdscan --no-summary --fdpass."
        return [Check("attachments-scanner", "Attachments are not scanned: there is no scanner.", hint, warning=True)]
    return []
