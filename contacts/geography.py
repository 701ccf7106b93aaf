"""Knows which States share a land border, a river basin, a lake or a sea, and the regional bodies they are in."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

EUROPEAN_UNION = "European Union"


class WaterKind(StrEnum):
    """What kind of water States share."""

    RIVER = "river"
    LAKE = "lake"
    SEA = "sea"


@dataclass(frozen=True, slots=True)
class Basin:
    """One river basin, lake or sea, and the States on it."""

    name: str
    kind: WaterKind
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Geography:
    """Facts for suggestions; codes are of ISO 3166-1 alpha-2, also of places that are no State."""

    borders: Mapping[str, frozenset[str]]
    basins: tuple[Basin, ...]
    bodies: Mapping[str, frozenset[str]]

    def neighbours(self, code: str) -> frozenset[str]:
        """Give the codes that share a land border with this one."""
        return self.borders.get(code, frozenset())

    def waters(self, code: str) -> tuple[Basin, ...]:
        """Give the basins, lakes and seas that touch this code."""
        return tuple(basin for basin in self.basins if code in basin.codes)

    def bodies_of(self, code: str) -> tuple[str, ...]:
        """Give the regional bodies that this State is in."""
        return tuple(name for name, codes in self.bodies.items() if code in codes)

    @property
    def european_union(self) -> frozenset[str]:
        """Give the codes of the States of the European Union."""
        return self.bodies[EUROPEAN_UNION]


@cache
def load_geography() -> Geography:
    """Read borders.csv, basins.csv and regional_bodies.csv, whose first lines name their sources."""
    borders: dict[str, set[str]] = {}
    for row in _rows("borders.csv"):
        borders.setdefault(row["code"], set()).add(row["other"])
        borders.setdefault(row["other"], set()).add(row["code"])
    return Geography(
        borders={code: frozenset(others) for code, others in sorted(borders.items())},
        basins=tuple(
            Basin(row["name"], WaterKind(row["kind"]), frozenset(row["codes"].split())) for row in _rows("basins.csv")
        ),
        bodies={row["name"]: frozenset(row["codes"].split()) for row in _rows("regional_bodies.csv")},
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("contacts").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
