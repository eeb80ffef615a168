"""The service from Python, one call a question, answers as GeoDataFrames; knows nothing that the HTTP interface does not say.

>>> from geo_service.client import Client
>>> office = Client("http://127.0.0.1:8000", token="…")                      # doctest: +SKIP
>>> office.units(level="county", bbox=(110.1, 19.5, 110.7, 20.1))            # doctest: +SKIP
"""

from geo_service.client.connection import ServiceError
from geo_service.client.frames import Frame
from geo_service.client.questions import Client

__all__ = ["Client", "Frame", "ServiceError"]
