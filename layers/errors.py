"""Errors of the domain: a stable code and the facts; refuses to know HTTP or any wording.

`geo_service.problems` is the only place that turns a code into an HTTP status, and the message
catalogue the only place that turns it into a sentence.
"""

from collections.abc import Mapping
from typing import ClassVar


class LayerError(Exception):
    """An act is refused. Carries a stable `code` and the `facts` that explain the refusal.

    Subclass it in the layer that refuses, and give the subclass its own code:

    >>> class CaseStepRefused(LayerError):
    ...     code = "marker.case_step_refused"
    >>> CaseStepRefused(missing=["neighbour_attendance"]).facts
    {'missing': ['neighbour_attendance']}
    """

    code: ClassVar[str] = "layer.refused"

    def __init__(self, **facts: object) -> None:
        self.facts: Mapping[str, object] = facts
        super().__init__(f"{self.code}: {facts}" if facts else self.code)


class NotFound(LayerError):
    """No record answers to the key given, or none the asker may know of."""

    code = "record.not_found"


class Conflict(LayerError):
    """The act contradicts what is on record."""

    code = "record.conflict"


class InvalidInput(LayerError):
    """What was given cannot be read as what the act needs."""

    code = "input.invalid"
