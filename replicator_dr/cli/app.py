"""The program replicator-dr: its commands and its help. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from replicator_dr.cli.audit import audit
from replicator_dr.cli.bench import bench
from replicator_dr.cli.coverage import coverage
from replicator_dr.cli.doctor import doctor
from replicator_dr.cli.engine import take_kit_arguments
from replicator_dr.cli.explain import explain
from replicator_dr.cli.generate import generate
from replicator_dr.cli.graph import graph
from replicator_dr.cli.kit_path import kit_path
from replicator_dr.cli.merge import merge
from replicator_dr.cli.preview import preview
from replicator_dr.cli.schema import schema
from replicator_dr.cli.validate import validate
from replicator_dr.cli.verify_isaacsim import verify_isaacsim
from replicator_dr.run.exit_codes import MEANINGS

_EXAMPLES = """[bold]Start here[/bold]

replicator-dr preview scenes/tabletop.yaml -o sheet.png   look at three frames\n
replicator-dr generate scenes/tabletop.yaml --frames 64   make a dataset\n
replicator-dr validate my_scene.yaml                      check a spec\n
replicator-dr doctor                                      is this machine ready?"""

_EXIT_CODES = "[bold]Exit codes[/bold]\n\n" + "\n\n".join(
    f"{int(code)}  {meaning}" for code, meaning in MEANINGS.items()
)

app = typer.Typer(
    name="replicator-dr",
    help="Make labelled training data for robots: one YAML file in, a dataset out.\n\n" + _EXAMPLES,
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(generate)
app.command()(validate)
app.command()(merge)
app.command()(preview)
app.command()(audit)
app.command()(coverage)
app.command()(explain)
app.command()(graph)
app.command()(schema)
app.command()(doctor)
app.command()(bench)
app.command("kit-path")(kit_path)
app.command("verify-isaacsim")(verify_isaacsim)


def _print_version(wanted: bool) -> None:
    if wanted:
        from replicator_dr import __version__

        typer.echo(f"replicator-dr {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Hold the options that stand before a command's name."""


def main() -> None:
    """Run the program: the console script's entry point."""
    app(args=take_kit_arguments(sys.argv[1:]))
