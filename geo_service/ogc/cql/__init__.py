"""CQL2 (OGC 21-065r2), text and JSON, to SQL with bound values; refuses what the collection has no property for."""

from geo_service.ogc.cql.conditions import condition
from geo_service.ogc.cql.reading import read_filter
from geo_service.ogc.cql.terms import Kind, Place, Question, Term

__all__ = ["Kind", "Place", "Question", "Term", "condition", "read_filter"]
