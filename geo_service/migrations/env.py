"""Alembic's environment: the models of every layer against the owner's connection."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from geo_service.db import OWNER_ROLE, sqlalchemy_url
from geo_service.tables import metadata

SCHEMAS = {"boundaries", "markers", "naming", "hubs", "service"}


def include_name(name, kind, parents):
    """Look at the service's own schemas only."""
    if kind == "schema":
        return name in SCHEMAS
    return True


def include_object(item, name, kind, reflected, compare_to):
    """Leave Alembic's own table alone."""
    return not (kind == "table" and name == "alembic_version")


def run() -> None:
    """Run the migrations in one transaction; `service.alembic_version` keeps the revision."""
    engine = create_engine(sqlalchemy_url(context.config.attributes["url"]), poolclass=pool.NullPool)
    with engine.connect() as connection:
        may = connection.execute(
            text(
                "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :owner) AND current_user <> :owner "
                "AND pg_has_role(current_user, (SELECT oid FROM pg_roles WHERE rolname = :owner), 'member')"
            ),
            {"owner": OWNER_ROLE},
        ).scalar()
        if may:
            connection.execute(text(f"SET ROLE {OWNER_ROLE}"))
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS service"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table_schema="service",
            include_schemas=True,
            include_name=include_name,
            include_object=include_object,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
