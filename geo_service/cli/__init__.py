"""The same operations from a terminal; assembles the command groups and turns errors into exit codes."""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Final

import typer

EXIT_FINDINGS: Final = 1
EXIT_COULD_NOT_RUN: Final = 3

app = typer.Typer(
    name="geo-service",
    help="行政区域界线、界桩、地名与社区服务中心 · boundaries, markers, place names and hubs",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

GROUPS: Final = {
    "db": "database",
    "user": "officers",
    "token": "tokens",
    "audit": "audit",
    "boundaries": "boundaries",
    "naming": "naming",
    "layer": "layers",
    "hubs": "hubs",
    "field": "field",
    "sensors": "sensors",
    "webhook": "webhooks",
    "markers": "markers",
}
COMMANDS: Final = ("service", "exchange", "checks")


def _assemble() -> None:
    for module in COMMANDS:
        for command in import_module(f"geo_service.cli.{module}").COMMANDS:
            app.command()(command)
    for name, module in GROUPS.items():
        if find_spec(f"geo_service.cli.{module}"):
            app.add_typer(import_module(f"geo_service.cli.{module}").app, name=name)


_assemble()


def main() -> None:
    """Run the command line; a refusal is said in words on standard error, exit code 3."""
    from geo_service.cli.refusals import said

    try:
        app()
    except Exception as error:
        words = said(error)
        if words is None:
            raise
        typer.echo(words, err=True)
        sys.exit(EXIT_COULD_NOT_RUN)
