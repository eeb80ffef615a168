"""`token`: API tokens from a terminal, as the operator."""

from typing import Annotated, Final
from uuid import UUID

import typer

from geo_service.auth.officer import Scope
from geo_service.settings import get_settings

app = typer.Typer(help="令牌 · API tokens", no_args_is_help=True)

MADE_ON_THE_PAGE: Final = (
    "日历地址由本人在“待办”页生成 · officers make their calendar address themselves, on the page /due"
)


def _of_a_device(scopes: list[Scope]) -> list[Scope]:
    if Scope.CALENDAR in scopes:
        raise typer.BadParameter(MADE_ON_THE_PAGE)
    return scopes


@app.command()
def create(
    username: str,
    label: Annotated[str, typer.Option(help="the device or program")],
    scope: Annotated[list[Scope], typer.Option(callback=_of_a_device, help="may be given again")],
    days: Annotated[int, typer.Option(min=1, max=366)] = 90,
) -> None:
    """Make a token for an officer and print its secret, this once."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.auth.tokens import make_token
    from geo_service.opening import work_on
    from geo_service.operations.officers import find_officer

    with work_on(get_settings()) as database, database.transaction() as session:
        row = find_officer(session, OPERATOR, username)
        secret, token = make_token(session, row.id, label=label, scopes=set(scope), days=days)
    typer.echo(f"{secret}\n{token.id}\n{token.expires_at:%Y-%m-%dT%H:%MZ}")


@app.command()
def revoke(token_id: UUID) -> None:
    """Revoke a token; the device that has it is refused from now on."""
    from geo_service.auth.refusals import TokenNotFound
    from geo_service.auth.tokens import revoke_token
    from geo_service.opening import work_on

    with work_on(get_settings()) as database, database.transaction() as session:
        if not revoke_token(session, token_id):
            raise TokenNotFound(token=str(token_id))
    typer.echo(str(token_id))
