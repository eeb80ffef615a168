"""Shapes of officers, sessions and tokens; secrets go in and never come back out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from geo_service.auth.officer import EVERY_ACT, Role, Scope

PLAIN = r"^[^\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+$"
Line = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PLAIN, strip_whitespace=True)]
Typed = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN)]


def _encodable(secret: SecretStr) -> SecretStr:
    """Refuse half characters (lone surrogates), which JSON can spell and no text can hold."""
    secret.get_secret_value().encode()
    return secret


Password = Annotated[SecretStr, Field(min_length=1, max_length=1000), AfterValidator(_encodable)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=200), AfterValidator(_encodable)]
Jurisdiction = Annotated[str, StringConstraints(pattern=r"^(\*|[0-9]{6}([0-9]{3}([0-9]{3})?)?)$")]
Language = Literal["zh-CN", "en"]
DeviceScope = Literal[Scope.READ, Scope.FIELD, Scope.WRITE]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]
Jurisdictions = Annotated[list[Jurisdiction], Field(min_length=1, max_length=50)]


class Credentials(BaseModel):
    """A name and a password; `next` is the page to go to afterwards."""

    username: Typed
    password: Password
    next: str | None = Field(None, max_length=2000)


class NotSignedIn(BaseModel):
    """Nobody is signed in: the public."""

    signed_in: Literal[False] = False


class Account(BaseModel):
    """Who is signed in, by session or by token."""

    signed_in: Literal[True] = True
    username: str
    display_name: str
    roles: list[Role]
    jurisdictions: list[str]
    language: Language
    demonstration: bool
    has_password: bool
    scopes: list[Scope]
    session_id: UUID | None
    expires_at: datetime | None
    next: str | None = None


class AccountChange(BaseModel):
    """What an officer may change of his own account; a new password needs the old one."""

    display_name: Line | None = None
    language: Language | None = None
    old_password: Password | None = None
    new_password: Password | None = None


class LinkUse(BaseModel):
    """The secret of a one-time link, and the password to sign in with from now on."""

    secret: Secret
    password: Password


class SignedInSession(BaseModel):
    """A browser in which the officer is signed in."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: Annotated[str | None, Field(coerce_numbers_to_str=True)]
    user_agent: str | None
    current: bool = False


class SignedInSessions(BaseModel):
    """An officer's own sessions, the one last used first."""

    sessions: list[SignedInSession]


class TokenToMake(BaseModel):
    """A token for one device or program, for one to 366 days."""

    label: Line
    scopes: Annotated[list[DeviceScope], Field(min_length=1, max_length=len(EVERY_ACT))]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class Token(BaseModel):
    """A token without its secret; `hint` is the secret's end."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    label: str
    hint: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewToken(Token):
    """A token with its secret, shown this once."""

    token: str


class CalendarAddress(BaseModel):
    """An officer's calendar address without its secret; `hint` is the secret's end."""

    model_config = ConfigDict(from_attributes=True)

    hint: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewCalendarAddress(CalendarAddress):
    """A calendar address: the path under the service's own address, shown this once."""

    path: str


class OwnCalendarAddress(BaseModel):
    """The calendar address that an officer has, if he has one."""

    address: CalendarAddress | None


class Tokens(BaseModel):
    """An officer's own tokens, newest first."""

    tokens: list[Token]


class OfficerToMake(BaseModel):
    """A person who shall sign in, first by a one-time link, or through the provider as `oidc_username`."""

    username: Typed
    display_name: Line
    roles: Roles
    jurisdictions: Jurisdictions
    language: Language = "zh-CN"
    oidc_username: Line | None = None


class OfficerChange(BaseModel):
    """What an administrator changes of an officer; what is left out stays."""

    display_name: Line | None = None
    roles: Roles | None = None
    jurisdictions: Jurisdictions | None = None
    language: Language | None = None
    oidc_username: Line | None = None
    disabled: bool | None = None


class OfficerRecord(BaseModel):
    """An officer as administrators see him; `etag` goes into `If-Match`."""

    username: str
    display_name: str
    roles: list[Role]
    jurisdictions: list[str]
    language: Language
    oidc_username: str | None
    demonstration: bool
    has_password: bool
    disabled_at: datetime | None
    created_at: datetime
    etag: str


class Officers(BaseModel):
    """The officers within the administrator's jurisdictions."""

    officers: list[OfficerRecord]


class OneTimeLink(BaseModel):
    """A link that signs an officer in once, to set a password; shown this once."""

    link: str
    expires_at: datetime
