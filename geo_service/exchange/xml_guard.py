"""XML looked through before anything builds a tree of it; refuses entities, document types and bottomless nesting.

External entities and the "billion laughs" both need a document type declaration, which no KML, workbook or
OpenStreetMap file has: the first one ends the reading.
"""

from collections.abc import Mapping
from typing import IO, Final, NoReturn, Protocol
from xml.parsers.expat import ExpatError, ParserCreate

from geo_service.exchange.refusals import UnreadableFile

DEEPEST: Final = 64
_CHUNK: Final = 1 << 16


class Listener(Protocol):
    """What hears the elements of a document one by one; names come without their namespace."""

    def begins(self, name: str, attributes: Mapping[str, str]) -> None:
        """Hear that an element begins."""

    def says(self, text: str) -> None:
        """Hear a piece of text."""

    def ends(self, name: str) -> None:
        """Hear that an element ends."""


class Hearing:
    """A document read from a stream, a chunk at a time, in constant memory.

    Raises `UnreadableFile` with reason `document_type`, `nested_too_deeply`, `damaged_xml`.
    """

    def __init__(self, stream: IO[bytes], file: str, listener: Listener | None = None) -> None:
        self._stream, self._file, self._listener, self._depth = stream, file, listener, 0
        self._parser = ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type
        self._parser.EntityDeclHandler = self._refuse_document_type
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        if listener is not None:
            self._parser.CharacterDataHandler = listener.says

    def go_on(self) -> bool:
        """Read one chunk more; False at the end of the document."""
        chunk = self._stream.read(_CHUNK)
        try:
            self._parser.Parse(chunk, not chunk)
        except (ExpatError, LookupError, ValueError) as error:
            raise UnreadableFile(file=self._file, reason="damaged_xml", detail=str(error)[:200]) from error
        return bool(chunk)

    def to_the_end(self) -> None:
        """Read the whole document."""
        while self.go_on():
            pass

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UnreadableFile(file=self._file, reason="nested_too_deeply", detail=DEEPEST)
        if self._listener is not None:
            self._listener.begins(name.rpartition(" ")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._listener is not None:
            self._listener.ends(name.rpartition(" ")[2])

    def _refuse_document_type(self, *_: object) -> NoReturn:
        raise UnreadableFile(file=self._file, reason="document_type")
