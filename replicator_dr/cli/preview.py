"""replicator-dr preview: a contact sheet of a spec, or of a dataset that was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replicator_dr.cli.console import output
from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import (
    DebugOption,
    DeviceOption,
    OnlyOption,
    SeedOption,
    SetOption,
    WithoutOption,
    settings,
)


def preview(
    source: Annotated[
        Path, typer.Argument(metavar="SPEC|DATASET", help="A YAML file, or a dataset's folder.", show_default=False)
    ],
    frames: Annotated[int, typer.Option("--frames", "-n", min=1, help="How many frames to show.")] = 3,
    frame: Annotated[
        list[int] | None,
        typer.Option("--frame", "-k", min=0, metavar="K", help="Show frame K; repeatable.", show_default=False),
    ] = None,
    picture: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where the picture goes: .png, .jpg or .webp.")
    ] = Path("preview.png"),
    width: Annotated[int, typer.Option("--width", min=160, max=1920, help="Width of one image on the sheet.")] = 480,
    seed: SeedOption = None,
    overrides: SetOption = None,
    without: WithoutOption = None,
    only: OnlyOption = None,
    device: DeviceOption = None,
    debug: DebugOption = False,
) -> None:
    """Draw a contact sheet: for each image its boxes and classes, instance masks, depth and normals.

    For a spec the frames are made and written to a temporary folder first, so the sheet shows what a run would write.
    For a dataset's folder it shows what lies there, spread over all its frames; normals are not part of a dataset.

    Examples:
      replicator-dr preview scenes/tabletop.yaml -o sheet.png

      replicator-dr preview scenes/tabletop.yaml --frame 13 --set seed=3

      replicator-dr preview _out/tabletop --frames 5
    """
    with guarded(debug):
        from replicator_dr.run.preview_dataset import dataset_preview
        from replicator_dr.run.preview_sheet import contact_sheet, save_sheet

        if source.is_dir():
            if overrides or without or only or seed is not None:
                raise typer.BadParameter("--set, --without, --only and --seed need a spec; a dataset is shown as it is")
            rows, title = dataset_preview(source, frames, frame or ())
        else:
            from replicator_dr import load_spec
            from replicator_dr.run.preview_spec import spec_preview

            spec = load_spec(source, overrides=settings(overrides, seed), without=without or (), only=only or ())
            rows, title = spec_preview(spec, frame or list(range(frames)), device)
        save_sheet(contact_sheet(rows, title, width), picture)
        output().print(str(picture), markup=False)
