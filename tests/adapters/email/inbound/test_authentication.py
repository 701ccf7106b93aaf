"""What our own server found about the author counts, from the topmost header only."""

from __future__ import annotations

import pytest

from adapters.email.inbound.authentication import authentication_of
from adapters.email.inbound.parts import take_apart
from notify.inbound import Authentication

FROM = "From: Office <office@authority.example>"
OURS = "Authentication-Results: mx.article17.example"


def read(*headers: str, authserv_id: str = "mx.article17.example") -> str:
    raw = "\r\n".join((*headers, "", "received")).encode()
    return authentication_of(take_apart(raw), authserv_id).value


@pytest.mark.parametrize(
    "result",
    [
        "; dmarc=pass header.from=authority.example",
        " 1; spf=pass smtp.mailfrom=x.example; dmarc=pass (p=reject; dis=none) header.from=authority.example",
        ";\r\n\tdkim=pass header.d=authority.example;\r\n\tdmarc=pass (p=none) header.from=Authority.Example",
        '; dmarc = pass reason="a;b" header.from="authority.example"',
        "; dmarc/1=pass action=none header.from=authority.example;compauth=pass",
    ],
)
def test_a_pass_for_the_authors_domain_counts(result: str) -> None:
    assert read(OURS + result, FROM) == "pass"
    assert read(OURS.upper().replace("AUTHENTICATION", "Authentication") + result, FROM) == "pass"


@pytest.mark.parametrize(
    "result",
    [
        "; none",
        "",
        ";",
        "; dmarc=none header.from=authority.example",
        "; dmarc=temperror",
        "; dmarc=passing header.from=authority.example",
        "; dmarc=bestguesspass header.from=authority.example",
        "; dmarc=pass",
        "; dmarc=pass header.from=evil.example",
        "; dmarc=pass header.from=authority.example.evil.example",
        "; spf=pass; dkim=pass header.d=authority.example",
        "; x=y (dmarc=pass header.from=authority.example)",
        '; spf=pass reason="; dmarc=pass header.from=authority.example"',
        "; dmarc=pass (header.from=authority.example)",
        '; dmarc=pass reason="header.from=authority.example"',
    ],
)
def test_anything_else_is_possession_of_the_mail_only(result: str) -> None:
    assert read(OURS + result, FROM) == "none"


def test_a_fail_is_a_fail_whatever_else_is_said() -> None:
    assert read(OURS + "; dmarc=fail (p=none) header.from=authority.example", FROM) == "fail"
    assert read(OURS + "; dmarc=pass header.from=authority.example; dmarc=fail", FROM) == "fail"


def test_a_result_of_another_server_or_a_lower_one_is_not_believed() -> None:
    passed = "; dmarc=pass header.from=authority.example"
    assert read("Authentication-Results: mx.evil.example" + passed, FROM) == "none"
    assert read("Authentication-Results: mx.evil.example; none", OURS + passed, FROM) == "none"
    assert read(OURS + "; dmarc=none", OURS + passed, FROM) == "none"
    assert read(OURS + ".evil.example" + passed, FROM) == "none"
    assert read(FROM) == "none"


def test_without_a_server_of_ours_nothing_is_believed() -> None:
    assert read("Authentication-Results: ; dmarc=pass header.from=authority.example", FROM, authserv_id="") == "none"
    assert read(OURS + "; dmarc=pass header.from=authority.example", FROM, authserv_id="") == "none"


@pytest.mark.parametrize(
    "authors",
    [
        (FROM, "From: evil@evil.example"),
        ("From: evil@evil.example", FROM),
        ("From: office@authority.example, evil@evil.example",),
        (),
    ],
)
def test_several_authors_or_none_fail(authors: tuple[str, ...]) -> None:
    assert read(OURS + "; dmarc=pass header.from=authority.example", *authors) == "fail"


def test_an_address_in_the_name_is_not_the_author() -> None:
    in_name = 'From: "office@authority.example" <x@evil.example>'
    assert read(OURS + "; dmarc=pass header.from=evil.example", in_name) == "pass"
    assert read(OURS + "; dmarc=pass header.from=authority.example", in_name) == "none"


def test_international_domains_are_the_same_in_both_forms() -> None:
    raw = (OURS + "; dmarc=pass header.from=xn--80a1acny.example\r\nFrom: a@почта.example\r\n\r\n").encode()
    assert authentication_of(take_apart(raw), "mx.article17.example") is Authentication.PASS
