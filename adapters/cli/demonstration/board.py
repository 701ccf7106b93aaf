"""Draws the live view of the demonstration: one line for each State, the deliveries, and the simulated clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from adapters.cli.demonstration.chronicle import moment
from adapters.cli.demonstration.parts import Role
from adapters.cli.demonstration.story import Line, Story, Tally
from contacts.registry import Registry
from notify.ports import Clock

_LINES_AROUND = 10
_WIDE = 108
_LONGEST_NAME = 26
_COLUMNS = {"State": 2, "Part": 19, "Receipt": 10, "Last step": 11, "E-mail": 14, "Webhook": 14}
"""The columns with the widths at which nothing in them is cut: together they fit 80 characters, without Part 60."""
_NARROW = 80


class Board:
    """The live view as it stands; `draw` gives it for a terminal of some size."""

    def __init__(
        self, heading: str, story: Story, *, registry: Registry, roles: Mapping[str, Role], clock: Clock
    ) -> None:
        self._heading = heading
        self._story = story
        self._registry = registry
        self._roles = roles
        self._clock = clock
        self._began_at = clock.now()
        self.last_words: list[str] = []

    def draw(self, width: int, height: int) -> RenderableType:
        """Draw everything; where the States do not fit, those whose ladder has ended give way."""
        parts: list[RenderableType] = [Text(self._heading, style="bold cyan", no_wrap=True), self._time()]
        parts += [self._lines(max(3, height - _LINES_AROUND), width), self._progress(width)]
        parts += [Text(words, style="dim", no_wrap=True, overflow="ellipsis") for words in self.last_words[-3:]]
        return Group(*parts)

    def _time(self) -> Text:
        now = self._clock.now()
        elapsed = now - self._began_at
        hours, minutes = divmod(int(elapsed.total_seconds()) // 60, 60)
        text = Text("Simulated time ", style="dim")
        text.append(f"{moment(now)} UTC", style="bold")
        text.append(f"   {hours} h {minutes:02d} min after the report", style="dim")
        return text

    def _lines(self, room: int, width: int) -> Table:
        table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
        for name, least in _COLUMNS.items():
            if name != "Part" or width >= _NARROW:
                table.add_column(name, no_wrap=True, overflow="ellipsis", min_width=least)
        lines = self._story.states
        shown = self._most_telling(lines, room)
        for line in shown:
            table.add_row(*self._cells(line, width))
        if len(shown) < len(lines):
            table.add_row("…", f"{len(lines) - len(shown)} more States", style="dim")
        if not lines:
            table.add_row("–", "no State but the filer's own is addressed", style="dim")
        return table

    def _cells(self, line: Line, width: int) -> list[str | Text]:
        name = f"{line.code} {self._registry.name(line.code)[:_LONGEST_NAME]}" if width >= _WIDE else line.code
        part = self._roles[line.code].part.value if line.code in self._roles else ""
        steps = line.step.replace("_", " ") or ("notified" if line.mails.queued else "–")
        told: list[str | Text] = [receipt(line), steps, tally(line.mails), tally(line.webhooks)]
        return [name, part, *told] if width >= _NARROW else [name, *told]

    @staticmethod
    def _most_telling(lines: Sequence[Line], room: int) -> list[Line]:
        if len(lines) <= room:
            return list(lines)
        ended_last = sorted(lines, key=lambda line: line.ended)
        kept = {line.code for line in ended_last[: room - 1]}
        return [line for line in lines if line.code in kept]

    def _progress(self, width: int) -> Table:
        table = Table(box=None, padding=(0, 1, 0, 0))
        for name, counted in (("Mails", self._story.mails), ("Webhooks", self._story.webhooks)):
            settled = counted.arrived + counted.failed
            bar = ProgressBar(total=max(1, counted.queued), completed=settled, width=max(10, width // 4))
            table.add_row(name, bar, str(counted))
        table.add_row("Tasks", "", f"{self._story.tasks} raised")
        return table


def receipt(line: Line) -> Text:
    """Say how far a State has answered."""
    if line.grade is not None:
        return Text("late" if line.late else line.grade, style="yellow" if line.late else "green")
    return Text("no receipt", style="red") if line.no_receipt else Text("waiting", style="dim")


def tally(counted: Tally) -> Text:
    """Say how many messages arrived."""
    troubled = counted.failed or counted.delayed
    return Text(str(counted), style="yellow" if troubled else "")
