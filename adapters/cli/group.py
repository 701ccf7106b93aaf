"""Holds all commands in the order of their use, and loads the demonstration only when it runs."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import Any

import click

from adapters.cli.terminal import JSON_WANTED, print_json, wants_json

DEMO = "demo"
DEMO_HELP = "Play one real report through, on this machine alone."


# Lines on commands are wrapped, never cut.
_WHOLE_SENTENCE = 200


class CommandGroup(click.Group):
    """A group whose help gives the whole first sentence on each command, in the order of use."""

    def list_commands(self, context: click.Context) -> list[str]:
        """List the commands in the order in which they were added."""
        return [*self.commands]

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands with a sentence on each."""
        with formatter.section("Commands"):
            formatter.write_dl(self.sentences())

    def sentences(self) -> list[tuple[str, str]]:
        """Give the name of each command with a sentence on it."""
        return [(name, command.get_short_help_str(_WHOLE_SENTENCE)) for name, command in self.commands.items()]


def _give_up_output() -> None:
    """Send what is left in the buffer nowhere, or Python tries again at its end and complains."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class CommandLine(CommandGroup):
    """The group of all commands."""

    def list_commands(self, context: click.Context) -> list[str]:
        """List the commands in the order of their use."""
        return [DEMO, *super().list_commands(context)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Find a command; the demonstration is imported here, so that no other command waits for it."""
        if name != DEMO:
            return super().get_command(context, name)
        from adapters.cli.demonstration import demo

        return demo

    def sentences(self) -> list[tuple[str, str]]:
        """Give the name of each command with a sentence on it, without importing the demonstration."""
        return [(DEMO, DEMO_HELP), *super().sentences()]

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Note before anything can go wrong whether JSON is wanted, so that faults are told in it too."""
        context.meta[JSON_WANTED] = "--json" in arguments
        return super().parse_args(context, arguments)

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the program; what the output cannot take ends it with one line, and never with a traceback."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            try:
                return super().main(*arguments, **options)
            finally:
                sys.stdout.flush()
        except OSError as error:
            _give_up_output()
            if error.errno != errno.EPIPE:
                with suppress(OSError):
                    click.echo(f"article17: the output cannot be written: {error.strerror or error}", err=True)
            sys.exit(1)

    def invoke(self, context: click.Context) -> Any:
        """Run the command; wrong usage is told in JSON too, where that is wanted."""
        try:
            return super().invoke(context)
        except click.UsageError as error:
            if wants_json():
                print_json({"error": error.format_message()})
            raise
