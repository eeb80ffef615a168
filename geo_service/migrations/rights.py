"""What the service's role may do with a table, and the triggers that keep it so."""

from collections.abc import Iterable

from alembic import op

# Counted in parts, so that transactions that change a layer at once seldom wait for each other; the version is the sum.
COUNT_VERSION = """
CREATE OR REPLACE FUNCTION service.count_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
BEGIN
    INSERT INTO service.data_version (layer, part, version) VALUES (TG_ARGV[0], pg_backend_pid() % 32, 1)
        ON CONFLICT (layer, part) DO UPDATE SET version = data_version.version + 1;
    RETURN NULL;
END $$
"""

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION service.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is never changed: % on %.%', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""


def open_schema(schema: str) -> None:
    """Create a schema that the service may use and owns nothing in."""
    op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO geo_service")


def readable(table: str) -> None:
    """Let the service read a table."""
    op.execute(f"GRANT SELECT ON {table} TO geo_service")


def writable(table: str) -> None:
    """Let the service read and write a table."""
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO geo_service")


def grant(table: str, *commands: str) -> None:
    """Let the service do with a table what is named: `SELECT`, `INSERT`, `UPDATE`, `DELETE`."""
    op.execute(f"GRANT {', '.join(commands)} ON {table} TO geo_service")


def append_only(table: str) -> None:
    """Let the service add to a table; update, delete and truncate are refused to everyone."""
    op.execute(f"GRANT SELECT, INSERT ON {table} TO geo_service")
    op.execute(REFUSE_CHANGE)
    op.execute(
        f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION service.refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION service.refuse_change()"
    )


def counts_versions(layer: str, tables: Iterable[str]) -> None:
    """Raise the layer's data version with every statement that changes one of its tables."""
    op.execute(COUNT_VERSION)
    for table in tables:
        op.execute(
            f"CREATE TRIGGER count_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION service.count_version('{layer}')"
        )
