"""Writes docs/settings.md from the settings themselves, so that the page cannot lag behind."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

from annotated_types import Ge, Gt, Le
from pydantic import FilePath, SecretStr
from pydantic.fields import FieldInfo

from adapters.settings.forms import Command, DatabaseAddress, MailAddress, Networks, Origin, Secrets, WebAddress
from adapters.settings.loading import FILE_SUFFIX, variable
from adapters.settings.mail import DomainName, Paces, RelayAddresses
from adapters.settings.model import SECRET_FIELDS, Settings

_OPENING = """\
# Settings

The service reads its options from environment variables. A variable set to nothing counts as not set.
A list is written with commas. Where the name of a file is offered (`…_FILE`), the value may stand in that
file instead, which keeps a secret out of the environment; set one of the two.

This page is made from the code by `make docs`.

| variable | type | default | what it is for |
|---|---|---|---|
"""

_KINDS: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Path: "path",
    FilePath: "path of a file",
    WebAddress: "web address",
    Origin: "web address without a path",
    MailAddress: "e-mail address",
    SecretStr: "secret",
    DatabaseAddress: "database address",
    Secrets: "list of secrets",
    Command: "command",
    Networks: "list of networks, like `10.0.0.0/8`",
    DomainName: "domain",
    RelayAddresses: "list of addresses, like `smtp://name:password@relay.example.org:587`",
    Paces: "list, like `example.org=4, example.net=30/min`",
}


def settings_page() -> str:
    """Write the page of all settings as Markdown."""
    return _OPENING + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def variable_names() -> frozenset[str]:
    """Name every variable that the service reads, with the twins of secrets that name a file."""
    plain = {variable(field) for field in Settings.model_fields}
    return frozenset(plain | {variable(field) + FILE_SUFFIX for field in SECRET_FIELDS})


def _row(name: str, field: FieldInfo) -> str:
    names = f"`{variable(name)}`"
    if name in SECRET_FIELDS:
        names += f", `{variable(name)}{FILE_SUFFIX}`"
    return f"| {names} | {_kind(name, field)} | {_default(field)} | {field.description} |\n"


def _kind(name: str, field: FieldInfo) -> str:
    """Say in words what a value looks like."""
    hint = get_type_hints(Settings, include_extras=True)[name]
    # `X | None` only says that there is no default.
    shape = next((part for part in (hint, *get_args(hint)) if part in _KINDS), hint)
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return ", ".join(f"`{choice}`" for choice in shape)
    return _KINDS[shape] + _range(field)


def _range(field: FieldInfo) -> str:
    bounds = [*(f"at least {b.ge}" for b in field.metadata if isinstance(b, Ge))]
    bounds += [f"more than {b.gt}" for b in field.metadata if isinstance(b, Gt)]
    bounds += [f"at most {b.le}" for b in field.metadata if isinstance(b, Le)]
    return ", " + " and ".join(bounds) if bounds else ""


def _default(field: FieldInfo) -> str:
    """Say what holds when the variable is not set."""
    if isinstance(field.json_schema_extra, dict):
        return str(field.json_schema_extra["default_in_words"])
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default}`" if field.default not in (None, ()) else "none"
