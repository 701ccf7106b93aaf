"""Writes the health of the network of contacts as rows: designated, confirmed, with alternate, telephone, bounced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contacts.readiness import NetworkReadiness, Readiness
from notify.statistics.facts import EUROPEAN_UNION

_FIGURES = ("designated", "confirmed", "with_alternate", "with_telephone", "bounced", "complete", "reachable")


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One figure of one group: how many of its States, out of how many."""

    group: str
    figure: str
    states: int
    n: int

    @property
    def share(self) -> float | None:
        """The share from 0 to 1, or None for an empty group."""
        return self.states / self.n if self.n else None


def network_rows(network: NetworkReadiness) -> tuple[NetworkRow, ...]:
    """List every figure: of all States, of the Parties, of each UN regional group, of the EU in a row of its own."""
    groups: list[tuple[str, Readiness]] = [("States", network.states), ("Parties", network.parties)]
    groups += [*network.regions.items(), (EUROPEAN_UNION, network.european_union)]
    return tuple(row for group, counted in groups for row in _rows(group, counted))


def _rows(group: str, counted: Readiness) -> Iterator[NetworkRow]:
    for figure in _FIGURES:
        yield NetworkRow(group, figure, getattr(counted, figure), counted.total)
