"""Puts the parts of mail going out together as the settings say: relays, addresses, signature; watches the relays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

from adapters.email.addresses import check_address
from adapters.email.catcher import MailCatcher
from adapters.email.channel import EmailChannel
from adapters.email.compose import Composer
from adapters.email.dkim import DkimSigner, InvalidKey
from adapters.email.relay import Relay
from adapters.email.relays import Outage
from adapters.settings import InvalidSettings, Settings
from adapters.wiring.secrets import MailTokens
from notify.delivery import NoticeKind
from notify.events import SERVICE_CHAIN
from notify.ports import Clock, Ports
from notify.queueing import Queue
from notify.words import DeliveryId

Tls = Literal["starttls", "tls", "none"]

COMMAND_SECONDS = 30.0
CONNECT_SECONDS = 10.0
"""A relay that takes longer to greet us lets the next one take over."""

TOLD_AFTER = timedelta(seconds=60)
"""A relay that is only restarted calls nobody."""

_TLS: dict[str, Tls] = {"starttls": "starttls", "tls": "tls", "none": "none"}


def email_channel(
    settings: Settings, catcher: MailCatcher | None, composer: Composer, tokens: MailTokens, clock: Clock
) -> EmailChannel:
    """Build the mail channel. Raises InvalidSettings."""
    relays = relays_of(settings, catcher)
    return EmailChannel(relays, composer, _return_path(settings, tokens), clock.now, sign=_signer(settings))


def relays_of(settings: Settings, catcher: MailCatcher | None) -> list[Relay]:
    """Say which relays take our mail, in order: the settings', or the catcher on loopback alone."""
    connections = settings.smtp_connections
    if catcher is not None:
        return [Relay("127.0.0.1", catcher.port, "none", connections=connections)]
    wait = CONNECT_SECONDS if settings.smtp_relays else COMMAND_SECONDS
    first = Relay(
        settings.smtp_host or "localhost",
        settings.smtp_port,
        _TLS[settings.smtp_tls],
        settings.smtp_username,
        settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        COMMAND_SECONDS,
        connect_timeout=wait,
        connections=connections,
    )
    further = (
        Relay(
            relay.host,
            relay.port,
            _TLS[relay.tls],
            relay.username,
            relay.password.get_secret_value() if relay.password else None,
            COMMAND_SECONDS,
            connect_timeout=wait,
            connections=connections,
        )
        for relay in settings.smtp_relays
    )
    return [first, *further]


def _return_path(settings: Settings, tokens: MailTokens) -> Callable[[DeliveryId], str]:
    if settings.bounce_domain:
        return tokens.return_path
    sender = check_address(settings.mail_from).wire
    return lambda delivery_id: sender


def _signer(settings: Settings) -> DkimSigner | None:
    if settings.dkim_key is None and settings.dkim_selector is None:
        return None
    if settings.dkim_key is None or settings.dkim_selector is None:
        raise InvalidSettings(["ARTICLE17_DKIM_SELECTOR: set both this and ARTICLE17_DKIM_KEY_FILE, or neither"])
    domain = settings.dkim_domain or settings.mail_from.rpartition("@")[2]
    try:
        key = settings.dkim_key.get_secret_value().encode()
        return DkimSigner(key, domain=domain, selector=settings.dkim_selector)
    except InvalidKey as error:
        raise InvalidSettings([f"ARTICLE17_DKIM_KEY: {error}"]) from error


class RelayWatch:
    """Tells the operator of a relay that does not work: once for each outage, whatever number of mails met it."""

    def __init__(self, channel: EmailChannel, ports: Ports) -> None:
        self._channel = channel
        self._ports = ports
        self._told: set[str] = set()

    async def look(self) -> Sequence[Outage]:
        """Look again at relays that failed, and tell of those that have not worked for a minute."""
        away = await self._channel.look_at_relays()
        now = self._ports.clock.now()
        steps = {_step(outage): outage for outage in away if now - outage.since >= TOLD_AFTER}
        for step, outage in steps.items():
            if step not in self._told:
                await self._tell(step, outage)
        self._told = set(steps)
        return list(steps.values())

    async def _tell(self, step: str, outage: Outage) -> None:
        queue = Queue(self._ports, SERVICE_CHAIN, sequence=0, urgent=True, now=self._ports.clock.now())
        lines = [
            f"The mail relay {outage.relay} has not worked since {outage.since:%Y-%m-%d %H:%M} UTC.",
            outage.reason,
            "Mails go through the next relay, or wait until this one is back.",
        ]
        queue.to_operator(step, NoticeKind.ALARM, {"lines": lines})
        async with self._ports.database.write() as work:
            await queue.write(work)
            await work.commit()


def _step(outage: Outage) -> str:
    # Several workers meet the same outage at nearly the same time, and only one of them tells of it.
    return f"alarm:relay:{outage.relay}:{outage.since:%Y-%m-%dT%H}"[:200]
