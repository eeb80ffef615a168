"""Names are found by key within the area that a check reaches, not by key in the whole country."""

from alembic import op

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None

# A place is in every square degree that its box touches, one of more than sixteen everywhere (*); what has no place is
# in the prefecture of its unit. `layers.naming.candidates.areas_within` says the same for whoever asks. Hashes are too many for the planner to know how
# few rows share one: it would start parallel workers, 60 ms of 61, so `keys_in` is for the leader alone.
FUNCTIONS = """
CREATE FUNCTION naming.areas_of(ground public.geometry, unit_code text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    west float8 := pg_catalog.floor(public.ST_XMin(ground)); east float8 := pg_catalog.floor(public.ST_XMax(ground));
    south float8 := pg_catalog.floor(public.ST_YMin(ground)); north float8 := pg_catalog.floor(public.ST_YMax(ground));
BEGIN
    IF ground IS NULL THEN
        RETURN ARRAY[pg_catalog.concat('u', pg_catalog.left(unit_code, 4))];
    ELSIF west = east AND south = north THEN
        RETURN ARRAY[pg_catalog.concat(west, ':', south)];
    ELSIF (east - west + 1) * (north - south + 1) > 16 THEN
        RETURN ARRAY['*'];
    END IF;
    RETURN ARRAY(SELECT pg_catalog.concat(x, ':', y) FROM pg_catalog.generate_series(west::int, east::int) x,
                        pg_catalog.generate_series(south::int, north::int) y);
END $$;

CREATE FUNCTION naming.keys_in(keys text[], areas text[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL RESTRICTED AS $$
DECLARE
    area text; key text; found bigint[] := '{}';
BEGIN
    FOREACH area IN ARRAY areas LOOP
        FOREACH key IN ARRAY keys LOOP
            found := found OPERATOR(pg_catalog.||) pg_catalog.hashtextextended(pg_catalog.concat(area, ' ', key), 0);
        END LOOP;
    END LOOP;
    RETURN found;
END $$;
"""


def upgrade() -> None:
    op.execute(FUNCTIONS)
    op.execute(
        "CREATE INDEX ix_name_keys_in_area ON naming.name "
        "USING gin (naming.keys_in(keys, naming.areas_of(geometry, unit_code)))"
    )


def downgrade() -> None:
    op.execute("DROP INDEX naming.ix_name_keys_in_area")
    op.execute("DROP FUNCTION naming.keys_in(text[], text[]), naming.areas_of(public.geometry, text)")
