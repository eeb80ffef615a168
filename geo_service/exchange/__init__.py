"""Files in and out: formats, coordinate systems, columns, rejects; refuses to decide what a record means.

An import, all or nothing, in the caller's transaction:

>>> terms = Terms(targets=[TargetColumn("code", required=True)], accept=AREAS)                  # doctest: +SKIP
>>> with open_features("units.zip", crs="GCJ-02", terms=terms) as reading:                      # doctest: +SKIP
...     create_staging(connection, "staged", {"code": "text", "geometry": "geometry", ...})
...     bulk_load(connection, "staged", columns, (batch.for_staging() for batch in reading.batches()))
"""
