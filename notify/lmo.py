"""Reads OECD unique identifiers of LMOs and checks their verification digit (OECD ENV/JM/MONO(2002)7/REV1)."""

from __future__ import annotations

import re

from notify.sentence import Sentence

UNIDENTIFIED = "unidentified"

_DASHES = re.compile(r"[-‐‑‒–—―−﹘﹣-]")
_ZEROS = str.maketrans("0ø∅⌀", "ØØØØ")
_STACK = re.compile(r"\s*×\s*|\s+[xX]\s+")
_FORM = re.compile(r"([A-Z0-9Ø]{2,3})-([A-Z0-9Ø]{5,6})-([0-9Ø])")


def normalise(identifier: str) -> str:
    """Write an identifier in the one form by which identifiers are compared.

    Upper case, zero as Ø, any dash as a hyphen; stacked identifiers are joined by " x ". The letter O stays O.
    """
    return " x ".join(_normalise_one(part) for part in _STACK.split(identifier.strip()))


def written_as_registered(identifier: str) -> str:
    """Write a sound identifier in its one form (zero as Ø); what does not check is left as it was handed in."""
    return identifier if check_identifier(identifier) else normalise(identifier)


def check_identifier(identifier: str) -> list[Sentence]:
    """Say what looks wrong with an identifier; an empty list when nothing does.

    These are warnings only: real documents carry misprints and unassigned codes.
    """
    warnings = []
    for part in normalise(identifier).split(" x "):
        warning = _check_one(part)
        if warning is not None:
            warnings.append(warning)
    return warnings


def verification_digit(characters: str) -> str:
    """Compute the digit that belongs behind the applicant and event codes; hyphens do not count.

    Digits count as they are, Ø as 0, letters as A = 1 to Z = 26; digits of the sum are added until one is left.
    """
    total = sum(_value(character) for character in characters if character != "-")
    while total > 9:
        total = sum(int(digit) for digit in str(total))
    return "Ø" if total == 0 else str(total)


def _normalise_one(identifier: str) -> str:
    dashed = _DASHES.sub("-", identifier)
    return re.sub(r"\s*-\s*", "-", dashed.strip()).translate(_ZEROS).upper()


def _check_one(identifier: str) -> Sentence | None:
    form = _FORM.fullmatch(identifier)
    if form is None or len(identifier) != len("AAA-BBBBB-C"):
        return Sentence(
            "“{identifier}” does not have the form of an OECD unique identifier: an applicant code of 2 or 3"
            " characters, an event code of 5 or 6, one verification digit, joined by hyphens, such as MON-ØØ81Ø-6.",
            {"identifier": identifier},
        )
    right = verification_digit(form[1] + form[2])
    if form[3] == right:
        return None
    return Sentence(
        "The verification digit of “{identifier}” does not fit; with the right digit it is {right}.",
        {"identifier": identifier, "right": f"{form[1]}-{form[2]}-{right}"},
    )


def _value(character: str) -> int:
    if character == "Ø":
        return 0
    return int(character) if character.isdigit() else ord(character) - ord("A") + 1
