"""Every setting of the service, in one class with one prefix; refuses to be read elsewhere."""

from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo_service.embedded.directory import default_data_dir


class Basemap(BaseModel):
    """A background map that the office may switch on; it carries its datum (D7)."""

    label: str
    url: str
    datum: Literal["CGCS2000", "WGS84", "GCJ-02"]
    attribution: str = ""


class Settings(BaseSettings):
    """Read from the environment, prefix `GEO_`, where empty is as if not set; each field is one row of the README's table."""

    model_config = SettingsConfigDict(env_prefix="GEO_", env_ignore_empty=True, extra="ignore")

    database_url: str | None = Field(
        None, description="the service's database; empty: the private embedded cluster is used"
    )
    owner_database_url: str | None = Field(
        None, description="the same database as the role that owns the tables, for migrations"
    )
    reader_database_url: str | None = Field(
        None,
        description="the same database as the role that reads what is published; empty: through the service's own",
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, description="embedded cluster, secret key, photos and documents"
    )
    photo_store: str | None = Field(
        None, description="path or fsspec URL of photos and documents; empty: `documents` in the data dir"
    )
    document_limit_mib: int = Field(100, ge=1, description="largest document taken in, in MiB")
    layer_limit_mib: int = Field(500, ge=1, description="largest file for a layer for reference, in MiB")
    secret_key: SecretStr | None = Field(
        None, description="signs cookies and cursors; empty: made on first start and kept in the data dir"
    )
    basemaps: list[Basemap] = Field(
        default_factory=list, description="JSON list of `label, url, datum, attribution`; none by default"
    )
    language: Literal["zh-CN", "en"] = Field("zh-CN", description="language of a first visit")
    colour_profile: str = Field("condition_first", description="profile that derives marker colours")
    rule_profile: str = Field("haikou_draft", description="profile that weighs naming findings")
    home_unit: str = Field("460100", description="division code of the office; where the map opens")
    marker_positions: Literal["hidden", "rounded", "exact"] = Field(
        "rounded", description="how the public sees marker positions"
    )
    public_url: str | None = Field(
        None,
        description="address at which the public reaches the service, for QR codes; empty: as each request came",
    )
    oidc_issuer: str | None = Field(None, description="issuer URL of an OpenID Connect provider")
    oidc_client_id: str | None = Field(None, description="client id at that provider")
    oidc_client_secret: SecretStr | None = Field(None, description="client secret at that provider")
    oidc_username_claim: str = Field(
        "preferred_username", description="claim that is compared with an officer's name at the provider"
    )
    time_zone: str = Field("Asia/Shanghai", description="time zone of the office: when its day begins")
    session_idle_minutes: int = Field(120, ge=1, description="a session unused for so long ends")
    session_absolute_hours: int = Field(12, ge=1, description="a session ends so long after sign-in")
    log_format: Literal["json", "console"] = Field("json", description="one JSON object a line, or for eyes")
    trusted_proxies: list[str] = Field(
        default_factory=list, description="JSON list of proxy addresses whose forwarding headers are believed"
    )
    statement_timeout_s: float = Field(30, gt=0, description="longest a request's statement may run")
    webhook_networks: list[str] = Field(
        default_factory=list,
        description="JSON list of inner networks that webhooks may be sent to, such as `10.0.0.0/8`; none by default",
    )
    scheduler: str | None = Field(
        None, description="address of a Dask scheduler that large questions about coverage are shared out by"
    )
    pool_size: int = Field(16, ge=1, description="database connections a process keeps")
    demo: bool = Field(False, description="set by `make demo`: labelled demonstration officers may sign in")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as unknown:
            message = "a time zone as in the IANA database, such as Asia/Shanghai"
            raise ValueError(message) from unknown
        return name

    @property
    def document_store(self) -> str:
        """Path or URL where photos and documents are kept."""
        return self.photo_store or str(self.data_dir / "documents")


@cache
def get_settings() -> Settings:
    """Return the process's settings, read once."""
    return Settings()
