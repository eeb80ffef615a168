"""What is refused to whom; each with a stable code."""

from layers.errors import Conflict, InvalidInput, LayerError, NotFound


class SignInRequired(LayerError):
    """The act needs a signed-in officer: there is no session or token, or it has ended."""

    code = "auth.sign_in_required"


class SignInRefused(LayerError):
    """Name or password are wrong, or the account is disabled; which of these is not said."""

    code = "auth.sign_in_refused"


class PasswordWrong(LayerError):
    """The old password, asked for before a new one is set, is wrong."""

    code = "auth.password_wrong"


class TooManyAttempts(LayerError):
    """Too many sign-ins failed; the facts say after how many seconds the next is looked at."""

    code = "auth.too_many_attempts"


class Forbidden(LayerError):
    """The officer's role, jurisdiction or token scope does not allow the act."""

    code = "auth.forbidden"


class OriginRefused(LayerError):
    """A change came from another site's page."""

    code = "auth.origin_refused"


class LinkRefused(LayerError):
    """A one-time link is unknown, used or too old."""

    code = "auth.link_refused"


class ProviderRefused(LayerError):
    """What came back from the OpenID provider does not hold, or nobody here goes by that name."""

    code = "auth.provider_refused"


class ProviderUnavailable(LayerError):
    """The OpenID provider does not answer as it should."""

    code = "auth.provider_unavailable"


class ProviderNotConfigured(NotFound):
    """No OpenID provider is configured."""

    code = "auth.provider_not_configured"


class OfficerNotFound(NotFound):
    """There is no such officer, or it is another office's."""

    code = "auth.officer_not_found"


class SessionNotFound(NotFound):
    """There is no such session, it has ended, or it is another officer's."""

    code = "auth.session_not_found"


class TokenNotFound(NotFound):
    """There is no such token, it is revoked, or it is another officer's."""

    code = "auth.token_not_found"


class CalendarAddressNotFound(NotFound):
    """There is no such calendar address: it is unknown, replaced, revoked or expired, or its officer has left."""

    code = "auth.calendar_address_not_found"


class UsernameRefused(InvalidInput):
    """A user name has 1 to 64 letters, digits, dots, dashes or underscores, in Latin letters or in Chinese."""

    code = "auth.username_refused"


class UsernameTaken(Conflict):
    """Another officer goes by this name, or by one that is compared as the same."""

    code = "auth.username_taken"


class OwnRights(Conflict):
    """Nobody changes his own roles or jurisdictions or disables himself: another administrator does."""

    code = "auth.own_rights"


class PasswordTooWeak(InvalidInput):
    """A password has 10 to 256 characters and is not the user's name."""

    code = "auth.password_too_weak"
