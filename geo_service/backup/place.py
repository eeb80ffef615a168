"""The database to back up or to restore into, as the owner of its tables; refuses to migrate it in passing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from geo_service.db import OWNER_ROLE, READER_ROLE, SERVICE_ROLE, sqlalchemy_url
from geo_service.embedded import Cluster
from geo_service.settings import Settings

Connection = psycopg.Connection[tuple[Any, ...]]
OPTIONS: Final = (
    "-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c extra_float_digits=1 -c bytea_output=hex "
    "-c row_security=off -c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c jit=off"
)
"""How values are written while digests are taken; `row_security=off` fails instead of leaving rows out."""
EXTENSIONS: Final = ("postgis", "pg_trgm", "unaccent", "btree_gist", "btree_gin")
ROLES: Final = (OWNER_ROLE, SERVICE_ROLE, READER_ROLE)


@dataclass(frozen=True, slots=True)
class Place:
    """An open database: its URL, and the role that owns its tables where the login is another one."""

    url: str
    role: str | None

    @property
    def role_option(self) -> list[str]:
        """For the programs of PostgreSQL."""
        return [] if self.role is None else [f"--role={self.role}"]

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Yield a connection as the owner, each statement its own transaction until one is begun."""
        with psycopg.connect(_conninfo(self.url), options=OPTIONS, autocommit=True) as connection:
            if self.role is not None:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(self.role)))
            yield connection


@contextmanager
def open_place(settings: Settings) -> Iterator[Place]:
    """Yield the database that the settings name, else the embedded cluster, started, its tables as they are."""
    if settings.database_url is not None:
        yield place_at(settings.owner_database_url or settings.database_url)
        return
    with Cluster(settings.data_dir).start() as running:
        yield place_at(running.owner_url)


def place_at(url: str) -> Place:
    """Return the database at `url`, acting as `geo_owner` where the login may."""
    with psycopg.connect(_conninfo(url)) as connection:
        may = connection.execute(
            "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(owner)s) AND current_user <> %(owner)s "
            "AND pg_has_role(current_user, (SELECT oid FROM pg_roles WHERE rolname = %(owner)s), 'member')",
            {"owner": OWNER_ROLE},
        ).fetchone()
    return Place(url, OWNER_ROLE if may is not None and may[0] else None)


def _conninfo(url: str) -> str:
    return make_url(sqlalchemy_url(url)).set(drivername="postgresql").render_as_string(hide_password=False)


def server_major(connection: Connection) -> int:
    """Return the major version of the server."""
    return connection.info.server_version // 10_000


def is_there(connection: Connection, table: str) -> bool:
    """Say whether a table exists."""
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return found is not None and bool(found[0])


def schemas(connection: Connection) -> list[str]:
    """Return the schemas that are the service's: all but PostgreSQL's own, `public` and those of extensions."""
    found = connection.execute(
        "SELECT nspname FROM pg_namespace n WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public') "
        "AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = n.oid AND classid = 'pg_namespace'::regclass "
        "AND deptype = 'e') ORDER BY nspname"
    )
    return [str(name) for (name,) in found]


def missing_preparations(connection: Connection) -> list[str]:
    """Return which roles and extensions the database lacks; making them is its administrator's act."""
    roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    extensions = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
    return [f"role {name}" for name in ROLES if name not in roles] + [
        f"extension {name}" for name in EXTENSIONS if name not in extensions
    ]
