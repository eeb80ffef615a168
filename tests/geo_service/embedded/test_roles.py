"""Who may do what in the cluster, and that a policy leaves the spatial index in use."""

import json
import os
import pwd
import subprocess
from collections.abc import Iterator
from importlib.resources import files

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from geo_service.embedded import Running
from geo_service.embedded.account import Account

pytestmark = pytest.mark.database

WINDOW = "SELECT count(*) FROM guarded.plot WHERE geometry && ST_MakeEnvelope(110.1, 19.1, 110.2, 19.2, 4490)"


@pytest.fixture
def guarded(cluster: Running) -> Iterator[Running]:
    """20,000 plots under a policy that lets the service see those of unit 460100."""
    owner = sa.create_engine(cluster.owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        connection.exec_driver_sql("""
            CREATE SCHEMA guarded;
            CREATE TABLE guarded.plot AS
                SELECT '460100' AS unit, ST_SetSRID(ST_MakePoint(110 + mod(n, 200) / 200.0, 19 + n / 20000.0), 4490) AS geometry
                FROM generate_series(1, 20000) AS n;
            CREATE INDEX ON guarded.plot USING gist (geometry);
            ALTER TABLE guarded.plot ENABLE ROW LEVEL SECURITY;
            CREATE POLICY jurisdiction ON guarded.plot USING (unit = (SELECT current_setting('geo.unit', true)));
            GRANT USAGE ON SCHEMA guarded TO geo_service;
            GRANT SELECT ON guarded.plot TO geo_service;
        """)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE guarded.plot")
    yield cluster
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA guarded CASCADE")


def test_a_window_under_a_policy_is_answered_from_the_index(guarded: Running) -> None:
    engine = sa.create_engine(guarded.service_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        assert connection.exec_driver_sql(WINDOW).scalar() == 0
        connection.exec_driver_sql("SET LOCAL geo.unit = '460100'")
        assert connection.exec_driver_sql(WINDOW).scalar() > 0
        plan = json.dumps(connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {WINDOW}").scalar())
    assert "plot_geometry_idx" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("role", ["geo_owner", "geo_service", "geo_reader"])
def test_no_role_of_the_service_is_above_the_rules(cluster: Running, role: str) -> None:
    with sa.create_engine(cluster.url(role), poolclass=sa.NullPool).connect() as connection:
        powers = connection.exec_driver_sql(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication "
            "FROM pg_roles WHERE rolname = current_user"
        ).one()
    assert not any(powers)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("geo_service", "CREATE TABLE public.mine (id integer)"),
        ("geo_service", "CREATE SCHEMA mine"),
        ("geo_service", "SET ROLE geo_owner"),
        ("geo_service", "COPY (SELECT 1) TO PROGRAM 'true'"),
        ("geo_service", "SELECT pg_read_file('PG_VERSION')"),
        ("geo_reader", "CREATE TEMPORARY TABLE mine (id integer)"),
        ("geo_owner", "COPY (SELECT 1) TO PROGRAM 'true'"),
    ],
)
def test_what_a_role_may_not_do_is_refused(cluster: Running, role: str, statement: str) -> None:
    with (
        sa.create_engine(cluster.url(role), poolclass=sa.NullPool).connect() as connection,
        pytest.raises(DBAPIError, match=r"permission denied|must be superuser|read-only transaction"),
    ):
        connection.exec_driver_sql(statement)


def test_the_reader_cannot_write_even_where_it_is_let(guarded: Running) -> None:
    with sa.create_engine(guarded.owner_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(
            "GRANT USAGE ON SCHEMA guarded TO geo_reader; GRANT ALL ON guarded.plot TO geo_reader"
        )
    with (
        sa.create_engine(guarded.reader_url, poolclass=sa.NullPool).connect() as connection,
        pytest.raises(sa.exc.InternalError, match="read-only transaction"),
    ):
        connection.exec_driver_sql("DELETE FROM guarded.plot")


def test_another_account_of_the_machine_is_not_let_in(cluster: Running) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can take another account")
    entry = pwd.getpwnam("daemon")
    stranger = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    psql = cluster.server.installation.program("psql")
    tried = stranger.run(
        [psql, f"host={cluster.socket} user=postgres dbname=geo_service", "-c", "SELECT 1"], timeout_s=20
    )
    assert tried.returncode != 0
    assert "ermission denied" in tried.stderr


def test_every_extension_of_the_service_is_there(cluster: Running) -> None:
    with sa.create_engine(cluster.service_url, poolclass=sa.NullPool).connect() as connection:
        found = set(connection.exec_driver_sql("SELECT extname FROM pg_extension").scalars())
    assert found >= {"postgis", "pg_trgm", "unaccent", "btree_gist", "btree_gin"}


@pytest.mark.parametrize("script", ["roles.sql", "database.sql"])
def test_an_office_runs_the_same_scripts_by_psql_and_again(cluster: Running, script: str) -> None:
    used = str(files("geo_service.embedded").joinpath(script))
    psql = cluster.server.installation.program("psql")
    target = f"host={cluster.socket} user=postgres dbname=geo_service"
    again = subprocess.run(
        [psql, target, "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", used],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
