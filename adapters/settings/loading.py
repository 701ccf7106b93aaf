"""Reads the settings from ARTICLE17_ variables, or secrets from the files that variables name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters.settings.model import PREFIX, SECRET_FIELDS, Settings
from notify.errors import Article17Error

FILE_SUFFIX = "_FILE"


class InvalidSettings(Article17Error):
    """Variables of the environment have faults; each begins with the name of its variable."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def variable(field: str) -> str:
    """Name the environment variable of a field."""
    return PREFIX + field.upper()


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read all settings; an empty variable counts as not set.

    Raises InvalidSettings with every fault at once; no fault repeats a value, as it may be a secret.
    """
    values: dict[str, str] = {}
    faults: list[str] = []
    for field in Settings.model_fields:
        try:
            text = _read(environ, field)
        except InvalidSettings as error:
            faults.extend(error.faults)
        else:
            if text:
                values[field] = text
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        faults.extend(_faults(error))
    if faults:
        raise InvalidSettings(faults)
    return settings


def _read(environ: Mapping[str, str], field: str) -> str:
    """Take the text of one variable, or of the file named by its twin that ends in _FILE."""
    name = variable(field)
    text = environ.get(name, "").strip()
    path = environ.get(name + FILE_SUFFIX, "").strip() if field in SECRET_FIELDS else ""
    if not path:
        return text
    if text:
        raise InvalidSettings([f"{name}: set either this or {name}{FILE_SUFFIX}, not both"])
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidSettings([f"{name}{FILE_SUFFIX}: {path} cannot be read: {reason}"]) from error


def _faults(error: ValidationError) -> list[str]:
    """Write the faults found by pydantic as sentences, one for each variable and reason."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    # A default that depends on another setting is not a fault of its own when that other one is wrong.
    named = [_fault(detail) for detail in details if detail["type"] != "default_factory_not_called"]
    return list(dict.fromkeys(named))


def _fault(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    return f"{variable(str(detail['loc'][0]))}: {message[:1].lower()}{message[1:]}"
