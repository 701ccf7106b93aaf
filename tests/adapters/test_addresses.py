"""Database addresses: one host or several, accounts with special characters, the service and the migrations alike."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from adapters.database.addresses import WrongAddress, read_address
from adapters.database.engine import async_url, create_engine
from adapters.database.migrating import SchemaState, schema_state
from adapters.settings import load_settings
from tests.databases import TEMPLATE, plain_database
from tests.postgresql import Server, free_port

SEVERAL = "postgresql://a17:pw@db1.example:5432,db2.example:5433/cases?target_session_attrs=read-write"


def options(url: str) -> dict[str, Any]:
    """Give what the driver is called with."""
    _, found = create_engine(url, write=True).dialect.create_connect_args(async_url(url))
    return dict(found)


def test_several_hosts_reach_the_driver_in_their_order() -> None:
    found = options(SEVERAL)
    assert (found["host"], found["port"]) == ("db1.example,db2.example", "5432,5433")
    assert (found["user"], found["password"], found["dbname"]) == ("a17", "pw", "cases")
    assert found["target_session_attrs"] == "read-write"


def test_a_host_without_a_port_has_the_usual_one() -> None:
    found = options("postgresql+psycopg://a17@db1,db2:6000,db3/cases")
    assert (found["host"], found["port"]) == ("db1,db2,db3", "5432,6000,5432")
    assert "password" not in found


def test_addresses_of_version_6_stand_in_brackets() -> None:
    found = options("postgresql://a17@[2001:db8::1]:5432,[2001:db8::2],127.0.0.1:5433/cases")
    assert (found["host"], found["port"]) == ("2001:db8::1,2001:db8::2,127.0.0.1", "5432,5432,5433")


@pytest.mark.parametrize("hosts", ["db1:5432", "db1:5432,db2:5433"])
@pytest.mark.parametrize("password", ["p@ss:w/rd,?#%&=+ é[]", "plain", "a,b:c@d"])
def test_passwords_with_special_characters_stay_right(hosts: str, password: str) -> None:
    from urllib.parse import quote

    found = options(f"postgresql://us%40er:{quote(password, safe='')}@{hosts}/cases?sslmode=require")
    assert (found["user"], found["password"], found["dbname"]) == ("us@er", password, "cases")
    assert found["sslmode"] == "require"


def test_commas_and_slashes_of_a_password_as_it_was_made_are_no_hosts() -> None:
    assert options("postgresql://a17:a,b+c/d@db1/cases")["password"] == "a,b+c/d"
    found = options("postgresql://a17:a,b+c/d@db1,db2:1/cases")
    assert (found["password"], found["host"], found["port"]) == ("a,b+c/d", "db1,db2", "5432,1")


def test_what_the_driver_is_called_with_is_what_libpq_reads_of_the_same_address() -> None:
    libpq = psycopg.conninfo.conninfo_to_dict("postgresql://us%40er:p%2C%40w@h1:5432,[::1]:5433/cases")
    found = options("postgresql://us%40er:p%2C%40w@h1:5432,[::1]:5433/cases")
    assert {name: found[name] for name in libpq} == libpq


def test_a_dead_server_is_not_waited_for_unless_the_address_says_so() -> None:
    assert options(SEVERAL)["connect_timeout"] == "5"
    assert options(f"{SEVERAL}&connect_timeout=30")["connect_timeout"] == "30"
    assert "connect_timeout" not in options("sqlite:///cases.sqlite")


@pytest.mark.parametrize(
    "wrong", ["postgresql://a17:geheim@db1:x,db2/c", "postgresql://a17:geheim@db1:x/c", "geheim", "postgresql:/geheim"]
)
def test_an_address_that_cannot_be_read_is_named_without_its_password(wrong: str) -> None:
    with pytest.raises(WrongAddress) as refused:
        read_address(wrong)
    assert str(refused.value).startswith("ARTICLE17_DATABASE_URL: ")
    assert "geheim" not in str(refused.value)


def test_the_settings_take_several_hosts() -> None:
    settings = load_settings({"ARTICLE17_DATABASE_URL": SEVERAL})
    assert settings.database_url.get_secret_value() == SEVERAL


@pytest.mark.parametrize("dead", ["127.0.0.1", "[::1]"])
async def test_a_dead_host_is_passed_over_by_the_service_and_by_the_migrations(postgresql: Server, dead: str) -> None:
    hosts = f"{dead}:{free_port()},127.0.0.1:{postgresql.port}"
    url = f"postgresql://article17:p%40%2Cw@{hosts}/{TEMPLATE}?target_session_attrs=read-write"
    assert schema_state(url) is SchemaState.CURRENT
    database = plain_database(url)
    async with database.read() as work:
        assert await work.accounts.all() == []
    await database.close()


async def test_a_host_that_takes_no_writes_is_passed_over(postgresql: Server) -> None:
    postgresql.run(f"CREATE DATABASE only_read TEMPLATE {TEMPLATE}")
    postgresql.run("ALTER DATABASE only_read SET default_transaction_read_only = on")
    here = f"127.0.0.1:{postgresql.port}"
    url = f"postgresql://article17@{here},{here}/only_read?target_session_attrs=read-write"
    with pytest.raises(sa.exc.OperationalError, match="read-only"):
        schema_state(url)
    assert schema_state(url.replace("read-write", "any")) is SchemaState.CURRENT
    postgresql.run("DROP DATABASE only_read WITH (FORCE)")
