"""Decides which URLs and addresses the service may call when somebody else chose them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from yarl import URL

from notify.errors import DeliveryError

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

PUBLIC_PORTS = frozenset({443, 8443})
LONGEST_URL = 2048
LONGEST_HOST = 253

# `is_global` of Python 3.11 calls several of these global; they are named one by one so that
# the answer does not change with the version of Python.
_DENIED: Networks = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; cloud metadata of Alibaba
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host services
        "169.254.0.0/16",  # link-local; cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "::/8",  # unspecified, loopback, and IPv4 as compatible, mapped or translated (SIIT)
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64 inside one network
        "100::/64",  # discard
        "2001::/23",  # protocol assignments, with Teredo 2001::/32
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local
        "ff00::/8",  # multicast
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_IPV4_AT_THE_END = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("::ffff:0:0:0/96"))
_COMPATIBLE = IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
_LOW_32 = 0xFFFFFFFF

# A last label of digits or `0x…` is read as an IPv4 address by the C library (`0x7f.1`, `127.1`, `2130706433`).
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?$")


def read_networks(text: str) -> Networks:
    """Read networks separated by commas or spaces, as in WEBHOOK_ALLOWED_NETWORKS; ValueError names a wrong one."""
    return tuple(ip_network(part) for part in re.split(r"[\s,]+", text) if part)


def is_denied(address: str | Address, allowed: Networks) -> bool:
    """Say whether the service must not call this address; a text that is no address is denied."""
    parsed = _read_address(address)
    if parsed is None:
        return True
    if any(is_denied(hidden, allowed) for hidden in _hidden_ipv4(parsed)):
        return True
    if _inside(parsed, allowed):
        return False
    if any(parsed in network for network in _DENIED if network.version == parsed.version):
        return True
    if isinstance(parsed, IPv6Address) and (parsed not in _GLOBAL_UNICAST or _is_isatap(parsed)):
        return True
    return not parsed.is_global


def is_dialable(address: str | Address, port: int, allowed: Networks) -> bool:
    """Say whether a connection to this address and port may be opened: any port inside `allowed`, else 443 and 8443.

    Plain http never runs on a public port (`check_url`), so this rule keeps it inside `allowed` too.
    """
    if is_denied(address, allowed):
        return False
    parsed = _read_address(address)
    return parsed is not None and (port in PUBLIC_PORTS or _inside(parsed, allowed))


def check_url(url: str, allowed: Networks) -> None:
    """Refuse a URL that could never be called, with a permanent DeliveryError that says why.

    A host name passes here with plain http or another port when there are allowed networks at all;
    whether it lies inside them is decided by `is_dialable` when its address is known, at each dial.
    """
    reason = _why_refused(url, allowed)
    if reason is not None:
        raise DeliveryError(reason, permanent=True)


@lru_cache(maxsize=4096)
def _why_refused(url: str, allowed: Networks) -> str | None:
    try:
        _check(url, allowed)
    except DeliveryError as error:
        return error.reason
    return None


def _check(url: str, allowed: Networks) -> None:
    if len(url) > LONGEST_URL:
        raise _refused(f"it is longer than {LONGEST_URL} characters")
    # yarl drops line feeds and tabs silently, so this looks at the text as it was given.
    if "\\" in url or any(unicodedata.category(character)[0] in "CZ" for character in url):
        raise _refused("it holds spaces, backslashes or control characters")
    try:
        parsed = URL(url)
        host, port = parsed.host, parsed.port
    except ValueError:
        raise _refused("it cannot be read") from None
    if parsed.scheme not in ("https", "http") or not host or port is None:
        raise _refused("it must begin with https:// and name a host")
    if "@" in re.split(r"[/?#]", url.split("//", 1)[1], maxsplit=1)[0]:
        raise _refused("it must not hold a user name or password")
    if len(host) > LONGEST_HOST or "%" in host:
        raise _refused("its host name is not valid")
    _check_host(host, port, allowed)
    _check_scheme_and_port(parsed.scheme, port, allowed)


def _check_host(host: str, port: int, allowed: Networks) -> None:
    literal = _read_address(host.removesuffix("."))
    if literal is None:
        if ":" in host or _ENDS_IN_NUMBER.search(host):
            raise _refused("its host is an address in a form that is not accepted")
        return
    if not _inside(literal, allowed) or not is_dialable(literal, port, allowed):
        raise _refused("its host is an address outside the allowed networks; use a host name")


def _check_scheme_and_port(scheme: str, port: int, allowed: Networks) -> None:
    if scheme == "http" and not allowed:
        raise _refused("it must begin with https://")
    if scheme == "http" and port in PUBLIC_PORTS:
        raise _refused(f"port {port} is for https")
    if port not in PUBLIC_PORTS and not allowed:
        raise _refused("its port must be 443 or 8443")


def _refused(why: str) -> DeliveryError:
    return DeliveryError(f"the URL is refused: {why}", permanent=True)


def _read_address(address: str | Address) -> Address | None:
    """Read an address; an IPv4-mapped one is what the kernel dials, its IPv4 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def _inside(address: Address, networks: Networks) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _is_isatap(address: IPv6Address) -> bool:
    return (int(address) >> 32) & _LOW_32 in _ISATAP


def _hidden_ipv4(address: Address) -> tuple[IPv4Address, ...]:
    """Find the IPv4 addresses that a tunnel or translator would reach through this one.

    An allowed network of such a form (NAT64 on an IPv6-only network) must not open the private IPv4 behind it.
    """
    if isinstance(address, IPv4Address):
        return ()
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if any(address in network for network in _IPV4_AT_THE_END) or _is_isatap(address):
        return (IPv4Address(int(address) & _LOW_32),)
    if address in _COMPATIBLE and int(address) > 1:
        return (IPv4Address(int(address) & _LOW_32),)
    return ()
