"""Roles, database, extensions of the private cluster; refuses to make tables, which is the migrations' part."""

from importlib.resources import files
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from geo_service.embedded.directory import PORT

SUPERUSER: Final = "postgres"
OWNER: Final = "geo_owner"
SERVICE: Final = "geo_service"
READER: Final = "geo_reader"
DATABASE: Final = "geo_service"


def provision(socket: Path) -> None:
    """Bring roles, database and extensions of the running cluster to what this version needs; twice is once.

    The same two scripts serve a database of the office's own: see `deploy/`.
    """
    with _connect(socket, "postgres") as connection:
        connection.execute(_script("roles.sql"))
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            statement = "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
            connection.execute(sql.SQL(statement).format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    with _connect(socket, DATABASE) as connection:
        connection.execute(_script("database.sql"))


def _connect(socket: Path, database: str) -> psycopg.Connection[tuple[object, ...]]:
    conninfo = make_conninfo(host=str(socket), port=PORT, user=SUPERUSER, dbname=database, connect_timeout=10)
    return psycopg.connect(conninfo, autocommit=True)


def _script(name: str) -> bytes:
    return files("geo_service.embedded").joinpath(name).read_bytes()
