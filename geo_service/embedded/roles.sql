-- The roles of the service. For any database of the cluster, as superuser; may be run again.
--
--   geo_owner    owns the schemas and runs the migrations; never used to answer a request
--   geo_service  answers requests: owns nothing, obeys row-level security
--   geo_reader   reads what is published; every transaction of it is read-only
--
-- No password is set here. The embedded cluster admits by the account at the other end of its unix socket;
-- for a server that is reached otherwise set passwords with \password in psql.

DO $roles$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['geo_owner', 'geo_service', 'geo_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT', wanted
        );
    END LOOP;
END
$roles$;

-- Who may answer requests may not be held up by one that was left open.
ALTER ROLE geo_service SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE geo_reader SET default_transaction_read_only = on;
ALTER ROLE geo_reader SET idle_in_transaction_session_timeout = '1min';
ALTER ROLE geo_reader SET statement_timeout = '1min';
