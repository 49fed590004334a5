"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

SpecArgument = Annotated[Path, typer.Argument(metavar="SPEC", help="The scene's YAML file.", show_default=False)]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Override one value of the spec, as in --set create.boxes.cube.count=12; repeatable.",
        show_default=False,
    ),
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="NAME",
        help="Leave out an item, or every randomizer of that name, kind or family (lights, ...); repeatable.",
        show_default=False,
    ),
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="NAME",
        help="Vary nothing but randomizers of that name, kind or family; the rest stays as in frame 0; repeatable.",
        show_default=False,
    ),
]
VaryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="NAME=A,B,...",
        help="Make each frame once for each value, as in --vary sun.intensity=200,800, a folder each; repeatable.",
        show_default=False,
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", "-s", min=0, help="Use this seed, not the spec's; 0 is a seed.", show_default=False),
]
BatchOption = Annotated[
    int | None,
    typer.Option("--batch", min=1, help="Frames sampled at a time; it never changes them.", show_default=False),
]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", "-w", min=1, help="Threads or processes; one per core by default.", show_default=False),
]
ProcessesOption = Annotated[
    bool | None,
    typer.Option(
        "--processes/--threads",
        help="Who annotates, encodes and writes; processes from six cores on.",
        show_default=False,
    ),
]
DeviceOption = Annotated[
    str | None,
    typer.Option("--device", metavar="cpu|cuda", help="Where to render; the GPU if there is one.", show_default=False),
]
EngineOption = Annotated[
    Literal["embedded", "isaacsim"] | None,
    typer.Option(
        "--engine",
        help="Runtime: isaacsim starts Isaac Sim, and takes its settings as --/path=value.",
        show_default="embedded",
    ),
]
ModeOption = Annotated[
    Literal["auto", "graph", "stepped"] | None,
    typer.Option(
        "--mode",
        help="On Isaac Sim: graph, Replicator draws; stepped, the same numbers as on the embedded runtime.",
        show_default="the spec's",
    ),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def settings(overrides: list[str] | None, seed: int | None) -> tuple[str, ...]:
    """What ``--set`` and ``--seed`` say, as overrides of the spec; --seed comes last and wins."""
    return (*(overrides or ()), *((f"seed={seed}",) if seed is not None else ()))
