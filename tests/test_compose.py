"""docker-compose.yml and the Dockerfile name only commands, ports, variables and files that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
import yaml

from adapters.cli import main
from adapters.settings import load_settings, variable_names

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

each_of_ours = pytest.mark.parametrize("name", OURS)


def parse(arguments: list[str]) -> tuple[str, dict[str, Any]]:
    """Parse the arguments of `article17` as the command line does, without running the command."""
    command: click.Command = main
    context = click.Context(main, info_name="article17")
    while isinstance(command, click.Group):
        name, found, arguments = command.resolve_command(context, arguments)
        assert found is not None, f"there is no command {name}"
        command, context = found, click.Context(found, info_name=name, parent=context)
    with command.make_context(context.info_name, arguments, parent=context.parent) as parsed:
        return command.name or "", parsed.params


def published(service: dict[str, Any]) -> dict[int, int]:
    """Map each port inside the container to the one on the machine."""
    pairs = (str(port).rsplit(":", 2)[-2:] for port in service.get("ports", ()))
    return {int(inside): int(outside) for outside, inside in pairs}


@each_of_ours
def test_each_command_and_option_exists(name: str) -> None:
    program, *arguments = OURS[name]["command"]
    assert program == "article17"
    assert parse(arguments)[0] == arguments[0]


def test_a_command_that_does_not_exist_is_found() -> None:
    with pytest.raises(click.UsageError):
        parse(["serve", "--no-such-option"])
    with pytest.raises(click.UsageError):
        parse(["no-such-command"])


@each_of_ours
def test_each_variable_exists_and_its_value_is_accepted(name: str) -> None:
    environment = {variable: str(value) for variable, value in OURS[name]["environment"].items()}
    assert set(environment) - variable_names() == set()
    assert load_settings(environment).smtp_host in SERVICES


def test_the_ports_of_the_service_agree() -> None:
    service = OURS["article17"]
    _, parameters = parse(service["command"][1:])
    port = parameters["port"]
    assert parameters["host"] == "0.0.0.0"
    assert published(service)[port] == urlsplit(service["environment"]["ARTICLE17_PUBLIC_URL"]).port
    assert f"127.0.0.1:{port}/" in " ".join(service["healthcheck"]["test"])
    assert re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, flags=re.MULTILINE) == [str(port)]


def test_mails_go_to_the_port_that_the_catcher_listens_on() -> None:
    environment = OURS["article17"]["environment"]
    assert int(environment["ARTICLE17_SMTP_PORT"]) in published(SERVICES[environment["ARTICLE17_SMTP_HOST"]])


def test_every_port_is_offered_to_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_each_lasting_service_has_a_health_check_and_is_waited_for() -> None:
    lasting = {name for name, service in SERVICES.items() if service["restart"] != "no"}
    assert {name for name in lasting if "healthcheck" not in SERVICES[name]} == set()
    assert set(OURS["article17"]["depends_on"]) == set(SERVICES) - {"article17"}


@each_of_ours
def test_what_is_stored_outlives_the_container(name: str) -> None:
    folder = OURS[name]["environment"]["ARTICLE17_DATA_DIR"]
    [volume] = [entry.split(":")[0] for entry in OURS[name]["volumes"] if entry.split(":")[1] == folder]
    assert volume in COMPOSE["volumes"]
    assert f"VOLUME {folder}\n" in DOCKERFILE


def test_the_image_is_made_of_files_that_exist_and_locked_requirements() -> None:
    copied = [line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ")]
    assert [source for sources in copied for source in sources if not (ROOT / source).exists()] == []
    assert "--require-hashes -r requirements/run.txt" in DOCKERFILE


def test_the_image_runs_as_an_ordinary_user_what_exists() -> None:
    user = re.findall(r"^USER (\w+)$", DOCKERFILE, flags=re.MULTILINE)
    assert user
    assert user[-1] != "root"
    [command] = re.findall(r"^CMD \[(.*)\]$", DOCKERFILE, flags=re.MULTILINE)
    program, *arguments = shlex.split(command.replace(",", " "))
    assert program == "article17"
    assert parse(arguments)[0] == "serve"
    assert set(re.findall(r"\bARTICLE17_\w+", DOCKERFILE)) - variable_names() == set()
