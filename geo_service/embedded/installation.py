"""Which PostgreSQL with PostGIS of this machine to use; refuses to install one."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo_service.embedded.errors import OtherMajorVersion, PostgisMissing, PostgresqlMissing

MINIMUM_MAJOR: Final = 15
MINIMUM_POSTGIS: Final = (3, 3)
PROGRAMS: Final = ("initdb", "pg_ctl", "postgres")
LIBRARY: Final = Path("/usr/lib/postgresql")
SHARE: Final = Path("/usr/share/postgresql")


@dataclass(frozen=True, slots=True)
class Installation:
    """One installed PostgreSQL: its major version, its programs, what it shares and what it loads."""

    major: int
    programs: Path
    share: Path
    modules: Path

    def program(self, name: str) -> str:
        """Return the path of a program of this very version."""
        return str(self.programs / name)

    @property
    def postgis(self) -> tuple[int, ...] | None:
        """The version of PostGIS that `CREATE EXTENSION` would make, or None.

        Debian packs scripts and module apart, so either may be there alone.

        >>> Installation(15, Path("/no/bin"), Path("/no/share"), Path("/no/lib")).postgis is None
        True
        """
        control = self.share / "extension" / "postgis.control"
        if not control.exists() or not (self.modules / "postgis-3.so").exists():
            return None
        found = re.search(r"default_version\s*=\s*'(\d+)\.(\d+)", control.read_text())
        return (int(found[1]), int(found[2])) if found else None

    @property
    def usable(self) -> bool:
        """Whether the version is supported and a supported PostGIS belongs to it."""
        return self.major >= MINIMUM_MAJOR and (self.postgis or (0,)) >= MINIMUM_POSTGIS


def installations(
    library: Path = LIBRARY, share: Path = SHARE, path: str | None = None
) -> Iterator[Installation]:
    """Yield every PostgreSQL of the machine, newest first: Debian's layout, then what `PATH` leads to.

    Debian keeps each major version in `/usr/lib/postgresql/N/bin`, outside `PATH`; other systems and
    builds of one's own are found by their `initdb` on `PATH` and asked by `pg_config`.
    """
    versions = sorted(
        (int(entry.name) for entry in library.glob("[0-9]*") if entry.name.isdigit()), reverse=True
    )
    for major in versions:
        programs = library / str(major) / "bin"
        if all((programs / program).exists() for program in PROGRAMS):
            yield Installation(major, programs, share / str(major), programs.parent / "lib")
    initdb = shutil.which("initdb", path=os.environ.get("PATH") if path is None else path)
    if initdb is not None and (found := _on_path(Path(initdb).resolve().parent)) is not None:
        yield found


def _on_path(programs: Path) -> Installation | None:
    try:
        answer = subprocess.run(
            [programs / "pg_config", "--version", "--sharedir", "--pkglibdir"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\d+", answer[0])
    return Installation(int(version[0]), programs, Path(answer[1]), Path(answer[2])) if version else None


def choose(found: Sequence[Installation], *, data: Path, written_by: int | None = None) -> Installation:
    """Return the newest usable installation, or the one that wrote `data` when there are data.

    Raises `PostgresqlMissing`, `PostgisMissing` or `OtherMajorVersion`, each with the command that mends it.
    """
    supported = [each for each in found if each.major >= MINIMUM_MAJOR]
    if written_by is not None and written_by not in {each.major for each in supported}:
        raise OtherMajorVersion(
            data=str(data),
            written_by=written_by,
            installed=", ".join(f"PostgreSQL {each.major}" for each in found) or "-",
            command=f"apt-get install postgresql-{written_by} postgresql-{written_by}-postgis-3",
        )
    if not supported:
        command = "apt-get install postgresql postgresql-postgis"
        raise PostgresqlMissing(minimum=MINIMUM_MAJOR, command=command)
    usable = [each for each in supported if each.usable and written_by in {None, each.major}]
    if usable:
        return max(usable, key=lambda each: each.major)
    major = written_by or max(each.major for each in supported)
    raise PostgisMissing(
        found=", ".join(str(each.share / "extension") for each in supported),
        minimum=".".join(map(str, MINIMUM_POSTGIS)),
        command=f"apt-get install postgresql-{major}-postgis-3",
    )
