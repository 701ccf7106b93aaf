"""Whatever is handed in is a report or an invalid document, and nothing else happens."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.errors import InvalidDocument
from notify.report import draft_faults
from tests.rules.report_builders import EXAMPLES, faults, minimal, parse


@pytest.mark.parametrize("document", [None, [], "report", 5, math.nan, True])
def test_what_is_no_object_is_one_fault_of_the_whole(document: object) -> None:
    assert list(faults(document)) == [""]


def test_endless_nesting_is_refused_in_good_time() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    found = faults(minimal() | {"health": deep})
    assert any(place.startswith("/health") for place in found)
    # Taken apart by hand, since Python takes such a list apart by recursion.
    while isinstance(deep, list):
        deep = deep.pop()


def test_a_flood_of_faults_is_cut_and_counted() -> None:
    effects = [{f"field{number}": "\x00" for number in range(200)} for _ in range(200)]
    found = draft_faults(minimal() | {"effects": effects}, is_state=lambda code: True, is_place=lambda code: True)
    assert len(found) == 1001
    assert "more faults" in found[-1].detail


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("unknown"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from(["en", "state"]), inner),
    max_leaves=12,
)


def outcome(document: object) -> None:
    try:
        report, _ = parse(document)
    except InvalidDocument as refused:
        assert refused.faults
        for fault in refused.faults:
            assert fault.pointer == "" or fault.pointer.startswith("/")
            (fault.pointer + fault.detail).encode()
    else:
        json.dumps(report.document(), allow_nan=False).encode()
        assert parse(report.document())[0] == report


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_is_a_report_or_an_invalid_document(document: object) -> None:
    outcome(document)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, entry in entries for place in places(entry, (*path, key)))]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(EXAMPLES), st.data(), JSON)
def test_a_real_report_with_any_json_in_any_place_is_a_report_or_an_invalid_document(
    path: Path, data: st.DataObject, value: object
) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    place = data.draw(st.sampled_from(places(document)[1:]))
    holder = document
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    before = copy.deepcopy(document)
    outcome(document)
    assert repr(document) == repr(before)
