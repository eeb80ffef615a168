"""Why a file as a whole is not taken in or not written; refuses to name any row (see `rejects`)."""

from layers.errors import Conflict, InvalidInput, LayerError


class UnreadableFile(InvalidInput):
    """The content is damaged, empty, or not what the name says. Facts: `file`, `reason`, often `detail`."""

    code = "import.unreadable_file"


class PieceTooLarge(InvalidInput):
    """A JSON text that can be read only as a whole, or a record of one, is too large. Facts: `file`, `piece`, `most_mib`."""

    code = "import.piece_too_large"


class FormatUnknown(InvalidInput):
    """No format of the exchange. Facts: `file`, `formats` that are taken."""

    code = "import.format_unknown"


class PathRefused(InvalidInput):
    """Not a file on this machine: a virtual path, an address, a folder or a device. Facts: `path`, `reason`."""

    code = "import.path_refused"


class ArchiveRefused(InvalidInput):
    """An archive that would write elsewhere, swell, or holds what it should not. Facts: `file`, `reason`, `member`."""

    code = "import.archive_refused"


class LayerUnknown(InvalidInput):
    """Several layers and none named, or one named that is not there. Facts: `file`, `layers`, `asked`."""

    code = "import.layer_unknown"


class CrsUnknown(InvalidInput):
    """The file carries no CRS and none was stated.

    Facts: `file`, `accepts` (what may be stated), and `bounds`, which help to tell degrees from metres.
    """

    code = "import.crs_unknown"


class MissingColumn(InvalidInput):
    """A column that the act needs is neither there nor mapped. Facts: `missing`, `found`, `known_names`."""

    code = "import.missing_column"


class MappingInvalid(InvalidInput):
    """A mapping that is not `source=target`, names an absent column, or maps two to one. Facts: `mapping`, `reason`."""

    code = "import.mapping_invalid"


class StagingRefused(InvalidInput):
    """Rows do not fit the columns of the staging table. Facts: `column`, `reason`."""

    code = "import.staging_refused"


class FileExists(Conflict):
    """An export would overwrite a file. Facts: `file`."""

    code = "export.file_exists"


class NotExportable(LayerError):
    """The rows cannot be said in the format asked for. Facts: `format`, `reason`."""

    code = "export.not_exportable"
