"""Ours and the others draw the same scene in turns; what comes out is put side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from replicator_dr.errors import EngineError
from replicator_dr.run.bench.isolated import Progress, isolated
from replicator_dr.run.bench.machine import chosen_device
from replicator_dr.run.bench.options import Options
from replicator_dr.run.bench.peers.crew import Crew
from replicator_dr.run.bench.peers.ours import NAME
from replicator_dr.run.bench.peers.picture_sheet import save_pictures
from replicator_dr.run.bench.peers.protocol import Pictures
from replicator_dr.run.bench.peers.registry import PEERS
from replicator_dr.run.bench.peers.shared_scene import SharedScene, shared_scene
from replicator_dr.run.bench.peers.worker import PeerError
from replicator_dr.run.bench.rate import Rate

CAMERAS_ON_CPU = 8
CAMERAS_ON_CUDA = 256
MODES = {"color": False, "labels": True}
"""{name in the report: whether depth and segments are drawn too}."""
SAME_DEPTH = 0.01
"""Share of the depth by which two renderers may differ."""


def compare(spec: Path, options: Options, progress: Progress, keys: Sequence[str] = tuple(PEERS)) -> dict[str, Any]:
    """Ours and each peer on one spec, as plain JSON; pictures and logs go to ``<output>/peers/<scene>``.

    keys: of ``PEERS``, ours among them. A renderer that is not there, or fails, is listed with the reason.
    """
    folder = options.output / "peers" / spec.stem
    folder.mkdir(parents=True, exist_ok=True)
    total = len(keys) + options.repeats
    progress(f"{spec.stem}: loading", 0, total)
    device, scene = isolated(_scene_of, spec, options.device)
    crews: dict[str, Crew] = {}
    reasons: dict[str, str] = {}
    try:
        for done, key in enumerate(keys):
            progress(f"{spec.stem}: setting up {key}", done, total)
            crew = crews[key] = Crew(key, device, folder)
            try:
                crew.setup(scene)
            except PeerError as failure:
                _drop(crews, reasons, key, failure)
        if NAME in reasons:
            raise EngineError(f"our own renderer failed: {reasons[NAME]}")
        turns: list[dict[str, dict[str, float]]] = []
        for turn in range(options.repeats):
            progress(f"{spec.stem}: turn {turn + 1}", len(keys) + turn, total)
            turns.append(_turn(crews, reasons))
        shown = {key: crew.show() for key, crew in crews.items()}
        results = {key: _result(crew, crews[NAME], turns, shown) for key, crew in crews.items()}
    finally:
        for crew in crews.values():
            crew.close()
    images = {caption(result): (key, shown[key].rgb[0]) for key, result in results.items()}
    return {
        "scene": spec.stem,
        "device": device,
        "triangles": scene.triangles,
        "resolution": [scene.view.width, scene.view.height],
        "pictures": str(save_pictures(images, folder)),
        "renderers": [
            results.get(key) or {"key": key, "name": PEERS[key]().name, "reason": reasons[key]} for key in keys
        ],
    }


def caption(result: Mapping[str, Any]) -> str:
    """What stands over a renderer's picture."""
    return f"{result['name']}, {result['color']['frames_per_second']:.1f} frames/s"


def _scene_of(spec: Path, device: str | None) -> tuple[str, SharedScene]:
    from replicator_dr import build_graph, load_spec
    from replicator_dr.run.bench.subject import views_of

    chosen = chosen_device(device)
    cameras = CAMERAS_ON_CPU if chosen == "cpu" else CAMERAS_ON_CUDA
    with build_graph(load_spec(spec), device=chosen) as graph:
        frames = graph.sample(range(cameras)).arrays
        return chosen, shared_scene(spec.stem, graph.scene.arrays, frames, views_of(graph)[0])


def _turn(crews: dict[str, Crew], reasons: dict[str, str]) -> dict[str, dict[str, float]]:
    """{mode: {renderer: seconds}}; a renderer that fails is dropped."""
    spent: dict[str, dict[str, float]] = {mode: {} for mode in MODES}
    for mode, labels in MODES.items():
        for key, crew in list(crews.items()):
            try:
                spent[mode][key] = crew.seconds(labels)
            except PeerError as failure:
                _drop(crews, reasons, key, failure)
    return spent


def _drop(crews: dict[str, Crew], reasons: dict[str, str], key: str, failure: PeerError) -> None:
    reasons[key] = str(failure)
    crews.pop(key).close()


def _result(
    crew: Crew, ours: Crew, turns: list[dict[str, dict[str, float]]], shown: Mapping[str, Pictures]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "key": crew.key,
        "name": crew.name,
        "processes": crew.processes,
        "lacks": crew.lacks,
        "depth_agrees_percent": agreement(shown[NAME], shown[crew.key]),
    }
    for mode, labels in MODES.items():
        frames = crew.frames(labels)
        rate = Rate(frames, frames, tuple(turn[mode][crew.key] for turn in turns))
        own = Rate(ours.frames(labels), ours.frames(labels), tuple(turn[mode][ours.key] for turn in turns))
        ratio = median(mine / theirs for mine, theirs in zip(own.repeats, rate.repeats, strict=True))
        found[mode] = {
            **rate.plain(),
            "batch": crew.width,
            "ours_times_faster": None if crew.key == ours.key else round(ratio, 3),
        }
    return found


def agreement(ours: Pictures, theirs: Pictures) -> float | None:
    """Of the pixels where ours sees something, those where the other sees it as far away [%]; None without depth."""
    if ours.depth is None or theirs.depth is None:
        return None
    seen = np.isfinite(ours.depth)
    close = np.abs(theirs.depth - np.where(seen, ours.depth, 0.0)) < SAME_DEPTH * ours.depth
    return round(100 * float(close[seen].mean()), 2) if seen.any() else None
