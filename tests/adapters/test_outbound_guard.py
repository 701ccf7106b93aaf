"""The service never calls an address inside somebody's network, however it is spelt."""

from __future__ import annotations

import pytest

from adapters.outbound.guard import check_url, is_denied, is_dialable, read_networks
from notify.errors import DeliveryError, FailureKind

LOOPBACK = read_networks("127.0.0.0/8")

DENIED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.3",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.65",
    "203.0.113.6",
    "224.1.2.3",
    "239.255.255.255",
    "240.240.240.240",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:7f00:1",
    "::5efe:7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:a00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::2",
    "2606:4700::5efe:a00:1",
    "2606:4700::200:5efe:a00:1",
    "4000::1",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.254",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", DENIED)
def test_an_address_that_is_not_public_is_denied(address: str) -> None:
    assert is_denied(address, ())


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not_denied(address: str) -> None:
    assert not is_denied(address, ())


@pytest.mark.parametrize("text", ["", "localhost", "0x7f.1", "127.1", "2130706433", "1.1.1.1.", "1.1.1.1/32"])
def test_what_is_no_address_is_denied(text: str) -> None:
    assert is_denied(text, read_networks("0.0.0.0/0, ::/0"))


def test_an_allowed_network_opens_its_own_addresses_and_no_others() -> None:
    assert not is_denied("127.0.0.1", LOOPBACK)
    assert not is_denied("::ffff:127.0.0.1", LOOPBACK)
    assert is_denied("10.0.0.1", LOOPBACK)
    assert is_denied("::1", LOOPBACK)


@pytest.mark.parametrize("address", ["::7f00:1", "2002:7f00:1::1", "64:ff9b::7f00:1", "::ffff:0:7f00:1"])
def test_an_allowed_network_does_not_open_tunnels_that_end_in_it(address: str) -> None:
    assert is_denied(address, LOOPBACK)


def test_an_allowed_translation_prefix_does_not_open_private_addresses_behind_it() -> None:
    translated = read_networks("64:ff9b::/96 2001::/32 2002::/16")
    assert not is_denied("64:ff9b::808:808", translated)
    assert is_denied("64:ff9b::a00:1", translated)
    assert is_denied("2002:a00:1::1", translated)
    assert is_denied("2001:0:4136:e378:8000:63bf:f5ff:fffe", translated), "Teredo's client is 10.0.0.1"


def test_only_the_two_https_ports_are_dialled_outside_allowed_networks() -> None:
    assert is_dialable("8.8.8.8", 443, ())
    assert is_dialable("8.8.8.8", 8443, ())
    assert not is_dialable("8.8.8.8", 80, LOOPBACK)
    assert not is_dialable("8.8.8.8", 25, LOOPBACK)
    assert is_dialable("127.0.0.1", 25, LOOPBACK)
    assert not is_dialable("127.0.0.1", 443, ())


def test_a_network_with_host_bits_is_refused_when_settings_are_read() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        read_networks("10.0.0.1/8")


@pytest.mark.parametrize(
    "url",
    [
        "https://biosafety.example/hook",
        "https://biosafety.example:8443/hook?token=a@b",
        "https://biosafety.example./hook",
        "https://bücher.example/hook",
    ],
)
def test_a_public_https_url_is_accepted(url: str) -> None:
    check_url(url, ())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "biosafety.example",
        "//biosafety.example/",
        "ftp://biosafety.example/",
        "file:///etc/passwd",
        "http://biosafety.example/",
        "https:///hook",
        "https://biosafety.example:22/",
        "https://biosafety.example:0/",
        "https://biosafety.example:99999/",
        "https://user:word@biosafety.example/",
        "https://@biosafety.example/",
        "https://biosafety.example\\@10.0.0.1/",
        "https://biosafety.example/\r\nx: y",
        "https://bio safety.example/",
        "https://biosafety.example/\u200b",
        "https://biosafety.example/\x00",
        "https://biosafety%2eexample/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://8.8.8.8/",
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://[2606:4700:4700::1111]/",
        "https://[::ffff:127.0.0.1]/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://biosafety.example/" + "a" * 2048,
        f"https://{'a.' * 150}example/",
    ],
)
def test_a_url_that_must_not_be_called_is_refused_for_good(url: str) -> None:
    with pytest.raises(DeliveryError) as refusal:
        check_url(url, ())
    assert refusal.value.permanent
    assert refusal.value.kind is FailureKind.RECIPIENT


def test_plain_http_other_ports_and_literals_are_accepted_inside_allowed_networks() -> None:
    check_url("http://127.0.0.1:8080/hook", LOOPBACK)
    check_url("https://127.0.0.1:9000/hook", LOOPBACK)
    check_url("http://receiver:8080/hook", LOOPBACK)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://8.8.8.8/", "http://receiver:443/", "http://[::1]:80/"])
def test_allowed_networks_do_not_accept_literals_outside_them_or_plain_http_on_a_tls_port(url: str) -> None:
    with pytest.raises(DeliveryError):
        check_url(url, LOOPBACK)
