"""Names every option of the service, with its type, its default and one sentence."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, FilePath, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapters.settings.forms import Command, DatabaseAddress, MailAddress, Networks, Origin, Secrets, WebAddress
from adapters.settings.mail import DomainName, Paces, RelayAddresses

PREFIX = "ARTICLE17_"
DEVELOPMENT_URL = "http://localhost:8017"
SECRET_LENGTH = 32
"""Characters that a secret key has at least."""


class Mode(StrEnum):
    """Production refuses to start when something essential is missing; development brings its own."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class MailTls(StrEnum):
    """How the connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    JSON = "json"
    TEXT = "text"


def _default_database(validated: dict[str, Any]) -> SecretStr:
    return SecretStr(f"sqlite+aiosqlite:///{validated['data_dir']}/article17.sqlite")


def _default_attachments(validated: dict[str, Any]) -> Path:
    return Path(validated["data_dir"]) / "attachments"


def _default_public_url(validated: dict[str, Any]) -> str | None:
    return DEVELOPMENT_URL if validated["mode"] is Mode.DEVELOPMENT else None


def _default_mail_from(validated: dict[str, Any]) -> str:
    host = urlsplit(validated.get("public_url") or DEVELOPMENT_URL).hostname or "localhost"
    # A mail address needs a domain with a dot; `.example` reaches nobody (RFC 2606).
    return f"article17@{host}" if "." in host else f"article17@{host}.example"


def _default_log_format(validated: dict[str, Any]) -> LogFormat:
    return LogFormat.TEXT if validated["mode"] is Mode.DEVELOPMENT else LogFormat.JSON


def _by_rule(words: str) -> dict[str, Any]:
    """Name, for the page of settings, a default that depends on other settings."""
    return {"default_in_words": words}


class Settings(BaseSettings):
    """Every option of the service; only wiring and the command line read it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    mode: Mode = Field(
        default=Mode.PRODUCTION,
        description="Whether missing essentials stop the start (production) or are brought along (development).",
    )
    data_dir: Path = Field(
        default=Path("article17-data"),
        description="Folder of the SQLite file and, in development, of the secret made at the first start.",
    )
    database_url: DatabaseAddress = Field(
        default_factory=_default_database,
        description="SQLAlchemy address of the database: SQLite for one process, PostgreSQL for several.",
        json_schema_extra=_by_rule("`article17.sqlite` in `ARTICLE17_DATA_DIR`"),
    )
    public_url: Origin | None = Field(
        default_factory=_default_public_url,
        description="Address under which readers of our mails reach this service; all links begin with it.",
        json_schema_extra=_by_rule(f"`{DEVELOPMENT_URL}` in development, none in production"),
    )
    operator_email: MailAddress | None = Field(
        default=None,
        description="Mailbox told of parked messages, a failing relay and a dead worker.",
    )
    heartbeat_url: WebAddress | None = Field(
        default=None,
        description="Address called regularly while every due step is on time, so that silence is noticed elsewhere.",
    )
    secret_keys: Secrets = Field(
        default=(),
        description=f"Keys of at least {SECRET_LENGTH} characters for links and signatures: the first one signs, "
        "all are accepted.",
    )
    smtp_host: str | None = Field(
        default=None,
        description="Host of the mail relay; without one, development catches every mail itself.",
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail relay.")
    smtp_tls: MailTls = Field(
        default=MailTls.STARTTLS,
        description="Encryption towards the relay: demanded after connecting, from the first byte, or none.",
    )
    smtp_username: str | None = Field(default=None, description="Name of our account at the relay, if it asks for one.")
    smtp_password: SecretStr | None = Field(default=None, description="Password of our account at the relay.")
    smtp_connections: int = Field(default=20, ge=1, le=64, description="Connections to the relay open at one time.")
    smtp_relays: RelayAddresses = Field(
        default=(),
        description="Further mail relays, in the order in which they take over while those before them fail.",
    )
    smtp_pace: Paces = Field(
        default=(),
        description="How fast single domains take mail (`*`: each other one), for each worker by itself: "
        "transactions at one time, or mails a minute.",
    )
    dkim_key: SecretStr | None = Field(
        default=None,
        description="Private RSA key in PEM that signs mails here, only where no relay signs them.",
    )
    dkim_selector: str | None = Field(
        default=None,
        description="Name under `_domainkey` where the DNS holds the public half of that key.",
    )
    dkim_domain: DomainName | None = Field(
        default=None,
        description="Domain that signs.",
        json_schema_extra=_by_rule("the domain of `ARTICLE17_MAIL_FROM`"),
    )
    mail_from: MailAddress = Field(
        default_factory=_default_mail_from,
        description="Address in the From line of every mail, and in the envelope unless there is a bounce domain.",
        json_schema_extra=_by_rule("`article17@` the host of `ARTICLE17_PUBLIC_URL`"),
    )
    mail_reply_to: MailAddress | None = Field(
        default=None,
        description="Address that answers go to; without one, the first contact of the secretariat.",
    )
    bounce_domain: DomainName | None = Field(
        default=None,
        description="Domain of the return paths, one for each mail; its mail must reach this service.",
    )
    reply_domain: DomainName | None = Field(
        default=None,
        description="Domain of the reply addresses, one for each mail, so that a reply acknowledges; as above.",
    )
    mail_listen: str | None = Field(
        default=None,
        description="Where mail is taken in, behind your mail server: lmtp://HOST:PORT, smtp://HOST:PORT or "
        "lmtp:///FOLDER/SOCKET.",
    )
    authserv_id: str | None = Field(
        default=None,
        description="Name by which our own mail server signs Authentication-Results; no other is believed.",
    )
    imap_host: str | None = Field(
        default=None,
        description="Host of a hosted mailbox that gets the mail of both domains; one process at a time polls it.",
    )
    imap_port: int = Field(default=993, ge=1, le=65535, description="Port of the mailbox.")
    imap_tls: MailTls = Field(default=MailTls.TLS, description="How the mailbox is reached securely.")
    imap_username: str | None = Field(default=None, description="Name to sign in to the mailbox.")
    imap_password: SecretStr | None = Field(default=None, description="Password to sign in to the mailbox.")
    imap_folder: str = Field(default="INBOX", description="Folder in which mail arrives.")
    imap_done_folder: str | None = Field(
        default=None, description="Folder to which kept mail is moved; without one it is marked as seen."
    )
    imap_poll_seconds: int = Field(default=30, ge=5, le=3600, description="Seconds between two looks.")
    webhook_allowed_networks: Networks = Field(
        default=(),
        description="Networks in which webhooks may use plain http and private addresses.",
    )
    webhook_connections: int = Field(default=100, ge=1, le=256, description="Webhook calls open at one time.")
    webhook_per_host: int = Field(default=4, ge=1, le=20, description="Webhook calls open at one time to one host.")
    webhook_failing_hours: float = Field(
        default=4,
        gt=0,
        le=168,
        description="A webhook endpoint that fails for so many hours is reported to its State and the secretariat.",
    )
    webhook_client_certificates: FilePath | None = Field(
        default=None,
        description="JSON file with the client certificate and key for each webhook host that asks for one (mTLS).",
    )
    cap_attachment: bool = Field(
        default=False,
        description="Whether mails of a notification also carry it as CAP 1.2 (XML), for national warning systems.",
    )
    policy_file: FilePath | None = Field(
        default=None,
        description="TOML file with other clocks than the default policy; cases already open keep theirs.",
    )
    holidays_file: FilePath | None = Field(
        default=None,
        description="CSV file of public holidays (state,date): clocks of working time stand still on these days.",
    )
    attachments_dir: Path = Field(
        default_factory=_default_attachments,
        description="Folder in which attachments are kept, and taken in on their way to an object store.",
        json_schema_extra=_by_rule("`attachments` in `ARTICLE17_DATA_DIR`"),
    )
    attachments_url: WebAddress | None = Field(
        default=None,
        description="Bucket of an S3-compatible object store that keeps attachments, like https://s3.example/bucket.",
    )
    attachments_region: str = Field(default="us-east-1", description="Region of the object store.")
    attachments_access_key: str | None = Field(default=None, description="Name of our key at the object store.")
    attachments_secret_key: SecretStr | None = Field(default=None, description="Secret of our key at the object store.")
    attachments_scan_command: Command = Field(
        default=(),
        description="Command that scans a file, whose path is added: exit status 0 is clean, 1 infected.",
    )
    attachments_scan_seconds: int = Field(
        default=60, ge=1, le=600, description="Seconds after which a scan counts as failed; the file is not taken then."
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="Networks of the reverse proxies whose X-Forwarded-For is believed.",
    )
    rate_limit_per_minute: int = Field(
        default=120,
        ge=1,
        description="Requests with an effect, or with an unknown token, that one client may make in a minute.",
    )
    lease_seconds: int = Field(
        default=15,
        ge=1,
        le=3600,
        description="Seconds that a worker owns what it claimed; it renews them while it lives, else others take over.",
    )
    batch_size: int = Field(default=100, ge=1, le=1000, description="Outbox messages that a worker claims at one time.")
    poll_seconds: float = Field(
        default=5.0,
        gt=0,
        le=60,
        description="Seconds after which a worker looks for due work though nobody woke it.",
    )
    log_format: LogFormat = Field(
        default_factory=_default_log_format,
        description="Whether the log on stderr is one JSON object per line or text for people.",
        json_schema_extra=_by_rule("`text` in development, `json` in production"),
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what `load_settings` hands over, so that nothing reads the environment behind its back."""
        return (init_settings,)


SECRET_FIELDS = (
    "database_url",
    "secret_keys",
    "smtp_password",
    "smtp_relays",
    "dkim_key",
    "attachments_secret_key",
)
"""Fields whose value may stand in a file instead (`…_FILE`)."""
