"""Draws lines on two logarithmic axes as an SVG file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, PANEL = 860, 400, 60, 60, 70, 360
COLOURS = ("#0b5394", "#b45f06", "#38761d", "#741b47", "#444444")
DASHES = ("", "6 3", "2 3", "9 3 2 3", "1 4")
_TEXT = '<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def draw(result: dict[str, Any], names: Sequence[str], path: Path) -> None:
    """Draw one panel for each database: milliseconds over cases, one line for each step."""
    top = max(max(result[kind][name]) for kind in ("sqlite", "postgresql") for name in names)
    highest = max(1, math.ceil(math.log10(top)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="12">',
        "<title>Milliseconds of each step over the number of cases in the database</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for place, (kind, title) in enumerate((("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))):
        panel = _Panel(LEFT + place * (PANEL + 60), result["cases"], highest)
        parts += panel.frame(f"{title}: milliseconds, by cases stored")
        for number, name in enumerate(names):
            parts += panel.line(result[kind][name], number)
    parts += _legend(names)
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


class _Panel:
    def __init__(self, left: int, cases: Sequence[int], highest: int) -> None:
        self._left, self._cases, self._highest = left, cases, highest

    def _x(self, cases: float) -> float:
        low, high = math.log10(self._cases[0]), math.log10(self._cases[-1])
        return self._left + (math.log10(cases) - low) / (high - low) * (PANEL - 20)

    def _y(self, milliseconds: float) -> float:
        part = (math.log10(max(milliseconds, 0.1)) + 1) / (self._highest + 1)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)

    def frame(self, title: str) -> list[str]:
        parts = [_TEXT.format(x=self._left, y=TOP - 25, anchor="start", text=escape(title))]
        for power in range(-1, self._highest + 1):
            y, end = self._y(10**power), self._left + PANEL - 20
            parts.append(f'<path d="M{self._left} {y:.1f}H{end}" stroke="#dddddd"/>')
            parts.append(_TEXT.format(x=self._left - 6, y=y + 4, anchor="end", text=f"{10.0**power:g}"))
        for cases in self._cases:
            parts.append(_TEXT.format(x=self._x(cases), y=HEIGHT - BOTTOM + 18, anchor="middle", text=f"{cases:,}"))
        return parts

    def line(self, values: Sequence[float], number: int) -> list[str]:
        points = [f"{self._x(c):.1f} {self._y(v):.1f}" for c, v in zip(self._cases, values, strict=True)]
        return [f'<path d="M{"L".join(points)}" fill="none" {_stroke(number)}/>']


def _stroke(number: int) -> str:
    return f'stroke="{COLOURS[number]}" stroke-width="2" stroke-dasharray="{DASHES[number]}"'


def _legend(names: Sequence[str]) -> list[str]:
    parts = []
    for number, name in enumerate(names):
        x = LEFT + number * 150
        parts.append(f'<path d="M{x} {HEIGHT - 22}h28" {_stroke(number)}/>')
        parts.append(_TEXT.format(x=x + 34, y=HEIGHT - 18, anchor="start", text=escape(name.partition("_")[0])))
    return parts
