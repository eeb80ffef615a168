"""`pg_dump` and `pg_restore` of this machine, run without telling a password to other users' `ps`."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url

from geo_service.backup.refusals import ProgramFailed, ProgramMissing

LIBRARY: Final = Path("/usr/lib/postgresql")
LINES_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Programs:
    """The client programs of one major version of PostgreSQL."""

    major: int
    folder: Path

    def run(self, name: str, *arguments: str, url: str | None = None) -> str:
        """Run a program, on the database at `url` where one is named, and return what it printed.

        Raises `ProgramFailed` with the last lines of its complaint.
        """
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        named = []
        if url is not None:
            made = make_url(url)
            if made.password is not None:
                environment["PGPASSWORD"] = made.password
            plain = URL.create(
                "postgresql", made.username, None, made.host, made.port, made.database, made.query
            )
            named = [f"--dbname={plain.render_as_string()}"]
        ran = subprocess.run(
            [str(self.folder / name), *named, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if ran.returncode != 0:
            raise ProgramFailed(program=name, said="\n".join(ran.stderr.splitlines()[-LINES_SHOWN:]))
        return ran.stdout


def installed(library: Path = LIBRARY) -> Iterator[Programs]:
    """Yield the client programs of every major version: Debian's layout, then what `PATH` leads to."""
    for folder in sorted(library.glob("[0-9]*/bin")):
        if (folder / "pg_dump").exists() and (folder / "pg_restore").exists():
            yield Programs(int(folder.parent.name), folder)
    on_path = shutil.which("pg_dump")
    if on_path is not None:
        said = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False).stdout
        if (version := re.search(r"\d+", said)) is not None:
            yield Programs(int(version[0]), Path(on_path).parent)


def programs_for(server: int, found: Sequence[Programs] | None = None) -> Programs:
    """Return the programs of the server's own major version, else the next newer ones. Raises `ProgramMissing`.

    A dump of newer programs may hold settings that an older server does not know, and older ones refuse a
    newer server.
    """
    known = list(installed()) if found is None else list(found)
    usable = [each for each in known if each.major >= server]
    if not usable:
        raise ProgramMissing(server=server, found=[each.major for each in known])
    return min(usable, key=lambda each: each.major)
