"""Draws response-time curves as plain text: the share that was met over time, on a logarithmic axis of time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from adapters.cli.terminal import plain
from notify.statistics import Curve, duration_text, share_text

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_MARGIN = 6
_TICKS = (1, 10, 60, 600, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000, 31_536_000)
_LEAST_WIDTH = 30
_LEAST_HEIGHT = 2


def picture(
    curves: Sequence[Curve], *, targets: Mapping[str, float] | None = None, width: int = 78, height: int = 5
) -> str:
    """Draw the curves one below the other, all on one axis of time, so that they can be compared.

    `targets`: seconds by the name of a curve, marked under it with ▲. What is open keeps a curve below the top line.
    `width`, `height`: characters of the whole line, and lines of each curve.
    """
    drawn = [curve for curve in curves if curve.n]
    if not drawn:
        return "No response times."
    marks = targets or {}
    columns = max(width, _LEAST_WIDTH) - _MARGIN
    axis = _Axis.over([p.seconds for c in drawn for p in c.points], [marks[c.name] for c in drawn if c.name in marks])
    lines: list[str] = []
    for curve in drawn:
        lines += [_title(curve, marks.get(curve.name)), *_area(curve, axis, columns, max(height, _LEAST_HEIGHT))]
        lines += _target_line(marks.get(curve.name), axis, columns)
    return "\n".join([*lines, *axis.lines(columns)])


class _Axis:
    """A logarithmic axis of time between two numbers of seconds."""

    def __init__(self, least: float, most: float) -> None:
        self._least, self._most = math.log(least), math.log(most)

    @classmethod
    def over(cls, times: Sequence[float], targets: Sequence[float]) -> _Axis:
        known = [max(seconds, 1.0) for seconds in (*times, *targets)] or [1.0]
        least = max((tick for tick in _TICKS if tick <= min(known)), default=_TICKS[0])
        most = min((tick for tick in _TICKS if tick > max(known)), default=max(known) * 2)
        return cls(least, most)

    def seconds(self, place: float) -> float:
        """Give the time at a place from 0 to 1."""
        return math.exp(self._least + (self._most - self._least) * place)

    def column(self, seconds: float, columns: int) -> int:
        """Give the first column that has reached this time."""
        place = (math.log(max(seconds, 1.0)) - self._least) / (self._most - self._least)
        return min(max(math.ceil(place * (columns - 1) - 1e-9), 0), columns - 1)

    def lines(self, columns: int) -> list[str]:
        """Draw the axis and the times under it, as many as there is room for."""
        ruler, names = ["─"] * columns, [" "] * (columns + 8)
        free_from = 0
        for tick in _TICKS:
            if not math.exp(self._least) * 0.999 <= tick <= math.exp(self._most) * 1.001:
                continue
            column, name = self.column(tick, columns), duration_text(tick)
            ruler[column] = "┬"
            if column >= free_from:
                names[column : column + len(name)] = name
                free_from = column + len(name) + 1
        margin = " " * (_MARGIN - 1)
        return [f"{margin}└{''.join(ruler)}", f"{margin} {''.join(names)}".rstrip()]


def _title(curve: Curve, target: float | None) -> str:
    title = f"{plain(curve.name)}  n {curve.n}"
    if target is not None:
        title += f"  {share_text(curve.share_at(target))} within {duration_text(target)}"
    reached = curve.points[-1].share if curve.points else 0.0
    return f"{title}  {share_text(1 - reached)} open" if reached < 1 else title


def _area(curve: Curve, axis: _Axis, columns: int, height: int) -> list[str]:
    levels = [round(share * height * 8) for share in _shares(curve, axis, columns)]
    lines = []
    for row in range(height - 1, -1, -1):
        cells = "".join(_EIGHTHS[min(max(level - row * 8, 0), 8)] for level in levels)
        name = "100 %" if row == height - 1 else "  0 %" if row == 0 else ""
        lines.append(f"{name:<{_MARGIN - 1}}│{cells}".rstrip())
    return lines


def _shares(curve: Curve, axis: _Axis, columns: int) -> list[float]:
    shares = [0.0] * columns
    for point in curve.points:
        shares[axis.column(point.seconds, columns)] = point.share
    reached = 0.0
    for column, share in enumerate(shares):
        reached = shares[column] = max(reached, share)
    return shares


def _target_line(target: float | None, axis: _Axis, columns: int) -> list[str]:
    if target is None:
        return []
    return [" " * _MARGIN + " " * axis.column(target, columns) + "▲"]
