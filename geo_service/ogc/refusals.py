"""Why a question at the open door is refused; the database's own words never leave."""

from layers.errors import InvalidInput, LayerError, NotFound


class FilterInvalid(InvalidInput):
    """A filter that is no CQL2, or means nothing for these values. Facts: `reason`, often `found`."""

    code = "ogc.filter_invalid"


class PropertyUnknown(InvalidInput):
    """A filter, order or list of properties names one that the collection has not. Facts: `property`, `known`."""

    code = "ogc.property_unknown"


class ParameterInvalid(InvalidInput):
    """A parameter of the address that is unknown or cannot be read. Facts: `parameter`, `given`, `expected`."""

    code = "ogc.parameter_invalid"


class CrsNotOffered(InvalidInput):
    """A CRS that the door does not speak. Facts: `given`, `offered`."""

    code = "ogc.crs_not_offered"


class CollectionNotFound(NotFound):
    """No collection of that name is published. Facts: `collection`."""

    code = "ogc.collection_not_found"


class DoorBusy(LayerError):
    """Too many questions are before this one. Facts: `retry_after_s`."""

    code = "ogc.busy"


class ItemNotFound(NotFound):
    """The collection has no such item, or none that the asker may know of. Facts: `collection`, `item`."""

    code = "ogc.item_not_found"
