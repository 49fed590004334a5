"""replicator-dr verify-isaacsim: the same frames on both runtimes, compared."""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from replicator_dr.cli.console import messages, output
from replicator_dr.cli.engine import engine_running
from replicator_dr.cli.guard import guarded
from replicator_dr.cli.options import DebugOption

if TYPE_CHECKING:
    from replicator_dr.run.verify import Comparison

Specs = Annotated[
    list[Path] | None,
    typer.Argument(metavar="SPEC...", help="Scenes to compare; all in ./scenes by default.", show_default=False),
]


def verify_isaacsim(
    specs: Specs = None,
    reference: Annotated[
        Path, typer.Option("--reference", metavar="DIR", help="Frames of the embedded runtime.")
    ] = Path("_out/reference"),
    make_reference: Annotated[
        bool, typer.Option("--make-reference", help="Make these frames, outside Isaac Sim, and stop.")
    ] = False,
    embedded_python: Annotated[
        Path | None,
        typer.Option(
            "--embedded-python",
            metavar="FILE",
            help="A Python with replicator_dr[embedded], which makes the frames first.",
            show_default=False,
        ),
    ] = None,
    frames: Annotated[int, typer.Option("--frames", "-n", min=1, help="Frames of each scene.")] = 4,
    output_dir: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Isaac Sim's frames, and verify.json.")
    ] = Path("_out/verify"),
    debug: DebugOption = False,
) -> None:
    """Render scenes on Isaac Sim and on the embedded runtime, and compare their labels: boxes, depth, poses.

    Run it with Isaac Sim's Python. See VERIFY.md; please send the file verify.json back.

    Examples:
      replicator-dr verify-isaacsim --make-reference

      ./python.sh -m replicator_dr verify-isaacsim

      ./python.sh -m replicator_dr verify-isaacsim scenes/parts.yaml --embedded-python .venv/bin/python
    """
    with guarded(debug):
        from replicator_dr.errors import OutputError

        chosen = specs or sorted(Path("scenes").glob("*.yaml"))
        if not chosen:
            raise OutputError("there is no folder scenes here; name the specs to compare")
        if make_reference:
            _generate(chosen, frames, reference, "embedded")
            return
        if embedded_python is not None:
            command = [str(embedded_python), "-m", "replicator_dr", "verify-isaacsim", "--make-reference"]
            command += ["--reference", str(reference), "-n", str(frames), *map(str, chosen)]
            subprocess.run(command, check=True)
        absent = [spec.stem for spec in chosen if not (reference / spec.stem).is_dir()]
        if absent:
            raise OutputError(
                f"{reference} has no frames of {', '.join(absent)}; make them outside Isaac Sim with --make-reference, "
                "or give --embedded-python"
            )
    with guarded(debug), engine_running("isaacsim"), guarded(debug):
        from replicator_dr.engines.isaacsim.versions import running
        from replicator_dr.run.verify import compare

        _generate(chosen, frames, output_dir, "isaacsim")
        compared = [compare(spec.stem, output_dir / spec.stem, reference / spec.stem) for spec in chosen]
        _print(compared)
        report = {"release": running().name, "machine": platform.platform(), "frames": frames}
        report_file = output_dir / "verify.json"
        report_file.write_text(json.dumps({**report, "scenes": [one.as_json() for one in compared]}, indent=1))
        output().print(f"report: {report_file}")
        if any(one.faults for one in compared):
            raise typer.Exit(1)


def _generate(specs: list[Path], frames: int, folder: Path, engine: str) -> None:
    """The first frames of each scene, plain products, so that hidden parts are labelled too."""
    from replicator_dr import build_graph, load_spec

    for spec in specs:
        loaded = load_spec(spec)
        plain = [f"render_products[{index}].tiled=false" for index in range(len(loaded.render_products))]
        with build_graph(load_spec(spec, overrides=plain), engine=engine, mode="stepped") as graph:
            statistics = graph.run(frames, output_dir=folder / spec.stem, overwrite=True)
        messages().print(f"{spec.stem}: {statistics.images} images in {statistics.seconds:.1f} s")


def _print(compared: list[Comparison]) -> None:
    from rich.table import Table

    table = Table(title="Isaac Sim against the embedded runtime")
    headings = ("scene", "images", "objects", "missing", "extra", "box IoU", "least", "depth mm", "95 %", "position mm",
                "rotation °", "verdict")  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("scene", "verdict") else "right")
    for one in compared:
        numbers = [one.images, one.objects, one.missing, one.extra]
        fractions = [*one.box_iou, *(1000 * value for value in one.depth_error), 1000 * one.position_error]
        table.add_row(
            one.scene, *map(str, numbers), *(f"{value:.3f}" for value in fractions), f"{one.rotation_error:.4f}",
            "; ".join(one.faults) or "good",
        )  # fmt: skip
    output().print(table)
