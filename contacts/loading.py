"""Reads contacts from CSV or JSON, all or nothing, with one clear fault for each thing that is wrong."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from contacts.endpoint import FORMAT_FIELD, WANTED, endpoint_fields
from contacts.fields import FIELDS, NEEDED, contact_from
from contacts.model import Contact
from contacts.registry import Registry

LARGEST = 4 * 1024 * 1024
"""The most characters that one file may hold."""

_YES_OR_NO = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class LineFault:
    """One fault: its line (from 1), the column or JSON pointer of its place, what is wrong and would be right."""

    line: int
    field: str
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.detail}" if self.field else f"line {self.line}: {self.detail}"


class InvalidContacts(Exception):
    """The file has faults, and nothing of it was loaded."""

    def __init__(self, faults: tuple[LineFault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


@dataclass(frozen=True, slots=True)
class _Entry:
    """The fields of one contact as they stand in the file, and where; `prefix` turns a field into a JSON pointer."""

    line: int
    prefix: str
    fields: Mapping[str, object]

    def fault(self, field: str, detail: str) -> LineFault:
        return LineFault(self.line, f"{self.prefix}{field}", detail)


def load_contacts(text: str, *, media: Literal["csv", "json"], registry: Registry) -> list[Contact]:
    """Read every contact of a file; raises `InvalidContacts` with every fault when there is one.

    JSON is `{"contacts": [...]}`. CSV has the same names as columns, `webhook` being the URL; commas, semicolons or
    tabs between them; booleans true, false, 1, 0, yes or no. A byte order mark is skipped.
    """
    if len(text) > LARGEST:
        raise InvalidContacts((LineFault(1, "", f"the file is larger than {LARGEST} characters"),))
    faults: list[LineFault] = []
    read = _csv_entries if media == "csv" else _json_entries
    contacts: list[tuple[_Entry, Contact]] = []
    for entry in read(text.removeprefix("\ufeff"), faults):
        # The entry is bound now: the loop moves on before the next call.
        def blame(field: str, detail: str, entry: _Entry = entry) -> None:
            in_json = field == FORMAT_FIELD and entry.prefix
            faults.append(entry.fault("webhook/format" if in_json else field, detail))

        contact = contact_from(entry.fields, registry, blame)
        if contact is not None:
            contacts.append((entry, contact))
    _find_doubles(contacts, faults)
    if faults:
        raise InvalidContacts(tuple(sorted(faults, key=lambda fault: fault.line)))
    return [contact for _, contact in contacts]


def _find_doubles(contacts: list[tuple[_Entry, Contact]], faults: list[LineFault]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for entry, contact in contacts:
        addressee = contact.state or contact.organization or ""
        keys = {
            "email": (addressee.casefold(), contact.role, contact.email.casefold()),
            "id": (contact.id,),
        }
        field = next((field for field, key in keys.items() if key in seen), None)
        if field is not None:
            faults.append(entry.fault(field, f"stands already on line {seen[keys[field]]}"))
        for key in keys.values():
            seen.setdefault(key, entry.line)


def _csv_entries(text: str, faults: list[LineFault]) -> Iterator[_Entry]:
    rows = _csv_rows(text, faults)
    header = next(rows, None)
    if header is None:
        if not faults:
            faults.append(LineFault(1, "", "the file is empty; its first line names the columns"))
        return
    columns = [name.strip().lower() for name in _without_empty_end(header[1])]
    problems = _header_faults(header[0], columns)
    faults.extend(problems)
    if problems:
        return
    for line, cells in rows:
        if len(cells) < len(columns) or any(cell.strip() for cell in cells[len(columns) :]):
            detail = f"has {len(cells)} cells where the first line names {len(columns)} columns"
            faults.append(LineFault(line, "", detail))
            continue
        given = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
        yield _Entry(line, "", {name: _csv_value(name, cell) for name, cell in given.items()})


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _csv_value(name: str, cell: str) -> object:
    return _YES_OR_NO.get(cell.lower(), cell) if name in ("duty", "unannounced_exercises") else cell


def _csv_rows(text: str, faults: list[LineFault]) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not empty, with the line on which it begins."""
    first_line = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        faults.append(LineFault(line, "", f"cannot be read as CSV from here on: {error}"))


def _header_faults(line: int, columns: list[str]) -> list[LineFault]:
    known = ", ".join(FIELDS)
    unknown = [name for name in dict.fromkeys(columns) if name not in FIELDS]
    doubled = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    missing = [name for name in NEEDED if name not in columns]
    return [
        *(LineFault(line, name or '""', f"is no column; the columns are {known}") for name in unknown),
        *(LineFault(line, name, "is named twice") for name in doubled if name in FIELDS),
        *(LineFault(line, name, "is a needed column") for name in missing),
    ]


def _json_entries(text: str, faults: list[LineFault]) -> Iterator[_Entry]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        faults.append(LineFault(error.lineno, "", f"is no JSON: {error.msg} (column {error.colno})"))
        return
    except (ValueError, RecursionError):
        faults.append(LineFault(1, "", "is no JSON that can be read: a number or a nesting is too large"))
        return
    if not isinstance(document, dict) or not isinstance(document.get("contacts"), list):
        faults.append(LineFault(1, "", 'must be {"contacts": [...]}'))
        return
    for name in sorted(document.keys() - {"contacts"}):
        faults.append(LineFault(1, f"/{_escaped(name)}", 'is unknown here; the only name is "contacts"'))
    lines = _element_lines(text, len(document["contacts"]))
    for index, (line, element) in enumerate(zip(lines, document["contacts"], strict=True)):
        if isinstance(element, dict):
            prefix = f"/contacts/{index}/"
            yield _Entry(line, prefix, _json_fields(_Entry(line, prefix, element), faults))
        else:
            faults.append(LineFault(line, f"/contacts/{index}", "must be an object with the fields of a contact"))


def _json_fields(entry: _Entry, faults: list[LineFault]) -> dict[str, object]:
    """Take the URL out of the webhook and escape odd names; null says the same as absent."""
    fields: dict[str, object] = {_escaped(name): value for name, value in entry.fields.items() if value is not None}
    if fields.pop(FORMAT_FIELD, None) is not None:
        faults.append(entry.fault(FORMAT_FIELD, "stands in JSON inside the webhook, as its format"))
    webhook = fields.get("webhook")
    if webhook is None:
        return fields
    endpoint = endpoint_fields(webhook)
    if endpoint is not None:
        return {**fields, **endpoint}
    del fields["webhook"]
    faults.append(entry.fault("webhook", WANTED))
    return fields


def _escaped(name: str) -> str:
    shown = name[:100].encode("utf-8", "backslashreplace").decode()
    return shown.replace("~", "~0").replace("/", "~1")


def _element_lines(text: str, count: int) -> list[int]:
    """Say on which line each element of `contacts` begins; where that cannot be told, line 1."""
    start = re.match(r'\s*\{\s*"contacts"\s*:\s*\[', text)
    if start is None:
        return [1] * count
    decoder, gap = json.JSONDecoder(), re.compile(r"[\s,]*")
    lines, line, place = [], 1, 0
    end = start.end()
    for _ in range(count):
        begin = found.end() if (found := gap.match(text, end)) else end
        line += text.count("\n", place, begin)
        lines.append(line)
        place = begin
        try:
            _, end = decoder.raw_decode(text, begin)
        except ValueError:
            # The file names "contacts" twice, and the last one counts.
            return [1] * count
    return lines
