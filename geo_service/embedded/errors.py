"""Why the private cluster cannot run: one stable code each; refuses to word them (see the message catalogue)."""

from layers.errors import LayerError


class ClusterError(LayerError):
    """The private cluster cannot do what was asked of it."""

    code = "cluster.failed"


class PostgresqlMissing(ClusterError):
    """No PostgreSQL of a usable major version is installed. Facts: `minimum`, `command`."""

    code = "cluster.postgresql_missing"


class PostgisMissing(ClusterError):
    """PostgreSQL is there, PostGIS of a usable version is not. Facts: `found`, `minimum`, `command`."""

    code = "cluster.postgis_missing"


class OtherMajorVersion(ClusterError):
    """The data were written by a major version that is not installed.

    Facts: `data`, `written_by`, `installed`, `command`.
    """

    code = "cluster.other_major_version"


class DiskFull(ClusterError):
    """The disk under the data has no room. Facts: `path`, `free_mib`, `needed_mib`."""

    code = "cluster.disk_full"


class NotPermitted(ClusterError):
    """A directory may not be used by the account of the cluster. Facts: `path`, `account`, `reason`."""

    code = "cluster.not_permitted"


class PathTooLong(ClusterError):
    """No directory is short enough to hold a unix socket. Facts: `path`, `length`, `limit`."""

    code = "cluster.path_too_long"


class AccountMissing(ClusterError):
    """The machine knows no account that may run PostgreSQL. Facts: `uid`."""

    code = "cluster.account_missing"


class ClusterBusy(ClusterError):
    """Another process is starting or stopping the same cluster and does not finish. Facts: `data_dir`, `waited_s`."""

    code = "cluster.busy"


class StartRefused(ClusterError):
    """PostgreSQL refuses to start, for a reason only its log tells. Facts: `log`, `tail`."""

    code = "cluster.start_refused"


class StopRefused(ClusterError):
    """PostgreSQL does not stop. Facts: `data`, `pids`."""

    code = "cluster.stop_refused"
