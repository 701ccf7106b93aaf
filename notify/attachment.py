"""Rules of a file that a report or message names: its type, size, digest, name, and what the scanner said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contacts.model import StateCode
from notify.errors import Fault, InvalidDocument
from notify.report_parts import Attachment
from notify.words import AccountId

_MEBIBYTE = 1024 * 1024
HEAD = 512
"""So many first bytes of a file are looked at to see whether it is what it says."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_OFFICE = "application/vnd.oasis.opendocument."
MEDIA_TYPES: Mapping[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "application/json": (".json",),
    "application/geo+json": (".geojson",),
    "text/plain": (".txt", ".fasta"),
    "text/csv": (".csv",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/tiff": (".tif", ".tiff"),
    f"{_OFFICE}wordprocessingml.document": (".docx",),
    f"{_OFFICE}spreadsheetml.sheet": (".xlsx",),
    f"{_OPEN_OFFICE}text": (".odt",),
    f"{_OPEN_OFFICE}spreadsheet": (".ods",),
}
"""What may be attached, with the endings of its file names; no archives, no programs, nothing a browser would run."""

_ZIPPED = (b"PK\x03\x04",)
_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    **{name: _ZIPPED for name in MEDIA_TYPES if name.startswith((_OFFICE, _OPEN_OFFICE))},
}
_MARKUP = re.compile(rb"\s*<\s*(!doctype|html|head|body|script|svg|iframe|\?xml)", re.IGNORECASE)
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

LONGEST_NAME = 200
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """How much may be attached (policy): bytes of one file, files of one document, bytes of them together."""

    largest: int = 20 * _MEBIBYTE
    most: int = 10
    together: int = 50 * _MEBIBYTE


LIMITS = AttachmentLimits()


class ScanVerdict(StrEnum):
    """What the scanner said of a file."""

    UNSCANNED = "unscanned"  # no scanner is set
    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"  # the scanner did not run to its end; it is asked again

    @property
    def may_be_read(self) -> bool:
        """Tell whether the bytes may be given to anybody."""
        return self in (ScanVerdict.CLEAN, ScanVerdict.UNSCANNED)


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """One file that was handed in, kept under its digest; `state` is None for the secretariat's."""

    sha256: str
    filename: str
    media_type: str
    size: int
    verdict: ScanVerdict
    state: StateCode | None
    account: AccountId
    uploaded_at: datetime


class NamedIn(StrEnum):
    """What names a file."""

    REPORT = "report"
    MESSAGE = "message"
    REQUEST = "request"
    ANSWER = "answer"
    INQUIRY = "inquiry"


