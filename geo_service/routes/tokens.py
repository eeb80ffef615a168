"""One's own API tokens over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from geo_service.auth import tokens
from geo_service.auth.gate import BySession, NeverStored, SignedIn
from geo_service.auth.refusals import SignInRequired, TokenNotFound
from geo_service.db import DbSession
from geo_service.schemas.people import NewToken, Token, Tokens, TokenToMake

router = APIRouter(prefix="/api/tokens", tags=["people"], dependencies=[NeverStored])


@router.get("")
def list_tokens(session: DbSession, officer: SignedIn) -> Tokens:
    """List one's own tokens, without their secrets."""
    return Tokens(tokens=[Token.model_validate(row) for row in tokens.own_tokens(session, officer)])


@router.post("", status_code=201)
def make_token(session: DbSession, officer: BySession, asked: TokenToMake) -> NewToken:
    """Make a token; its secret is shown this once."""
    if officer.id is None:
        raise SignInRequired
    secret, row = tokens.make_token(
        session, officer.id, label=asked.label, scopes=set(asked.scopes), days=asked.days
    )
    return NewToken(**Token.model_validate(row).model_dump(), token=secret)


@router.delete("/{token_id}", status_code=204)
def revoke_token(session: DbSession, officer: BySession, token_id: UUID) -> None:
    """Revoke one of one's own tokens; a device that has it is refused from now on."""
    if not tokens.revoke_token(session, token_id, owner=officer.id):
        raise TokenNotFound(token=str(token_id))
