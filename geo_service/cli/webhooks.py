"""`webhook`: addresses that are told when layers change, from a terminal, as the operator."""

from typing import Annotated
from uuid import UUID

import typer

from geo_service.changes.feed import Layer
from geo_service.settings import get_settings

app = typer.Typer(help="变更通知 · addresses that are told of changes", no_args_is_help=True)


@app.command()
def add(
    label: str,
    url: str,
    layer: Annotated[list[Layer], typer.Option(help="a layer to tell of; may be given again")],
) -> None:
    """Have an address told when layers change; print its id and the secret of its signatures, this once."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.changes.webhooks import add_webhook
    from geo_service.opening import work_on

    settings = get_settings()
    with work_on(settings) as database, database.transaction() as session:
        row = add_webhook(
            session, OPERATOR, label=label, url=url, layers=layer, allowed=settings.webhook_networks
        )
    typer.echo(f"{row.id}\n{row.secret}")


@app.command("list")
def list_() -> None:
    """List the addresses: id, label, address, layers, active or paused, and what became of the newest message."""
    from geo_service.changes.messages import newest_of_each
    from geo_service.changes.webhooks import list_webhooks
    from geo_service.opening import work_on

    with work_on(get_settings()) as database, database.transaction() as session:
        rows = list_webhooks(session)
        newest = newest_of_each(session, rows)
    for row in rows:
        last = newest.get(row.id)
        state = "active" if row.paused_at is None else "paused"
        told = "-" if last is None else f"{last.created_at:%Y-%m-%dT%H:%MZ} {last.state}"
        typer.echo("\t".join((str(row.id), row.label, row.url, ",".join(row.layers), state, told)))


@app.command()
def deliveries(
    webhook_id: UUID, most: Annotated[int, typer.Option(min=1, max=10_000, help="how many")] = 20
) -> None:
    """Print the newest messages to an address: when, id, state, attempts, what was answered or why nothing was, what for."""
    from geo_service.changes.messages import deliveries as log
    from geo_service.opening import work_on

    with work_on(get_settings()) as database, database.transaction() as session:
        rows = log(session, webhook_id, limit=most)
    for row in rows:
        answer = row.answered if row.answered is not None else row.failure
        next_at = "" if row.next_attempt_at is None else f" next {row.next_attempt_at:%Y-%m-%dT%H:%M:%SZ}"
        told = ",".join(row.layers) or "test"
        typer.echo(
            f"{row.created_at:%Y-%m-%dT%H:%MZ}\t{row.id}\t{row.state}\t{row.attempts}\t{answer}\t{told}{next_at}"
        )


@app.command()
def test(webhook_id: UUID) -> None:
    """Send a test message now and say what was answered; exit 1 where it did not arrive."""
    from geo_service.changes.delivery import send_once
    from geo_service.changes.messages import make_test
    from geo_service.cli import EXIT_FINDINGS
    from geo_service.opening import work_on

    with work_on(get_settings()) as database:
        with database.transaction() as session:
            identity = make_test(session, webhook_id).id
        told = send_once(database, identity)
    typer.echo(f"{told['state']}: {told['answered'] or told['failure']}")
    raise typer.Exit(0 if told["state"] == "delivered" else EXIT_FINDINGS)


@app.command()
def pause(webhook_id: UUID) -> None:
    """Send nothing to an address until it is resumed."""
    from geo_service.changes.webhooks import pause_webhook
    from geo_service.opening import work_on

    with work_on(get_settings()) as database, database.transaction() as session:
        pause_webhook(session, webhook_id)
    typer.echo(str(webhook_id))


@app.command()
def resume(webhook_id: UUID) -> None:
    """Send to an address again: what was waiting, and what changed meanwhile."""
    from geo_service.changes.webhooks import resume_webhook
    from geo_service.opening import work_on

    with work_on(get_settings()) as database, database.transaction() as session:
        resume_webhook(session, webhook_id)
    typer.echo(str(webhook_id))


@app.command()
def secret(webhook_id: UUID) -> None:
    """Give an address a new secret and print it, this once; the former one signs too for a day."""
    from geo_service.changes.webhooks import change_secret
    from geo_service.opening import work_on

    with work_on(get_settings()) as database, database.transaction() as session:
        row = change_secret(session, webhook_id)
    typer.echo(f"{row.secret}\n{row.former_secret_until:%Y-%m-%dT%H:%MZ}")


@app.command()
def remove(webhook_id: UUID) -> None:
    """Send nothing more to an address; its log stays."""
    from geo_service.changes.webhooks import end_webhook
    from geo_service.opening import work_on

    with work_on(get_settings()) as database, database.transaction() as session:
        end_webhook(session, webhook_id)
    typer.echo(str(webhook_id))
