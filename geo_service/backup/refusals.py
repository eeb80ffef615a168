"""Why a backup is not made or not restored: one stable code each."""

from layers.errors import LayerError


class BackupRefused(LayerError):
    """A backup is not made, or not restored."""

    code = "backup.archive_refused"


class NothingThere(BackupRefused):
    """The database has no tables of the service."""

    code = "backup.nothing_there"


class ArchiveIncomplete(BackupRefused):
    """The archive was cut off. Facts: `archive`, `reason`."""

    code = "backup.incomplete"


class ArchiveRefused(BackupRefused):
    """The archive is none of this service, or was changed. Facts: `archive`, `reason`, `member`."""

    code = "backup.archive_refused"


class TargetExists(BackupRefused):
    """There is a file of this name. Facts: `path`."""

    code = "backup.target_exists"


class PlaceNotEmpty(BackupRefused):
    """The place to restore into holds records or documents already. Facts: `found`."""

    code = "backup.place_not_empty"


class PlaceNotPrepared(BackupRefused):
    """The database lacks roles or extensions that only its administrator can make. Facts: `missing`."""

    code = "backup.place_not_prepared"


class NewerRevision(BackupRefused):
    """The archive was made by a newer version of the service. Facts: `revision`, `newest`."""

    code = "backup.newer_revision"


class ProgramMissing(BackupRefused):
    """No `pg_dump` and `pg_restore` for the server's version are installed. Facts: `server`, `found`."""

    code = "backup.program_missing"


class ProgramFailed(BackupRefused):
    """A program of PostgreSQL refused. Facts: `program`, `said`."""

    code = "backup.program_failed"


class RestoredDiffers(BackupRefused):
    """What was restored is not what was backed up. Facts: `tables`."""

    code = "backup.differs"


class RestoredAuditBroken(BackupRefused):
    """The audit chain does not hold after the restore. Facts: `broken_at`, `entries`, `head`."""

    code = "backup.audit_broken"
