"""replicator-dr merge: datasets made in parts, as one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replicator_dr.cli.console import output
from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import DebugOption


def merge(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the whole dataset.", show_default=False)],
    shards: Annotated[list[Path], typer.Argument(metavar="SHARD...", help="Folders of its parts.", show_default=False)],
    link: Annotated[bool, typer.Option("--link", help="Hard links in place of copies, where possible.")] = False,
    debug: DebugOption = False,
) -> None:
    """Merge datasets of one spec, made over different frames, into one: the same bytes as a single run's.

    Works for every writer's format. The parts stay as they are.

    Example: replicator-dr merge _out/whole _out/part_0 _out/part_1
    """
    with guarded(debug):
        from replicator_dr.run.merge import merge as united

        console = output()
        with console.status("merging") as status:
            done = united(out, shards, link, lambda images: status.update(f"merging: {images} images"))
        counts = done.counts
        console.print(
            f"{done.path}: {counts['images']} images of {counts['frames']} frames, {counts['annotations']} "
            f"annotations, from {done.shards} parts",
            markup=False,
        )
