"""What every table holds, as a count and a digest that does not depend on the order of rows; reads only.

The digest is the sum of the rows' MD5, as two halves modulo 2⁶⁴: it tells accidents and losses, and the
audit chain tells deeds. Computed columns are left out: they follow from the others, and another version of
PostGIS may round them otherwise.
"""

from typing import Final

from psycopg import sql

from geo_service.backup.manifest import AuditState, TableState
from geo_service.backup.place import Connection, is_there, schemas

COLUMNS: Final = """
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE a.attname IS NOT NULL)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 WHERE c.relkind = 'r' AND n.nspname = ANY (%s)
 GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname
"""
DIGEST: Final = """
SELECT count(*), coalesce(sum(('x' || left(md5, 16))::bit(64)::bigint::numeric), 0),
       coalesce(sum(('x' || right(md5, 16))::bit(64)::bigint::numeric), 0)
  FROM (SELECT md5(ROW({columns})::text) AS md5 FROM ONLY {table}) each_row
"""
AUDIT: Final = """
WITH chain AS (
    SELECT number, hash, previous_hash, service.audit_hash(audit_entry) AS computed,
           lag(hash) OVER (ORDER BY number) AS before, row_number() OVER (ORDER BY number) AS place
      FROM service.audit_entry)
SELECT count(*), (SELECT encode(hash, 'hex') FROM chain ORDER BY number DESC LIMIT 1),
       min(number) FILTER (WHERE hash <> computed OR place <> number OR previous_hash <> coalesce(before, '\\x00'))
  FROM chain
"""


def table_states(connection: Connection) -> dict[str, TableState]:
    """Return rows and digest of each of the service's tables, by `schema.table`."""
    states = {}
    for schema, table, columns in connection.execute(COLUMNS, [schemas(connection)]).fetchall():
        statement = sql.SQL(DIGEST).format(
            columns=sql.SQL(", ").join(sql.Identifier(name) for name in columns or ()),
            table=sql.Identifier(schema, table),
        )
        found = connection.execute(statement).fetchone() or (0, 0, 0)
        digest = "".join(f"{int(half) % 2**64:016x}" for half in found[1:])
        states[f"{schema}.{table}"] = TableState(rows=int(found[0]), digest=digest)
    return states


def audit_state(connection: Connection) -> AuditState | None:
    """Return how many entries the audit has and the hash of the last; None before there was an audit."""
    if not is_there(connection, "service.audit_entry"):
        return None
    entries, head, broken_at = connection.execute(AUDIT).fetchone() or (0, None, None)
    return AuditState(entries=int(entries), head=head or "", broken_at=broken_at)
