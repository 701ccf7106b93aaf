"""Faults of a report: each named by its place, with what would be right, all at once."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from notify.errors import InvalidDocument
from tests.rules.report_builders import Change, changed, example, faults, parse

CONTACT = "contact_for_information"
MARK = {"audience": "parties", "ground": "national_law"}


@pytest.mark.parametrize(
    ("change", "pointer", "says"),
    [
        (lambda d: d.update(colour="red"), "/colour", "“colour”"),
        (lambda d: d.update({"a/b~c": None}), "/a~1b~0c", "“a/b~c”"),
        (lambda d: d["release"].update(reason="x"), "/release/reason", "“reason”"),
        (lambda d: d.update(type="first"), "/type", "initial"),
        (lambda d: d.update(title="Rice"), "/title", "language map"),
        (lambda d: d.update(title={}), "/title", "not empty"),
        (lambda d: d.update(title={"en": " "}), "/title/en", "empty"),
        (lambda d: d.update(title={"en": ""}), "/title/en", "empty"),
        (lambda d: d.update(title={"english": "Rice"}), "/title/english", "language tag"),
        (lambda d: d.update(title={"en": 5}), "/title/en", "text"),
        (lambda d: d.update(health={"en": "x" * 20_001}), "/health/en", "20000"),
        (lambda d: d.update(notification_class="urgent"), "/notification_class", "preliminary"),
        (lambda d: d.update(illegal_status="suspected"), "/illegal_status", "illegal_movement"),
        (lambda d: d.update(capacity=["state_of_release"]), "/capacity", "state_of_transit"),
        (lambda d: d.update(reporting_state="XX"), "/reporting_state", "registry"),
        (lambda d: d.update(reporting_state="us"), "/reporting_state", "capital letters"),
        (lambda d: d.update(reporting_state="unknown"), "/reporting_state", "capital letters"),
        (lambda d: d["affected_states"][1].update(state="ZZ"), "/affected_states/1/state", "ISO 3166-1"),
        (lambda d: d["affected_states"][1].update(state="unknown"), "/affected_states/1/state", "capital letters"),
        (lambda d: d["affected_states"][1].update(state="NL"), "/affected_states/1/state", "once"),
        (lambda d: d["affected_states"][1].pop("status"), "/affected_states/1/status", "needed"),
        (lambda d: d["release"].update(state="ZZ"), "/release/state", "ISO 3166-1"),
        (lambda d: d["origin"].update(state="ZZ"), "/origin/state", "ISO 3166-1"),
        (lambda d: d["release"].pop("date"), "/release/date", "needed"),
        (lambda d: d["release"]["date"].pop("precision"), "/release/date/precision", "needed"),
        (lambda d: d["release"].update(date="1998"), "/release/date", "object"),
        (lambda d: d["release"].update(types="commingling"), "/release/types", "list"),
        (lambda d: d["release"].update(types=["parade"]), "/release/types/0", "commingling"),
        (lambda d: d["release"].update(types=["other"]), "/release/types/0", '"code": "other"'),
        (lambda d: d["release"].update(types=[{"code": "other"}]), "/release/types/0", '"code": "other"'),
        (lambda d: d["release"].update(place={"latitude": 90.5}), "/release/place/latitude", "-90 to 90"),
        (lambda d: d["release"].update(place={"longitude": "3"}), "/release/place/longitude", "number"),
        (lambda d: d["release"].update(place={"longitude": True}), "/release/place/longitude", "number"),
        (lambda d: d.update(lmos=[]), "/lmos", "at least one"),
        (lambda d: d.update(lmos=[{"traits": ["x"]}]), "/lmos/0", "which LMO"),
        (lambda d: d.update(lmos=[{"unique_identifier": "Unidentified"}]), "/lmos/0/description", "unidentified"),
        (lambda d: d["authority"].update(email="nobody"), "/authority/email", "e-mail"),
        (lambda d: d["authority"].update(telephone="none"), "/authority/telephone", "telephone"),
        (lambda d: d[CONTACT].update(around_the_clock=1), f"/{CONTACT}/around_the_clock", "true or false"),
        (lambda d: d[CONTACT].update(languages=["e"]), f"/{CONTACT}/languages/0", "language tag"),
        (lambda d: d["first_public_statement"].update(url="javascript:x"), "/first_public_statement/url", "https"),
        (lambda d: d["first_public_statement"].update(date="18 August"), "/first_public_statement/date", "date"),
        (lambda d: d["first_public_statement"].update(date=18), "/first_public_statement/date", "date"),
        (lambda d: d["measures"][0].update(actor=[]), "/measures/0/actor", "language map"),
        (lambda d: d["measures"][0].update(actor={"e": "US"}), "/measures/0/actor/e", "language tag"),
        (lambda d: d.update(communities_informed={"e": "x"}), "/communities_informed/e", "language tag"),
        (lambda d: d.update(communities_informed=4), "/communities_informed", "true or false"),
        (lambda d: d.update(quantity={"minimum": 2, "maximum": 1}), "/quantity/minimum", "maximum"),
        (lambda d: d.update(quantity={"value": 10**400}), "/quantity/value", "too large"),
        (lambda d: d.update(quantity={"value": math.nan}), "/quantity/value", "finite"),
        (lambda d: d.update(quantity={"value": -math.inf}), "/quantity/value", "finite"),
        (lambda d: d.update(severity_override={"level": "high"}), "/severity_override/reason", "needed"),
        (lambda d: d.update(severity_override={"reason": "x", "level": "?"}), "/severity_override/level", "critical"),
        (lambda d: d.update(determination={"outcome": "x", "office": "y"}), "/determination/reason", "needed"),
        (lambda d: d.update(knowledge={"confirmed": "2006"}), "/knowledge/confirmed", "object"),
        (lambda d: d.update(organizations=["FAO"] * 201), "/organizations", "200"),
        (lambda d: d.update(reason="because"), "/reason", "“reason”"),
        (lambda d: d.update(original_language="x"), "/original_language", "language tag"),
        (lambda d: d.update(status="draft"), "/status", "exercise"),
        (lambda d: d.update(confidential={"/title": MARK}), "/confidential/~1title", "marked"),
        (lambda d: d.update(confidential={"/health/fr": {}}), "/confidential/~1health~1fr", "no such place"),
        (lambda d: d.update(confidential=[]), "/confidential", "object"),
        (lambda d: d.update(origin=None), "/origin", "needed"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_place_with_what_would_be_right(change: Change, pointer: str, says: str) -> None:
    found = faults(changed(change))
    assert pointer in found
    assert says in found[pointer]
    assert all(place == pointer or place.startswith(pointer) for place in found)


def test_a_place_that_is_no_addressee_is_told_to_choose_a_state() -> None:
    found = faults(changed(lambda d: d["affected_states"][0].update(state="TW")))
    text = "this code is not in the list of addressees; please choose the State to be addressed"
    assert found == {"/affected_states/0/state": text}


def test_every_fault_is_listed_at_once() -> None:
    def break_much(document: dict[str, Any]) -> None:
        document["title"] = {"e": "", "en": "fine"}
        document["affected_states"][2]["state"] = "ZZ"
        document["release"]["state"] = "ZZ"
        document["surprise"] = {"deep": [1, 2]}
        document["health"] = {"en": "bell \x07"}
        document["confidential"] = {"/authority": {"audience": "all", "ground": "national_law"}}
        del document["lmos"], document["contact_for_information"]["office"]

    expected = {
        "/title/e",
        "/affected_states/2/state",
        "/release/state",
        "/surprise",
        "/health/en",
        "/confidential/~1authority",
        "/confidential/~1authority/audience",
        "/lmos",
        "/contact_for_information/office",
    }
    assert set(faults(changed(break_much))) == expected
    with pytest.raises(InvalidDocument) as caught:
        parse(changed(break_much))
    assert {fault.pointer for fault in caught.value.faults} == expected


@pytest.mark.parametrize("text", ["\x00", "a\x1b[31m", "\ud800", "\udfff tail", "\x85", "\uffff"])
def test_characters_that_no_text_may_hold_are_refused_wherever_they_stand(text: str) -> None:
    for change, pointer in [
        (lambda d: d["title"].update(en=text), "/title/en"),
        (lambda d: d["lmos"][0].update(traits=["fine", text]), "/lmos/0/traits/1"),
        (lambda d: d.update(whatever=[text]), "/whatever"),
    ]:
        found = faults(changed(change))
        assert any(place.startswith(pointer) for place in found)
        assert text not in json.dumps(found, ensure_ascii=False)


def test_bad_names_of_fields_can_be_told_without_their_bad_characters() -> None:
    found = faults(changed(lambda d: d.update({"\ud800": 1, "a\x00b": 2})))
    assert set(found) == {"/\N{REPLACEMENT CHARACTER}", "/a\N{REPLACEMENT CHARACTER}b"}
    json.dumps(found, ensure_ascii=False).encode()


def test_a_fault_never_repeats_what_was_written() -> None:
    secret = "hunter2-very-secret"
    for name in example("llrice601"):
        for wrong in (secret, [secret], {"en": [secret]}, {"state": secret}):
            found = faults(changed(lambda d, name=name, wrong=wrong: d.update({name: wrong})))
            assert secret not in json.dumps(found)
