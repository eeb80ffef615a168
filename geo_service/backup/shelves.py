"""Where the bytes beside the database stand: documents, and the photographs of the field; both by their digest."""

from dataclasses import dataclass

from geo_service.backup.place import Connection, is_there
from geo_service.documents.store import Store, open_store
from geo_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store, the name of its members in an archive, and the table whose column `sha256` names what must be there."""

    name: str
    table: str
    store: Store

    def member(self, sha256: str) -> str:
        """Return the name of a digest's bytes in an archive."""
        return f"{self.name}/{sha256}"

    def named(self, connection: Connection) -> set[str]:
        """Return the members that records name: their bytes were on the disk before the records committed."""
        if not is_there(connection, self.table):
            return set()
        found = connection.execute(f"SELECT sha256 FROM {self.table}")  # noqa: S608 -- our own names
        return {self.member(str(sha256)) for (sha256,) in found}


def shelves(settings: Settings) -> tuple[Shelf, ...]:
    """Return every shelf that the settings name."""
    root = settings.document_store.rstrip("/")
    return (
        Shelf("documents", "service.document", open_store(root)),
        Shelf("photos", "markers.photo", open_store(f"{root}/photos")),
    )
