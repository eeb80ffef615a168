# ruff: noqa: ARG002 -- the signatures are Authlib's
"""A real OpenID provider on loopback, of Authlib's server parts: codes, PKCE, signed ID tokens; for the tests."""

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "geo", "a secret of the provider's"


class Client:
    """The service as the provider knows it."""

    client_id = CLIENT_ID
    response_types = ("code",)
    scope = "openid profile"

    def __init__(self, redirect_uris: list[str]) -> None:
        self.redirect_uris = redirect_uris

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(each for each in scope.split() if each in self.scope.split())

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type in self.response_types

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code:
    """An authorization code that was given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    user: dict[str, str]
    auth_time: int = field(default_factory=lambda: int(time.time()))
    used: bool = False

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Grant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib is untyped
    """Authorization codes, each good once."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        self.server.codes[code] = Code(
            code,
            request.payload.redirect_uri,
            request.payload.scope,
            data.get("nonce"),
            data.get("code_challenge"),
            data.get("code_challenge_method"),
            request.user,
        )

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        found = self.server.codes.get(code)
        return None if found is None or found.used else found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        authorization_code.used = True

    def authenticate_user(self, authorization_code: Code) -> dict[str, str]:
        return authorization_code.user


class IdToken(OpenIDCode):  # type: ignore[misc]  # as above
    """Who signed in, signed by the provider, or forged where a test wants that."""

    def __init__(self, provider: "Provider") -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: Any) -> Any:
        return self.provider.signing_key

    def get_client_algorithm(self, client: Any) -> str:
        return self.provider.algorithm

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        return {"iss": self.provider.issuer} | self.provider.claims

    def encode_id_token(self, token: Any, request: Any) -> str:
        if self.provider.algorithm == "RS256":
            signed: str = super().encode_id_token(token, request)
            return signed
        claims = self.get_compatible_claims(request)
        claims |= self.get_authorization_code_claims(request.authorization_code) | request.user
        return self.provider.forged(claims)

    def generate_user_info(self, user: dict[str, str], scope: str) -> UserInfo:
        return UserInfo(user)


class Provider(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """The provider: whoever `signs_in` next is who comes to the authorization address."""

    def __init__(self, redirect_uris: list[str]) -> None:
        super().__init__(scopes_supported=["openid", "profile"])
        self.client = Client(redirect_uris)
        self.codes: dict[str, Code] = {}
        self.signs_in: dict[str, str] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.signing_key, self.algorithm = self.key, "RS256"
        self.claims: dict[str, Any] = {}
        self.issuer = ""
        self.register_token_generator("default", BearerTokenGenerator(lambda **_: "an access token"))
        self.register_grant(Grant, [IdToken(self), CodeChallenge(required=True)])

    def query_client(self, client_id: str) -> Client | None:
        return self.client if client_id == CLIENT_ID else None

    def save_token(self, token: Any, request: Any) -> None:
        """Nothing of the provider's is asked for with the token."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        return request

    def handle_response(self, status: int, payload: Any, headers: Any) -> Response:
        body = json.dumps(payload) if isinstance(payload, dict) else payload
        return Response(body or "", status, headers=dict(headers))

    def forged(self, claims: dict[str, Any]) -> str:
        """Return an ID token unsigned, or signed with the public key as if that were a shared secret."""
        parts = [json.dumps({"alg": self.algorithm}), json.dumps(claims)]
        content = b".".join(urlsafe_b64encode(part.encode()).rstrip(b"=") for part in parts)
        signature = b""
        if self.algorithm == "HS256":
            digest = hmac.digest(self.key.as_pem(private=False), content, "sha256")
            signature = urlsafe_b64encode(digest).rstrip(b"=")
        return (content + b"." + signature).decode()

    async def authorize(self, request: Request) -> Response:
        asked = _understood(request, b"")
        grant = self.get_consent_grant(asked, end_user=self.signs_in)
        answer: Response = self.create_authorization_response(asked, grant_user=self.signs_in, grant=grant)
        return answer

    async def token(self, request: Request) -> Response:
        answer: Response = self.create_token_response(_understood(request, await request.body()))
        return answer

    async def metadata(self, _: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    async def jwks(self, _: Request) -> JSONResponse:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))


def _understood(request: Request, body: bytes) -> OAuth2Request:
    made = OAuth2Request(request.method, str(request.url), headers=request.headers)
    fields = dict(request.query_params) | dict(parse_qsl(body.decode()))
    made.payload = BasicOAuth2Payload(fields)
    made._body = fields
    return made


@dataclass
class RunningProvider:
    """The provider on its port; `stop` ends it."""

    provider: Provider
    server: uvicorn.Server
    thread: threading.Thread

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)


def run_provider(redirect_uris: list[str]) -> RunningProvider:
    """Serve a provider on a free port of loopback."""
    provider = Provider(redirect_uris)
    routes = [
        Route("/.well-known/openid-configuration", provider.metadata),
        Route("/authorize", provider.authorize),
        Route("/token", provider.token, methods=["POST"]),
        Route("/jwks", provider.jwks),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes), host="127.0.0.1", port=0, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    provider.issuer = f"http://127.0.0.1:{port}"
    return RunningProvider(provider, server, thread)
