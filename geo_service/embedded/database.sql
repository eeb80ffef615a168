-- Extensions and rights of the database geo_service, owned by geo_owner. Connected to it, as superuser;
-- may be run again, and must be after an update of PostGIS, which takes the leakproof mark away.

SET client_min_messages = warning;

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- Packages bring newer extensions than the database has; only then is there something to do.
DO $update$
DECLARE
    extension text;
BEGIN
    FOR extension IN
        SELECT name FROM pg_available_extensions
        WHERE installed_version <> default_version
          AND name IN ('postgis', 'pg_trgm', 'unaccent', 'btree_gist', 'btree_gin')
    LOOP
        EXECUTE format('ALTER EXTENSION %I UPDATE', extension);
    END LOOP;
END
$update$;

-- Row-level security lets a condition of the asker use an index only if its function is leakproof. The box
-- operators of PostGIS compare two bounding boxes and tell nothing else about a row, not even by an error;
-- without the mark a map window under a policy reads the whole table. Managed servers whose administrator
-- is no superuser keep working, slower.
DO $leakproof$
DECLARE
    function regprocedure;
BEGIN
    FOR function IN
        SELECT DISTINCT pg_proc.oid::regprocedure
        FROM pg_operator
        JOIN pg_proc ON pg_proc.oid = pg_operator.oprcode
        WHERE oprname IN ('&&', '~', '@')
          AND NOT proleakproof
          AND oprleft::regtype::text IN ('geometry', 'geography', 'box2df', 'gidx')
          AND oprright::regtype::text IN ('geometry', 'geography', 'box2df', 'gidx')
    LOOP
        EXECUTE format('ALTER FUNCTION %s LEAKPROOF', function);
    END LOOP;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'not superuser: the box operators stay unmarked, and map windows under row-level security slow';
END
$leakproof$;

REVOKE ALL ON DATABASE geo_service FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE geo_service TO geo_service;
GRANT CONNECT ON DATABASE geo_service TO geo_reader;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
