"""The small forms of a report: dates, addresses, file names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.report_builders import faults, minimal


@pytest.mark.parametrize(
    ("precision", "value", "fits"),
    [
        ("year", "1998", True),
        ("year", "1998-01", False),
        ("year", "98", False),
        ("year", 1998, False),
        ("year", "١٩٩٨", False),
        ("month", "2006-08", True),
        ("month", "2006-13", False),
        ("day", "2024-02-29", True),
        ("day", "2023-02-29", False),
        ("day", "20060818", False),
        ("day", "2006-08", False),
        ("hour", "2026-11-20T14", True),
        ("hour", "2026-11-20T14:30", True),
        ("hour", "2026-11-20T14:30:15.5+03:00", True),
        ("hour", "2026-11-20T24:30Z", False),
        ("hour", "2026-11-20", False),
        ("unknown", None, True),
        ("unknown", "2006", False),
        ("day", None, False),
    ],
)
def test_a_partial_date_has_the_form_of_its_precision(precision: str, value: Any, fits: bool) -> None:
    document = minimal()
    document["release"]["date"] = {"value": value, "precision": precision}
    assert faults(document).keys() == (set() if fits else {"/release/date/value"})


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("desk@biosafety.ke.example", True),
        ("first.last+17@bücher.example", True),
        ("сектор@почта.example", True),
        ("desk@localhost", False),
        ("desk@@b.example", False),
        ("a@b@c.example", False),
        ("desk@-x.example", False),
        ("desk@x..example", False),
        (".desk@x.example", False),
        ("desk@x.example\nBcc: b@x.example", False),
        ("desk <desk@x.example>", False),
        ("a@x.example,b@x.example", False),
        ("@x.example", False),
        ("desk@" + "x" * 64 + ".example", False),
        ("desk@" + "x." * 150 + "example", False),
    ],
)
def test_an_e_mail_address_is_one_that_can_be_written_to(address: str, fits: bool) -> None:
    document = minimal()
    document["contact_for_information"]["email"] = address
    assert faults(document).keys() == (set() if fits else {"/contact_for_information/email"})


@pytest.mark.parametrize("url", ["https://", "ftp://x.example", "https://[::1", "http://x.example/a b", "x.example"])
def test_a_web_address_begins_with_http(url: str) -> None:
    assert "/risk_assessments/0/url" in faults(minimal() | {"risk_assessments": [{"title": "x", "url": url}]})


@pytest.mark.parametrize("name", ["../x.pdf", "a/b", "a\\b", "..", ".hidden", "c:x", "line\nbreak", "x" * 300, "a\x00"])
def test_a_file_name_names_no_folder(name: str) -> None:
    attachment = {"filename": name, "media_type": "text/csv", "sha256": "0" * 64}
    assert list(faults(minimal() | {"attachments": [attachment]})) == ["/attachments/0/filename"]
