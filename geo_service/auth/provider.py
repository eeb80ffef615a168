"""Signing in through the office's OpenID provider: authorization code with PKCE, state and nonce, by Authlib."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2 as transport
import structlog
from authlib.integrations.base_client import BaseApp, OAuthError
from authlib.integrations.base_client.sync_app import OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as, show_account
from geo_service.auth.audit import record_act
from geo_service.auth.refusals import ProviderNotConfigured, ProviderRefused, ProviderUnavailable
from geo_service.auth.secrets import new_secret, secret_hash
from geo_service.auth.sessions import may_sign_in, officer_of
from geo_service.auth.tables import OfficerRow, ProviderAttemptRow
from geo_service.settings import Settings

AWAITED: Final = timedelta(minutes=10)
SIGNED_BY: Final = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]  # never `none`, never a shared secret
log = structlog.get_logger(__name__)


class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's client without a web framework; its state is kept in the database."""

    client_cls = OAuth2Client


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser is sent, and the secret it keeps meanwhile as a cookie."""

    url: str
    browser_secret: str


class Provider:
    """The provider that the settings name; it is asked for its addresses and keys when first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        if settings.oidc_issuer is None or settings.oidc_client_id is None:
            raise ProviderNotConfigured
        self.issuer = settings.oidc_issuer.rstrip("/")
        secret = settings.oidc_client_secret
        self._client = _Client(
            None,
            name="office",
            client_id=settings.oidc_client_id,
            client_secret=secret.get_secret_value() if secret else None,
            server_metadata_url=f"{self.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": 10},
        )

    def depart(self, session: Session, *, redirect_uri: str, next_page: str) -> Departure:
        """Begin a sign-in: put what must come back on record, once, for this browser.

        Raises `ProviderUnavailable`.
        """
        try:
            made = self._client.create_authorization_url(redirect_uri)
        except (transport.HTTPError, RuntimeError, ValueError) as error:
            log.warning("provider_unavailable", error=str(error))
            raise ProviderUnavailable from None
        browser_secret, now = new_secret(), datetime.now(UTC)
        session.execute(delete(ProviderAttemptRow).where(ProviderAttemptRow.expires_at < now))
        session.add(
            ProviderAttemptRow(
                state_hash=secret_hash(made["state"]),
                browser_hash=secret_hash(browser_secret),
                nonce=made["nonce"],
                code_verifier=made["code_verifier"],
                redirect_uri=redirect_uri,
                next_page=next_page,
                expires_at=now + AWAITED,
            )
        )
        return Departure(made["url"], browser_secret)

    def arrive(
        self, session: Session, *, state: str, code: str, browser_secret: str
    ) -> tuple[OfficerRow, str]:
        """Return who came back and the page he wanted; the attempt is used up, whatever comes of it.

        Raises `ProviderRefused` for a state unknown, used, too old or another browser's, for an ID token
        that does not hold, and for somebody who is no officer here; `ProviderUnavailable`.
        """
        attempt = session.execute(
            delete(ProviderAttemptRow)
            .where(ProviderAttemptRow.state_hash == secret_hash(state))
            .returning(ProviderAttemptRow)
        ).scalar_one_or_none()
        now = datetime.now(UTC)
        if attempt is None or attempt.expires_at < now or attempt.browser_hash != secret_hash(browser_secret):
            raise ProviderRefused(reason="state")
        return self._officer(session, self._claims(attempt, code)), attempt.next_page

    def _claims(self, attempt: ProviderAttemptRow, code: str) -> dict[str, Any]:
        try:
            token = self._client.fetch_access_token(
                redirect_uri=attempt.redirect_uri, code=code, code_verifier=attempt.code_verifier
            )
            self._client.server_metadata["id_token_signing_alg_values_supported"] = SIGNED_BY
            claims = self._client.parse_id_token(
                token,
                nonce=attempt.nonce,
                claims_options={
                    "iss": {"essential": True, "value": self._client.server_metadata["issuer"]},
                    "aud": {"essential": True, "value": self.settings.oidc_client_id},
                },
            )
        except transport.HTTPError as error:
            log.warning("provider_unavailable", error=str(error))
            raise ProviderUnavailable from None
        except (OAuthError, JoseError, ValueError, KeyError) as error:
            log.warning("provider_refused", error=str(error))
            raise ProviderRefused(reason="token") from None
        if claims is None or self._client.server_metadata["issuer"].rstrip("/") != self.issuer:
            raise ProviderRefused(reason="token")
        return dict(claims)

    def _officer(self, session: Session, claims: dict[str, Any]) -> OfficerRow:
        """Return the officer with this subject; the first time, the one made ready under the name claimed."""
        subject = f"{self.issuer}#{claims['sub']}"
        show_account(session, subject)
        known = select(OfficerRow).where(OfficerRow.oidc_subject == subject)
        row = session.execute(known).scalar_one_or_none()
        if row is None:
            row = self._link(session, subject, claims.get(self.settings.oidc_username_claim))
        if row is None or not may_sign_in(row, self.settings):
            raise ProviderRefused(reason="unknown")
        return row

    def _link(self, session: Session, subject: str, name: object) -> OfficerRow | None:
        if not isinstance(name, str) or not name:
            return None
        show_account(session, name)
        ready = select(OfficerRow).where(OfficerRow.oidc_username == name, OfficerRow.oidc_subject.is_(None))
        row = session.execute(ready).scalar_one_or_none()
        if row is not None and may_sign_in(row, self.settings):
            act_as(session, officer_of(row))
            row.oidc_subject = subject
            record_act(session, "officer.provider", subject=("officer", row.username))
        return row
