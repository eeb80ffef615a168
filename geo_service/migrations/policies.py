"""Row-level security and the audit chain: functions and policies, written once for all tables."""

from alembic import op

ACTING = """
CREATE FUNCTION service.acting_officer() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('geo.officer', true), ''), 'public')
$$;

CREATE FUNCTION service.acting_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('geo.officer_id', true), '')::uuid
$$;

CREATE FUNCTION service.has_role(VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('geo.roles', true), ''), '{}')::text[] && wanted
$$;

CREATE FUNCTION service.jurisdictions() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('geo.jurisdictions', true), ''), '{}')::text[]
$$;

CREATE FUNCTION service.shown_secret() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT decode(nullif(current_setting('geo.secret_hash', true), ''), 'hex')
$$;

CREATE FUNCTION service.shown_account() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('geo.sign_in_key', true), '')
$$;
"""

# A unit is reached when it, or a unit above it, bears one of the jurisdictions' codes. Its newest version
# decides, so that a unit which ends in the transaction still belongs to the office that ends it.
REACH = """
CREATE FUNCTION service.reaches_unit(wanted uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = boundaries, pg_temp AS $$
    SELECT '*' = ANY (service.jurisdictions()) OR EXISTS (
        WITH RECURSIVE up AS (
            (SELECT parent_id, code, 0 AS depth FROM administrative_unit
              WHERE unit_id = wanted ORDER BY valid_to DESC NULLS FIRST LIMIT 1)
            UNION ALL
            SELECT above.parent_id, above.code, up.depth + 1 FROM up, LATERAL (
                SELECT p.parent_id, p.code FROM administrative_unit p WHERE p.unit_id = up.parent_id
                 ORDER BY p.valid_to DESC NULLS FIRST LIMIT 1) above
             WHERE up.depth < 6)
        SELECT FROM up WHERE code = ANY (service.jurisdictions()))
$$;

-- A new version must hang under a unit that is reached, or be the head of the jurisdiction itself.
CREATE FUNCTION service.reaches_version(unit uuid, parent uuid, code text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = boundaries, pg_temp AS $$
    SELECT '*' = ANY (service.jurisdictions()) OR code = ANY (service.jurisdictions())
        OR service.reaches_unit(parent)
        OR (SELECT u.code FROM administrative_unit u WHERE u.unit_id = unit
             ORDER BY u.valid_to DESC NULLS FIRST LIMIT 1) = ANY (service.jurisdictions())
$$;

CREATE FUNCTION service.reaches_version_key(version uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = boundaries, pg_temp AS $$
    SELECT '*' = ANY (service.jurisdictions()) OR EXISTS (
        SELECT FROM administrative_unit u
         WHERE u.id = version AND service.reaches_version(u.unit_id, u.parent_id, u.code))
$$;

CREATE FUNCTION service.reaches_code(wanted text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = boundaries, pg_temp AS $$
    SELECT '*' = ANY (service.jurisdictions()) OR wanted = ANY (service.jurisdictions())
        OR service.reaches_unit((SELECT u.unit_id FROM administrative_unit u WHERE u.code = wanted
                                  ORDER BY u.valid_to DESC NULLS FIRST LIMIT 1))
$$;

CREATE FUNCTION service.reaches_any_unit(wanted uuid[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM unnest(wanted) AS side(unit_id) WHERE service.reaches_unit(side.unit_id))
$$;

CREATE FUNCTION service.reaches_any_code(wanted text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM unnest(wanted) AS side(code) WHERE service.reaches_code(side.code))
$$;

CREATE FUNCTION service.reaches_every_code(wanted text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM unnest(wanted) AS side(code) WHERE NOT service.reaches_code(side.code))
$$;
"""

