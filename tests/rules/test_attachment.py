"""Files that come from outside: type, size, digest, name, and the word of the scanner."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.attachment import (
    LONGEST_NAME,
    MEDIA_TYPES,
    AttachmentLimits,
    ScanVerdict,
    StoredAttachment,
    Upload,
    check_upload,
    clean_file_name,
    fits_media_type,
    named_faults,
    verdict_of_scan,
)
from notify.errors import InvalidDocument
from notify.report_parts import Attachment
from tests.rules.consultation_builders import ACCOUNT, START, faults, state

PDF = b"%PDF-1.7 and more"


def upload(content: bytes = PDF, **more: Any) -> Upload:
    digest = hashlib.sha256(content).hexdigest()
    given_: dict[str, Any] = {"filename": "map.pdf", "media_type": "application/pdf"}
    given_ |= {"head": content[:512], "size": len(content), "sha256": digest} | more
    return check_upload(**given_)


def test_a_right_file_is_taken_with_its_digest() -> None:
    digest = hashlib.sha256(PDF).hexdigest()
    assert upload(stated_sha256=digest.upper()) == Upload("map.pdf", "application/pdf", len(PDF), digest)
    assert upload(b"a;b\n", filename="x.csv", media_type="Text/CSV; charset=utf-8").media_type == "text/csv"


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"media_type": "application/zip"}, {"/media_type"}),
        ({"media_type": "text/html"}, {"/media_type"}),
        ({"media_type": None, "filename": None}, {"/media_type", "/filename"}),
        ({"media_type": "image/png"}, {"/media_type"}),
        ({"filename": " "}, {"/filename"}),
        ({"stated_sha256": "0" * 64}, {"/sha256"}),
        ({"stated_sha256": 5}, {"/sha256"}),
        ({"size": 21 * 1024 * 1024}, {""}),
        ({"size": 0, "head": b""}, {""}),
    ],
)
def test_every_fault_of_a_file_is_named(change: dict[str, Any], pointers: set[str]) -> None:
    with pytest.raises(InvalidDocument) as refused:
        upload(**change)
    assert set(faults(refused.value)) == pointers


@pytest.mark.parametrize(
    ("head", "media_type", "fits"),
    [
        (b"%PDF-1.4", "application/pdf", True),
        (b"MZ\x90", "application/pdf", False),
        (b"\x89PNG\r\n\x1a\n", "image/png", True),
        (b"\xff\xd8\xff\xe0", "image/jpeg", True),
        (b"II*\x00", "image/tiff", True),
        (b"PK\x03\x04", "application/vnd.oasis.opendocument.text", True),
        (b"PK\x03\x04", "text/plain", False),
        (b"\xef\xbb\xbfname;kg\n", "text/csv", True),
        ("название".encode(), "text/csv", True),
        (b"MZ\x90\x00", "text/plain", False),
        (b" <!DOCTYPE html>", "text/plain", False),
        (b"\xef\xbb\xbf<script>", "text/csv", False),
        (b"<svg xmlns=", "text/plain", False),
        (b'{"a": 1}', "application/json", True),
        (b"a < b", "text/plain", True),
    ],
)
def test_the_first_bytes_must_be_those_of_the_type(head: bytes, media_type: str, fits: bool) -> None:
    assert fits_media_type(head, media_type) is fits


@pytest.mark.parametrize(
    ("given_", "media_type", "clean"),
    [
        ("map.pdf", "application/pdf", "map.pdf"),
        ("Map.PDF", "application/pdf", "Map.PDF"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\a\\map.pdf", "application/pdf", "map.pdf"),
        ("invoice.pdf.exe", "application/pdf", "invoice.pdf.exe.pdf"),
        ("annex\u202efdp.exe", "application/pdf", "annexfdp.exe.pdf"),
        ("a\x00b\nc.pdf", "application/pdf", "ab c.pdf"),
        ('a:"b"?.csv', "text/csv", "a__b__.csv"),
        ("con.pdf", "application/pdf", "_con.pdf"),
        ("...", "text/csv", "file.csv"),
        ("", "application/pdf", "file.pdf"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("地图.pdf", "application/pdf", "地图.pdf"),
        ("\ud800.pdf", "application/pdf", "_.pdf"),
    ],
)
def test_a_file_name_from_outside_is_made_harmless(given_: str, media_type: str, clean: str) -> None:
    assert clean_file_name(given_, media_type) == clean


@settings(deadline=None)
@given(st.text(max_size=400), st.sampled_from(sorted(MEDIA_TYPES)))
def test_whatever_it_is_called_its_clean_name_is_safe_and_stays_as_it_is(name: str, media_type: str) -> None:
    clean = clean_file_name(name, media_type)
    assert clean == clean_file_name(clean, media_type)
    assert not re.search(r'[/\\:*?"<>|]', clean)
    assert not any(unicodedata.category(character)[0] == "C" for character in clean)
    assert clean.lower().endswith(MEDIA_TYPES[media_type])
    assert not clean.startswith((".", " "))
    assert len(clean.encode()) <= LONGEST_NAME
    Attachment(filename=clean, media_type=media_type, sha256="a" * 64)


def test_the_scanner_says_clean_infected_or_nothing() -> None:
    verdicts = {status: verdict_of_scan(status) for status in (0, 1, 2, 137, -9, -1, None)}
    assert [verdicts.pop(status) for status in (0, 1)] == [ScanVerdict.CLEAN, ScanVerdict.INFECTED]
    assert set(verdicts.values()) == {ScanVerdict.FAILED}


def test_what_is_not_known_to_be_clean_is_given_to_nobody() -> None:
    assert [one for one in ScanVerdict if one.may_be_read] == [ScanVerdict.UNSCANNED, ScanVerdict.CLEAN]


DIGEST = "a" * 64
STORED = StoredAttachment(DIGEST, "map.pdf", "application/pdf", 100, ScanVerdict.CLEAN, state("UG"), ACCOUNT, START)


def named(**more: Any) -> Attachment:
    return Attachment(**({"filename": "map.pdf", "media_type": "application/pdf", "sha256": DIGEST.upper()} | more))


def found(stored: StoredAttachment | None, author: str = "UG", readable: tuple[str, ...] = (), **more: Any) -> set[str]:
    held = {} if stored is None else {stored.sha256: stored}
    return {fault.pointer for fault in named_faults([named(**more)], held, state(author), frozenset(readable))}


def test_a_file_of_its_own_or_one_already_read_can_be_named() -> None:
    assert found(STORED) == set()
    assert found(STORED, "TZ", (DIGEST,)) == set()
    assert found(replace(STORED, verdict=ScanVerdict.PENDING)) == set()


def test_a_digest_alone_opens_nothing_and_does_not_say_that_the_file_is_there() -> None:
    missing = named_faults([named()], {}, state("TZ"))
    of_another = named_faults([named()], {DIGEST: STORED}, state("TZ"))
    assert missing == of_another
    assert found(STORED, "TZ") == {"/attachments/0/sha256"}


def test_what_is_named_must_be_what_is_stored() -> None:
    assert found(STORED, media_type="image/png", size=99) == {"/attachments/0/media_type", "/attachments/0/size"}
    assert found(replace(STORED, verdict=ScanVerdict.INFECTED)) == {"/attachments/0/sha256"}


def test_so_many_files_and_bytes_and_no_more() -> None:
    held = {DIGEST: STORED}
    limits = AttachmentLimits(most=2, together=250)
    assert named_faults([named()] * 2, held, state("UG"), limits=limits) == []
    assert len(named_faults([named()] * 3, held, state("UG"), limits=limits)) == 2
