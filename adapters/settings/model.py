"""Names every option of the service, with its type, its default and one sentence."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "ARTICLE17_"
DEVELOPMENT_URL = "http://localhost:8017"
SECRET_LENGTH = 32
"""Characters that a secret key has at least."""


class Mode(StrEnum):
    """Production refuses to start when something essential is missing; development brings its own."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class SmtpTls(StrEnum):
    """How the connection to the mail relay is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    JSON = "json"
    TEXT = "text"


def _split(value: object) -> object:
    """Cut a comma-separated text into its parts."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _networks(value: object) -> object:
    parts = _split(value)
    return [ip_network(part) for part in parts] if isinstance(parts, list) else parts


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write an address that begins with https:// (or http://) and names a host")
    return value.rstrip("/")


def _origin(value: str) -> str:
    address = _web_address(value)
    parts = urlsplit(address)
    if parts.path or parts.query or parts.fragment or parts.username:
        raise ValueError("write only scheme, host and port, like https://article17.example.org")
    return address


def _database_address(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("sqlite+aiosqlite://", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("write an address that begins with sqlite+aiosqlite:// or postgresql://")
    return value


def _mail_address(value: str) -> str:
    if value.endswith("@localhost"):
        return value
    try:
        return validate_email(value, check_deliverability=False, globally_deliverable=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"write one bare e-mail address: {error}") from error


def _default_database(validated: dict[str, Any]) -> SecretStr:
    return SecretStr(f"sqlite+aiosqlite:///{validated['data_dir']}/article17.sqlite")


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


DatabaseAddress = Annotated[SecretStr, AfterValidator(_database_address)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Origin = Annotated[str, AfterValidator(_origin)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]


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
    smtp_tls: SmtpTls = Field(
        default=SmtpTls.STARTTLS,
        description="Encryption towards the relay: demanded after connecting, from the first byte, or none.",
    )
    smtp_username: str | None = Field(default=None, description="Name of our account at the relay, if it asks for one.")
    smtp_password: SecretStr | None = Field(default=None, description="Password of our account at the relay.")
    smtp_connections: int = Field(default=20, ge=1, le=64, description="Connections to the relay open at one time.")
    mail_from: MailAddress = Field(
        default_factory=_default_mail_from,
        description="Address in the From line and in the envelope of every mail.",
        json_schema_extra=_by_rule("`article17@` the host of `ARTICLE17_PUBLIC_URL`"),
    )
    mail_reply_to: MailAddress | None = Field(
        default=None,
        description="Address that answers go to; without one, the first contact of the secretariat.",
    )
    webhook_allowed_networks: Networks = Field(
        default=(),
        description="Networks in which webhooks may use plain http and private addresses.",
    )
    webhook_connections: int = Field(default=100, ge=1, le=256, description="Webhook calls open at one time.")
    webhook_per_host: int = Field(default=4, ge=1, le=20, description="Webhook calls open at one time to one host.")
    policy_file: FilePath | None = Field(
        default=None,
        description="TOML file with other clocks than the default policy; cases already open keep theirs.",
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
        default=60,
        ge=1,
        le=3600,
        description="Seconds that a worker owns what it claimed, more than the slowest try; then others take over.",
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


SECRET_FIELDS = ("database_url", "secret_keys", "smtp_password")
"""Fields whose value may stand in a file instead (`…_FILE`)."""
