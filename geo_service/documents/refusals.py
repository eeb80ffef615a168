"""Why a document is not taken in, or not given out: one stable code each."""

from geo_service.auth.refusals import Forbidden
from layers.errors import Conflict, InvalidInput, LayerError, NotFound


class DocumentNotFound(NotFound):
    """There is no such document, or it is another office's."""

    code = "document.not_found"


class DocumentRepeated(Conflict):
    """The same id stands for another document."""

    code = "document.repeated"


class TypeRefused(LayerError):
    """The content is of no type that an office files. Facts: `found`, `accepted`."""

    code = "document.type_refused"


class ContentRefused(LayerError):
    """The content is damaged or harmful. Facts: `reason` (`damaged`, `swells`, `carries_program`, …)."""

    code = "document.content_refused"


class UploadTooLarge(LayerError):
    """The upload is over the limit; refused while it comes in. Facts: `most_bytes`."""

    code = "request.body_too_large"


class UploadMalformed(LayerError):
    """The upload is no whole multipart form with one file. Facts: `reason`."""

    code = "document.upload_malformed"


class SubjectNotFound(NotFound):
    """There is nothing of this kind with this id to link a document to."""

    code = "document.subject_not_found"


class SubjectOutOfReach(Forbidden):
    """The subject belongs to other offices."""

    code = "document.subject_out_of_reach"


class StoreUnusable(LayerError):
    """The place where documents are kept cannot be used. Facts: `store`, `reason`."""

    code = "document.store_unusable"


class DigestWrong(InvalidInput):
    """The bytes do not hash to the name they came under."""

    code = "document.digest_wrong"
