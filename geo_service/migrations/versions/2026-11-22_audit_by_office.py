"""audit by office: what the audit says of another office's people, papers and drafts is not for everybody's auditor.

The chain is still verified whole, whoever asks: its state and its end are told by functions that see every entry.
"""

from alembic import op

from geo_service.migrations.policies import policy

revision = "0020"
down_revision = "0015"
branch_labels = None
depends_on = None

# An officer is beyond whoever acts when one of his jurisdictions is, as on the officers' page.
BEYOND = """
CREATE FUNCTION service.officers_beyond() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = service, pg_temp AS $$
    WITH beyond AS (
        SELECT array_agg(code) AS codes FROM (SELECT DISTINCT unnest(jurisdictions) AS code FROM officer) each
         WHERE NOT service.reaches_code(code))
    SELECT coalesce(array_agg(o.username), '{}') FROM officer o, beyond WHERE o.jurisdictions && beyond.codes
$$
"""
CHAIN = """
CREATE FUNCTION service.audit_chain(OUT entries bigint, OUT broken_at bigint, OUT head text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = service, pg_temp AS $$
    WITH chain AS (
        SELECT number, hash, previous_hash, service.audit_hash(audit_entry) AS computed,
               lag(hash) OVER (ORDER BY number) AS before, row_number() OVER (ORDER BY number) AS place
          FROM audit_entry)
    SELECT count(*), min(number) FILTER (WHERE hash <> computed OR place <> number
                                            OR previous_hash <> coalesce(before, '\\x00'::bytea)),
           (SELECT encode(hash, 'hex') FROM audit_entry ORDER BY number DESC LIMIT 1)
      FROM chain
$$
"""
LINK = """
CREATE FUNCTION service.audit_link(at_number bigint DEFAULT NULL, OUT number bigint, OUT hash text, OUT at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = service, pg_temp AS $$
    SELECT e.number, encode(e.hash, 'hex'), e.at FROM audit_entry e
     WHERE at_number IS NULL OR e.number = at_number ORDER BY e.number DESC LIMIT 1
$$
"""
AUDITOR = "(SELECT service.has_role('administrator', 'auditor'))"
BEYOND_ME = "((SELECT service.officers_beyond())::text[])"
OF_ONES_OFFICE = f"""{AUDITOR} AND (
    officer = (SELECT service.acting_officer())
    OR (officer <> ALL {BEYOND_ME} AND NOT (subject_kind = 'officer' AND subject_id = ANY {BEYOND_ME}))
    OR CASE subject_kind
            WHEN 'officer' THEN false WHEN 'session' THEN false WHEN 'token' THEN false WHEN 'job' THEN false
            WHEN 'document' THEN service.reads_document(subject_id::uuid)
            WHEN 'proposal' THEN service.reaches_subject('proposal', subject_id)
            ELSE true END)"""


def upgrade() -> None:
    for function in (BEYOND, CHAIN, LINK):
        op.execute(function)
    op.execute("DROP POLICY may_select ON service.audit_entry")
    policy("service.audit_entry", "SELECT", OF_ONES_OFFICE)


def downgrade() -> None:
    op.execute("DROP POLICY may_select ON service.audit_entry")
    policy("service.audit_entry", "SELECT", AUDITOR)
    op.execute("DROP FUNCTION service.audit_link, service.audit_chain, service.officers_beyond")