@dataclass(frozen=True, slots=True)
class AttachmentUse:
    """One thing that names a file, in whose name, and in which case or inquiry.

    It opens the file to its own readers while its State has the file.
    """

    sha256: str
    state: StateCode | None
    named_in: NamedIn
    subject: str  # the id of the message or request, the number of the report, the request and number of the answer
    reference: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be stored, with its name made harmless."""

    filename: str
    media_type: str
    size: int
    sha256: str


def check_upload(
    *,
    filename: object,
    media_type: object,
    head: bytes,
    size: int,
    sha256: str,
    stated_sha256: object = None,
    limits: AttachmentLimits = LIMITS,
) -> Upload:
    """Check a file that was handed in; raise InvalidDocument with every fault.

    `head`: its first bytes. `size`, `sha256`: as counted by us. `stated_sha256`: what the sender says, if anything.
    """
    faults = []
    kind = media_type.split(";")[0].strip().lower() if isinstance(media_type, str) else ""
    if kind not in MEDIA_TYPES:
        faults.append(Fault("/media_type", f"must be one of: {', '.join(MEDIA_TYPES)}"))
    elif size and not fits_media_type(head, kind):
        faults.append(Fault("/media_type", f"the bytes are no {kind}; please give the type that the file really has"))
    if not isinstance(filename, str) or not filename.strip():
        faults.append(Fault("/filename", "is needed: the name of the file, such as varieties.csv"))
    if size == 0:
        faults.append(Fault("", "the file is empty"))
    if size > limits.largest:
        faults.append(Fault("", f"the file must have at most {limits.largest} bytes"))
    if stated_sha256 is not None and not _same_digest(stated_sha256, sha256):
        faults.append(Fault("/sha256", "is not the digest of the bytes that arrived; please send them again"))
    if faults:
        raise InvalidDocument(faults)
    return Upload(clean_file_name(str(filename), kind), kind, size, sha256.lower())


def _same_digest(stated: object, found: str) -> bool:
    return isinstance(stated, str) and stated.strip().lower() == found.lower()


def fits_media_type(head: bytes, media_type: str) -> bool:
    """Tell whether the first bytes of a file can be those of its media type; text may be no page and no program."""
    beginnings = _BEGINNINGS.get(media_type)
    if beginnings is not None:
        return head.startswith(beginnings)
    text = head.removeprefix(_BYTE_ORDER_MARK)[:HEAD]
    return _NOT_TEXT.search(text) is None and _MARKUP.match(text) is None


def clean_file_name(given: str, media_type: str) -> str:
    """Make a file name from outside harmless: no folder, nothing unseen, and an ending that fits the media type."""
    name = re.split(r"[/\\]", given.encode("utf-8", "replace").decode("utf-8"))[-1]
    # Controls and formatting marks (also those that turn the direction of writing) are not seen, and mislead.
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    name = unicodedata.normalize("NFC", name)
    name = re.sub(r'[:*?"<>|]', "_", re.sub(" +", " ", name)).strip(" .")
    endings = MEDIA_TYPES.get(media_type, ())
    ending = next((one for one in endings if name.lower().endswith(one)), "")
    stem = name[: len(name) - len(ending)].strip(" .") if ending else name
    ending = name[len(name) - len(ending) :] if ending else (endings[0] if endings else "")
    room = LONGEST_NAME - len(ending.encode()) - 1
    stem = stem.encode()[:room].decode("utf-8", "ignore").strip(" .") or "file"
    return ("_" if _RESERVED.fullmatch(stem) else "") + stem + ending


def verdict_of_scan(exit_status: int | None) -> ScanVerdict:
    """Read the end of the scan command: 0 is clean, 1 infected, anything else (None: too slow) failed."""
    return {0: ScanVerdict.CLEAN, 1: ScanVerdict.INFECTED}.get(-1 if exit_status is None else exit_status) or (
        ScanVerdict.FAILED
    )


def named_faults(
    named: Sequence[Attachment],
    stored: Mapping[str, StoredAttachment],
    author: StateCode | None,
    readable: frozenset[str] = frozenset(),
    limits: AttachmentLimits = LIMITS,
) -> list[Fault]:
    """List what is wrong with the files that a document names; `stored` holds files by their digest.

    Only its own State's files and those that the author may already read (`readable`) can be named: a digest alone
    opens nothing, and one that is not the author's looks like one that is not there.
    """
    faults = []
    if len(named) > limits.most:
        faults.append(Fault("/attachments", f"must have at most {limits.most} entries"))
    total = 0
    for index, one in enumerate(named):
        place, digest = f"/attachments/{index}", one.sha256.lower()
        found = stored.get(digest)
        if found is None or not (found.state == author or digest in readable):
            faults.append(Fault(f"{place}/sha256", "no such file is here; please upload it first"))
            continue
        total += found.size
        if found.verdict is ScanVerdict.INFECTED:
            faults.append(Fault(f"{place}/sha256", "the scanner refused this file; please send a clean one"))
        if one.media_type.lower() != found.media_type:
            faults.append(Fault(f"{place}/media_type", f"the file was uploaded as {found.media_type}"))
        if one.size is not None and one.size != found.size:
            faults.append(Fault(f"{place}/size", f"the file has {found.size} bytes"))
    if total > limits.together:
        faults.append(Fault("/attachments", f"must have at most {limits.together} bytes together"))
    return faults
