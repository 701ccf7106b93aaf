"""Contacts from CSV and JSON: all or nothing, every fault with its line."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.address import email_fault, webhook_fault
from contacts.loading import LARGEST, InvalidContacts, LineFault, load_contacts
from contacts.model import Contact, ContactRole
from contacts.registry import load_registry

REGISTRY = load_registry()
HEADER = "state,role,office,email,order,duty,webhook\n"
GOOD: dict[str, Any] = {
    "state": "NL",
    "role": "article_17_contact",
    "office": "Desk",
    "email": "desk@authority.example",
}


def load(text: str, media: Literal["csv", "json"] = "csv") -> list[Contact]:
    return load_contacts(text, media=media, registry=REGISTRY)


def faults(text: str, media: Literal["csv", "json"] = "csv") -> tuple[LineFault, ...]:
    with pytest.raises(InvalidContacts) as caught:
        load(text, media)
    return caught.value.faults


def places(found: tuple[LineFault, ...]) -> list[tuple[int, str]]:
    return [(fault.line, fault.field) for fault in found]


def as_json(*contacts: Any, indent: int | None = None) -> str:
    return json.dumps({"contacts": contacts}, indent=indent)


def field_fault(**changes: Any) -> tuple[str, str]:
    found = faults(as_json({**GOOD, **changes}), "json")
    assert len(found) == 1
    return found[0].field, found[0].detail


def test_a_json_contact_is_read_whole() -> None:
    whole = {
        **GOOD,
        "id": "nl-1",
        "person": "A. Person",
        "telephone": "+31 70 000 0000",
        "language": "nl",
        "time_zone": "Europe/Amsterdam",
        "order": 2,
        "duty": True,
        "webhook": {"url": "https://hooks.authority.example/a17"},
        "confirmed_on": "2026-10-01",
        "bch_uid": "BCH-CONTACT-1",
    }
    (contact,) = load(as_json(whole), "json")
    assert contact.id == "nl-1"
    assert contact.webhook is not None
    assert (contact.webhook.url, contact.webhook.verified) == ("https://hooks.authority.example/a17", False)
    assert (contact.order, contact.duty, contact.confirmed_on) == (2, True, date(2026, 10, 1))
    assert (contact.language, contact.time_zone, contact.bch_uid) == ("nl", "Europe/Amsterdam", "BCH-CONTACT-1")


def test_csv_says_the_same_as_json() -> None:
    row = "NL,article_17_contact,Desk,desk@authority.example,2,yes,https://hooks.authority.example/a17\n"
    same = {**GOOD, "order": 2, "duty": True, "webhook": {"url": "https://hooks.authority.example/a17"}}
    assert load(HEADER + row) == load(as_json(same), "json")


def test_the_format_of_a_webhook_is_a_column_of_csv_and_stands_inside_the_webhook_in_json() -> None:
    header = "state,role,office,email,webhook,webhook_format\n"
    row = "NL,article_17_contact,Desk,desk@authority.example,https://hooks.authority.example/a17,{}\n"
    endpoint = {"url": "https://hooks.authority.example/a17", "format": "cloudevents"}
    assert load(header + row.format("cloudevents")) == load(as_json({**GOOD, "webhook": endpoint}), "json")
    (plain,) = load(header + row.format(""))
    assert plain.webhook is not None and plain.webhook.format == "standard"


def test_a_spreadsheet_export_with_mark_semicolons_and_crlf_is_read() -> None:
    text = '\ufeffState;Role;Office;Email;;\r\nNL;bch_focal_point;"Desk; north";desk@authority.example;;\r\n;;;;;\r\n'
    (contact,) = load(text)
    assert (contact.role, contact.office) == (ContactRole.BCH_FOCAL_POINT, "Desk; north")


@pytest.mark.parametrize(("cell", "duty"), [("true", True), ("1", True), ("NO", False), ("0", False), ("", False)])
def test_a_boolean_may_be_written_in_several_ways(cell: str, duty: bool) -> None:
    (contact,) = load(HEADER + f"NL,article_17_contact,Desk,desk@authority.example,1,{cell},\n")
    assert contact.duty is duty


def test_every_bad_line_is_listed_with_its_number() -> None:
    text = (
        HEADER
        + "NL,article_17_contact,Desk,desk@authority.example,1,,\n"
        + "XX,article_17_contact,Desk,desk@authority.example,0,,\n"
        + "\n"
        + 'KE,article_17_contact,"Desk",desk at authority.example,1,maybe,\n'
        + "KE,article_17_contact,Desk\n"
        + "KE,article_17_contact,,desk@authority.example,1,,ftp://authority.example/\n"
    )
    assert places(faults(text)) == [
        (3, "state"),
        (3, "order"),
        (5, "email"),
        (5, "duty"),
        (6, ""),
        (7, "office"),
        (7, "webhook"),
    ]


def test_a_fault_after_a_cell_of_two_lines_still_has_its_own_line() -> None:
    text = (
        HEADER
        + 'NL,article_17_contact,"Desk\nnorth",desk@authority.example,1,,\nXX,bch_focal_point,D,d@a.example,1,,\n'
    )
    assert places(faults(text)) == [(2, "office"), (4, "state")]


def test_the_columns_are_checked_first() -> None:
    assert places(faults("state,office,email,Fax,office\nNL,a,b,c,d\n")) == [(1, "fax"), (1, "office"), (1, "role")]
    assert faults("")[0].line == 1
    assert faults(HEADER + 'NL,"article_17')[0].line == 2


def test_json_faults_have_a_pointer_and_the_line_where_their_contact_begins() -> None:
    text = as_json(GOOD, {**GOOD, "email": "nobody", "fax": "1"}, 7, indent=1)
    assert places(faults(text, "json")) == [(9, "/contacts/1/fax"), (9, "/contacts/1/email"), (16, "/contacts/2")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"contacts": {}}',
        '{"contacts": [], "more": 1}',
        "[" * 100_000,
        '{"contacts": [' + "9" * 5000 + "]}",
    ],
)
def test_json_of_another_shape_is_refused(text: str) -> None:
    assert faults(text, "json")


def test_contacts_named_twice_in_json_still_give_faults_and_no_crash() -> None:
    assert places(faults('{"contacts": [], "contacts": [1]}', "json")) == [(1, "/contacts/0")]


def test_a_file_too_large_is_refused_unread() -> None:
    assert "larger" in faults("x" * (LARGEST + 1))[0].detail


def test_one_contact_twice_in_a_file_is_refused_by_address_or_by_id() -> None:
    again = {**GOOD, "email": "Desk@Authority.example"}
    assert places(faults(as_json(GOOD, again), "json")) == [(1, "/contacts/1/email")]
    one, two = {**GOOD, "id": "nl-1"}, {**GOOD, "id": "nl-1", "email": "other@authority.example"}
    assert places(faults(as_json(one, two), "json")) == [(1, "/contacts/1/id")]


def test_one_address_may_hold_two_roles() -> None:
    assert len(load(as_json(GOOD, {**GOOD, "role": "national_focal_point"}), "json")) == 2


def test_an_absent_id_is_always_derived_in_the_same_way() -> None:
    (first,) = load(as_json(GOOD), "json")
    (again,) = load(as_json({**GOOD, "office": "Renamed", "email": "DESK@authority.example"}), "json")
    assert first.id == again.id
    assert first.id.startswith("nl-article-17-contact-")


def test_an_absent_language_is_the_un_language_of_the_state_else_english() -> None:
    (senegal,) = load(as_json({**GOOD, "state": "SN"}), "json")
    (netherlands,) = load(as_json(GOOD), "json")
    assert (senegal.language, netherlands.language) == ("fr", "en")


def test_an_organization_and_the_secretariat_have_no_state() -> None:
    fao = {"organization": "FAO", "role": "organization", "office": "Desk", "email": "desk@fao.example"}
    watch = {"role": "secretariat", "office": "Watch", "email": "watch@secretariat.example"}
    assert [contact.state for contact in load(as_json(fao, watch), "json")] == [None, None]
    assert places(faults(as_json({**fao, "state": "NL"}, {**watch, "state": "NL"}), "json")) == [
        (1, "/contacts/0/state"),
        (1, "/contacts/1/state"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"state": "GL"}, "state"),
        ({"state": "nl"}, "state"),
        ({"state": None}, "state"),
        ({"organization": "FAO"}, "organization"),
        ({"role": "organization", "state": None}, "organization"),
        ({"role": "minister"}, "role"),
        ({"role": ""}, "role"),
        ({"office": "  "}, "office"),
        ({"office": "Desk\r\nBcc: x@y.example"}, "office"),
        ({"office": "\ud800"}, "office"),
        ({"email": None}, "email"),
        ({"email": 7}, "email"),
        ({"language": "English please"}, "language"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"order": 0}, "order"),
        ({"order": True}, "order"),
        ({"order": 1.5}, "order"),
        ({"duty": "true"}, "duty"),
        ({"webhook": "https://authority.example/"}, "webhook"),
        ({"webhook": {"url": "https://authority.example/", "verified": True}}, "webhook"),
        ({"webhook": {"url": "javascript:alert(1)"}}, "webhook"),
        ({"webhook": {"url": "https://authority.example/", "format": 1}}, "webhook"),
        ({"webhook": {"url": "https://authority.example/", "format": "xml"}}, "webhook/format"),
        ({"webhook_format": "standard"}, "webhook_format"),
        ({"confirmed_on": "2026-02-30"}, "confirmed_on"),
        ({"confirmed_on": "20260101"}, "confirmed_on"),
        ({"id": "../nl"}, "id"),
        ({"fax": "1"}, "fax"),
    ],
)
def test_each_field_has_its_own_fault(changes: dict[str, Any], field: str) -> None:
    assert field_fault(**changes)[0] == f"/contacts/0/{field}"


def test_a_place_that_is_no_addressee_is_told_apart_from_an_unknown_code() -> None:
    assert "choose the State to be addressed" in field_fault(state="GL")[1]
    assert "registry of States" in field_fault(state="XX")[1]


@pytest.mark.parametrize(
    "address",
    ["a@b.example", "first.last+tag@sub.b.example", "o'neil@b.example", "почта@министерство.рф", "x@bücher.example"],
)
def test_an_ordinary_or_international_address_is_accepted(address: str) -> None:
    assert email_fault(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "@b.example",
        "a@",
        "a@b",
        "a@@b.example",
        "a@b@c.example",
        "a b@c.example",
        "a@b.example,c@d.example",
        "Desk <a@b.example>",
        "a@b.example\nBcc: c@d.example",
        "a\x00@b.example",
        "a..b@c.example",
        ".a@c.example",
        "a@-b.example",
        "a@b..example",
        "a@127.0.0.1",
        "a@[127.0.0.1]",
        "a\u00a0b@c.example",
        "a@b。example",
        "x" * 65 + "@b.example",
        "a@" + "b" * 64 + ".example",
        "a@" + "ü" * 60 + ".example",
        "a@" + "b." * 130 + "example",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    assert email_fault(address) is not None


@pytest.mark.parametrize("url", ["https://a.example/hook?x=1", "http://10.0.0.1:8080/", "https://[2001:db8::1]/"])
def test_a_web_address_may_be_private_until_it_is_called(url: str) -> None:
    assert webhook_fault(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example",
        "https://",
        "ftp://a.example",
        "https://u:p@a.example/",
        "https://a.example/#x",
        "https://a b/",
        "https://a.example:99999/",
        "https://a.example:0/",
        "https://[::1/",
        "https://a.example\\@b.example/",
    ],
)
def test_what_cannot_be_called_is_refused(url: str) -> None:
    assert webhook_fault(url) is not None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["csv", "json"]))
def test_any_text_gives_contacts_or_faults(text: str, media: Literal["csv", "json"]) -> None:
    try:
        load(text, media)
    except InvalidContacts as invalid:
        assert invalid.faults


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "order", "duty", "webhook", "id", "x"]), ANYTHING))
def test_any_values_of_a_contact_give_contacts_or_faults(changes: dict[str, Any]) -> None:
    try:
        assert len(load(as_json({**GOOD, **changes}), "json")) == 1
    except InvalidContacts as invalid:
        assert all(fault.field.startswith("/contacts/0/") for fault in invalid.faults)