AUDIT = """
CREATE FUNCTION service.audit_hash(entry service.audit_entry) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(entry.previous_hash || convert_to(jsonb_build_array(
        entry.number, extract(epoch FROM entry.at), entry.officer, host(entry.address), entry.request_id, entry.act,
        entry.subject_kind, entry.subject_id, encode(entry.before_digest, 'hex'), encode(entry.after_digest, 'hex'),
        entry.detail)::text, 'UTF8'))
$$;

-- Who, when and from where are the transaction's, not the writer's choice. One writer at a time holds the
-- end of the chain, from its entry until it commits.
CREATE FUNCTION service.chain_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
DECLARE
    last service.audit_entry;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('service.audit_entry'));
    SELECT * INTO last FROM service.audit_entry ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, '\\x00'::bytea);
    NEW.at := clock_timestamp();
    NEW.officer := service.acting_officer();
    NEW.address := nullif(current_setting('geo.address', true), '')::inet;
    NEW.request_id := nullif(current_setting('geo.request_id', true), '');
    NEW.hash := service.audit_hash(NEW);
    RETURN NEW;
END $$;

CREATE TRIGGER chain_entry BEFORE INSERT ON service.audit_entry
    FOR EACH ROW EXECUTE FUNCTION service.chain_entry();
"""

OFFICERS = """
-- Nobody widens his own rights: an officer may change his password, language and first link to the provider.
CREATE FUNCTION service.guard_officer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT service.has_role('administrator') AND (
        (NEW.id, NEW.username, NEW.username_key, NEW.roles, NEW.jurisdictions, NEW.disabled_at, NEW.demonstration,
         NEW.oidc_username) IS DISTINCT FROM
        (OLD.id, OLD.username, OLD.username_key, OLD.roles, OLD.jurisdictions, OLD.disabled_at, OLD.demonstration,
         OLD.oidc_username)
        OR (OLD.oidc_subject IS NOT NULL AND NEW.oidc_subject IS DISTINCT FROM OLD.oidc_subject)) THEN
        RAISE EXCEPTION 'an officer does not change his own rights' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- A name is taken although the officer who has it is another office's and not to be seen.
CREATE FUNCTION service.username_taken(key text, at_provider text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = service, pg_temp AS $$
    SELECT EXISTS (SELECT FROM officer WHERE username_key = key OR oidc_username = at_provider)
$$;

CREATE TRIGGER guard_officer BEFORE UPDATE ON service.officer
    FOR EACH ROW EXECUTE FUNCTION service.guard_officer();
"""


def install_functions() -> None:
    """Create the functions that policies and the audit stand on; officers and audit must be there."""
    for functions in (ACTING, REACH, AUDIT, OFFICERS):
        op.execute(functions)


def remove_functions() -> None:
    """Drop what `install_functions` made."""
    op.execute(
        "DO $$ DECLARE each regprocedure; BEGIN "
        "FOR each IN SELECT oid FROM pg_proc WHERE pronamespace = 'service'::regnamespace "
        "AND proname NOT IN ('count_version', 'refuse_change') LOOP "
        "EXECUTE format('DROP FUNCTION %s CASCADE', each); END LOOP; END $$"
    )


def policy(table: str, command: str, condition: str) -> None:
    """Add a policy for the service's role: rows that may be read (SELECT) or written (other commands).

    Write what is the same for all rows as `(SELECT …)`, so that it is read once a statement (D16).
    """
    uses = {
        "SELECT": f"USING ({condition})",
        "INSERT": f"WITH CHECK ({condition})",
        "UPDATE": f"USING ({condition}) WITH CHECK ({condition})",
        "DELETE": f"USING ({condition})",
    }
    op.execute(f"CREATE POLICY may_{command.lower()} ON {table} FOR {command} TO geo_service {uses[command]}")


def secure(table: str, *, readable: str = "true", writable: str) -> None:
    """Turn row-level security on: which rows may be read, and which added, changed or removed."""
    secure_each(table, select=readable, insert=writable, update=writable, delete=writable)


def secure_each(
    table: str,
    *,
    select: str,
    insert: str | None = None,
    update: str | None = None,
    delete: str | None = None,
) -> None:
    """Turn row-level security on, a condition for each command; a command without one reaches no row."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for command, condition in {
        "SELECT": select,
        "INSERT": insert,
        "UPDATE": update,
        "DELETE": delete,
    }.items():
        if condition is not None:
            policy(table, command, condition)
