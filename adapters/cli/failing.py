"""Says why a command could not be done, or what is wrong in its input, and ends it with the right status."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import click

from adapters.cli.terminal import note, print_json, wants_json
from notify.errors import Article17Error, DatabaseAway, InvalidDocument


class Finding(NamedTuple):
    """One thing that is wrong: as a line for people, and as JSON."""

    text: str
    document: Mapping[str, Any]


class _Ending(click.ClickException):
    """Ends the command: tells people on stderr, and programs on stdout where JSON is wanted."""

    def __init__(
        self, message: str, findings: Sequence[Finding] = (), *, hint: str | None = None, **more: object
    ) -> None:
        super().__init__(message)
        self.findings, self.hint, self.more = findings, hint, more
        self.json_wanted = wants_json()

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it."""
        note(f"article17: {self.message}")
        for finding in self.findings:
            note(f"  {finding.text}")
        if self.hint:
            note(f"  {self.hint}")
        if self.json_wanted:
            print_json(self._document())

    def _document(self) -> dict[str, object]:
        document: dict[str, object] = {"error": self.message}
        if self.hint:
            document["hint"] = self.hint
        if self.findings:
            document["errors"] = [finding.document for finding in self.findings]
        return document | self.more


class CannotBeDone(_Ending):
    """It could not be done, and why (status 1)."""

    exit_code = 1


class InvalidInput(_Ending):
    """The input has faults, each with its place (status 2)."""

    exit_code = 2


@contextmanager
def explained() -> Iterator[None]:
    """End a command that fails with the reason, instead of a traceback."""
    from cryptography.fernet import InvalidToken
    from sqlalchemy.exc import DBAPIError

    from adapters.database.away import reason_of

    try:
        yield
    except DatabaseAway as error:
        raise _without_database(error.reason) from error
    except Article17Error as error:
        raise _ending_of(error) from error
    except DBAPIError as error:
        raise _without_database(reason_of(error)) from error
    except InvalidToken as error:
        hint = "Add the key that was used before to the end of ARTICLE17_SECRET_KEYS."
        raise CannotBeDone("none of the secret keys opens what the database holds", hint=hint) from error
    except OSError as error:
        raise _without_file(error) from error


def _without_file(error: OSError) -> CannotBeDone:
    if error.filename is None:
        return CannotBeDone(str(error))
    refused = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
    hint = "The service writes in ARTICLE17_DATA_DIR: name a folder there that it may write in." if refused else None
    return CannotBeDone(f"{error.filename}: {(error.strerror or str(error)).lower()}", hint=hint)


def _without_database(reason: str) -> CannotBeDone:
    hint = "Look at ARTICLE17_DATABASE_URL, and try: article17 check"
    return CannotBeDone(f"the database cannot be used: {reason}", hint=hint)


def _ending_of(error: Article17Error) -> _Ending:
    if isinstance(error, InvalidDocument):
        return InvalidInput(f"the input has {counted(len(error.faults), 'fault')}", findings_of(error))
    faults = [str(fault) for fault in getattr(error, "faults", ())]
    if faults:
        # Settings and the policy file: each fault begins with its variable or its line.
        findings = [Finding(f, dict(zip(("place", "detail"), f.split(": ", 1), strict=False))) for f in faults]
        return InvalidInput(f"the settings have {counted(len(faults), 'fault')}", findings)
    problem, hint, more = getattr(error, "problem", str(error)), getattr(error, "hint", None), {}
    if hasattr(error, "id"):
        more["id"] = error.id
        problem = f"{error.id}: {problem}"
    return CannotBeDone(problem, hint=hint, **more)


def findings_of(error: InvalidDocument) -> list[Finding]:
    """Give the faults of a document, each by its JSON pointer."""
    return [
        Finding(f"{f.pointer or '/'}: {f.detail}", {"pointer": f.pointer, "detail": f.detail}) for f in error.faults
    ]


def counted(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
