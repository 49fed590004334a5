"""replicator-dr schema: the language as JSON Schema, or as a reference page."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import DebugOption


def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the reference page instead.")] = False,
    debug: DebugOption = False,
) -> None:
    """Print the JSON Schema of the spec language, with every installed randomizer and writer.

    Editors complete and check a spec whose first line is

      # yaml-language-server: $schema=replicator_dr.schema.json

    Example: replicator-dr schema > scenes/replicator_dr.schema.json
    """
    with guarded(debug):
        if markdown:
            from replicator_dr.run.reference import reference_page

            typer.echo(reference_page(), nl=False)
        else:
            from replicator_dr.spec import json_schema

            typer.echo(json.dumps(json_schema(), indent=2))
