"""The history of the tables, run by Alembic as the role that owns them."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from geo_service.db import sqlalchemy_url


def configuration(url: str | None = None) -> Config:
    """Return Alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(slug)s")
    if url is not None:
        config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Bring the tables to the newest revision."""
    command.upgrade(configuration(url), "head")


def check(url: str) -> None:
    """Raise when the tables and the models differ."""
    command.check(configuration(url))


def revisions(url: str) -> tuple[str | None, str | None]:
    """Return the database's revision and the newest one."""
    engine = create_engine(sqlalchemy_url(url))
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table_schema": "service"})
            current = context.get_current_revision()
    finally:
        engine.dispose()
    return current, newest_revision()


@cache
def newest_revision() -> str | None:
    """Return the newest revision that this code knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head()
