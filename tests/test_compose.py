"""The compose files and the Dockerfile name only commands, ports, variables and files that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click
import pytest
import yaml

from adapters.cli import main
from adapters.database.engine import async_url
from adapters.settings import load_settings, variable_names

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED, SEVERAL = "docker-compose.sqlite.yml", "docker-compose.yml"
FILES: dict[str, dict[str, Any]] = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in ROOT.glob("docker-compose*.yml")
}
WEB = {EMBEDDED: "article17", SEVERAL: "web"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


class Ours(NamedTuple):
    """One of our own processes in a file."""

    file: str
    name: str

    @property
    def service(self) -> dict[str, Any]:
        found: dict[str, Any] = FILES[self.file]["services"][self.name]
        return found

    @property
    def environment(self) -> dict[str, str]:
        return {variable: str(value) for variable, value in self.service["environment"].items()}


OURS = [
    Ours(file, name)
    for file, document in FILES.items()
    for name, each in document["services"].items()
    if "build" in each
]

each_file = pytest.mark.parametrize("file", FILES)
each_of_ours = pytest.mark.parametrize("ours", OURS, ids="/".join)


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


def test_both_ways_to_run_have_their_file() -> None:
    assert set(FILES) == {EMBEDDED, SEVERAL}


@each_of_ours
def test_each_command_and_option_exists(ours: Ours) -> None:
    program, *arguments = ours.service["command"]
    assert program == "article17"
    assert parse(arguments)[0] == arguments[0]


@each_of_ours
def test_each_health_check_of_our_own_command_exists(ours: Ours) -> None:
    kind, program, *arguments = ours.service.get("healthcheck", {}).get("test", ["CMD", "none"])
    assert kind == "CMD"
    if program == "article17":
        parse(arguments)


def test_a_command_that_does_not_exist_is_found() -> None:
    with pytest.raises(click.UsageError):
        parse(["serve", "--no-such-option"])
    with pytest.raises(click.UsageError):
        parse(["no-such-command"])


@each_of_ours
def test_each_variable_exists_and_its_value_is_accepted(ours: Ours) -> None:
    assert set(ours.environment) - variable_names() == set()
    assert load_settings(ours.environment).smtp_host in FILES[ours.file]["services"]


@each_file
def test_the_ports_of_the_service_agree(file: str) -> None:
    web = Ours(file, WEB[file])
    _, parameters = parse(web.service["command"][1:])
    port = parameters["port"]
    assert parameters["host"] == "0.0.0.0"
    assert published(web.service)[port] == urlsplit(web.environment["ARTICLE17_PUBLIC_URL"]).port
    assert f"127.0.0.1:{port}/" in " ".join(web.service["healthcheck"]["test"])
    assert re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, flags=re.MULTILINE) == [str(port)]


@each_of_ours
def test_mails_go_to_the_port_that_the_catcher_listens_on(ours: Ours) -> None:
    catcher = FILES[ours.file]["services"][ours.environment["ARTICLE17_SMTP_HOST"]]
    assert int(ours.environment["ARTICLE17_SMTP_PORT"]) in published(catcher)


@each_file
def test_every_port_is_offered_to_this_machine_only(file: str) -> None:
    ports = [port for service in FILES[file]["services"].values() for port in service.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


@each_file
def test_each_lasting_service_has_a_health_check_and_is_waited_for(file: str) -> None:
    services = FILES[file]["services"]
    lasting = {name for name, service in services.items() if service["restart"] != "no"}
    assert {name for name in lasting if "healthcheck" not in services[name]} == set()
    ours = {ours.name for ours in OURS if ours.file == file} & lasting
    for name in ours:
        assert set(services[name]["depends_on"]) == set(services) - ours
        assert {c["condition"] for c in services[name]["depends_on"].values()} <= {
            "service_healthy",
            "service_completed_successfully",
        }


@each_file
def test_what_is_stored_outlives_the_container(file: str) -> None:
    services = FILES[file]["services"]
    if file == EMBEDDED:
        holders = {name: services[name]["environment"]["ARTICLE17_DATA_DIR"] for name in ("article17", "migrate")}
        assert all(f"VOLUME {folder}\n" in DOCKERFILE for folder in holders.values())
    else:
        holders = {"postgresql": "/var/lib/postgresql/data"}
    for name, folder in holders.items():
        [volume] = [entry.split(":")[0] for entry in services[name]["volumes"] if entry.split(":")[1] == folder]
        assert volume in FILES[file]["volumes"]


def test_one_web_and_two_workers_share_one_database_and_one_key() -> None:
    ours = {each.name: each for each in OURS if each.file == SEVERAL}
    assert set(ours) == {"migrate", "web", "worker"}
    assert parse(ours["web"].service["command"][1:])[1]["no_worker"] is True
    assert parse(ours["worker"].service["command"][1:])[0] == "work"
    assert ours["worker"].service["deploy"]["replicas"] == 2
    assert len({frozenset(each.environment.items()) for each in ours.values()}) == 1
    assert len(ours["web"].environment["ARTICLE17_SECRET_KEYS"]) >= 32


def test_the_address_of_the_database_is_that_of_its_service() -> None:
    database = FILES[SEVERAL]["services"]["postgresql"]
    url = async_url(Ours(SEVERAL, "web").environment["ARTICLE17_DATABASE_URL"])
    assert (url.host, url.port) == ("postgresql", 5432)
    names = ("POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB")
    assert tuple(database["environment"][name] for name in names) == (url.username, url.password, url.database)
    assert int(database["image"].partition(":")[2]) >= 14
    assert f"--dbname={url.database}" in database["healthcheck"]["test"]


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
