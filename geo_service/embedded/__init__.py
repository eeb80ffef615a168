"""The private PostGIS cluster that runs when no database is named; refuses to touch any other.

>>> from geo_service.embedded import Cluster          # doctest: +SKIP
>>> with Cluster().start() as running:                # doctest: +SKIP
...     engine = sqlalchemy.create_engine(running.service_url)
"""

from geo_service.embedded.cluster import Cluster, Running
from geo_service.embedded.directory import default_data_dir

__all__ = ["Cluster", "Running", "default_data_dir"]
