"""The report as tables: rows of text, for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from replicator_dr.run.bench.sinks import SINKS

SINK_HEADINGS = {
    "rendered": "rendered",
    "tensors": "labels as tensors on the GPU",
    "null": "rendered and labelled in memory",
    "memory": "files in RAM",
    "disk": "files on disk",
}
STAGES = ("sample", "render_labels", "render_color", "annotate", "encode", "write")
_FACTS = ("triangles", "instances", "lights", "samples_per_pixel")


@dataclass(frozen=True)
class Table:
    """A table with a title above and a note below; the first column names the rows. remarks: the last one is prose."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    remarks: bool = False

    def left(self, column: int) -> bool:
        """Whether a column begins at its left, as words do."""
        return column == 0 or (self.remarks and column == len(self.headings) - 1)

    def markdown(self) -> str:
        """As Markdown."""
        rule = "".join("|---" if self.left(column) else "|---:" for column in range(len(self.headings)))
        lines = [f"### {self.title}", "", _row(self.headings), rule + "|"]
        lines += [_row(row) for row in self.rows]
        return "\n".join([*lines, "", self.note] if self.note else lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def tables(report: Mapping[str, Any]) -> list[Table]:
    """All tables of a report, in the order in which they are shown."""
    scenes = report["scenes"]
    found = [subject_table(scenes), sink_table(scenes), stage_table(scenes)] if scenes else []
    found += [growth_table(axis, points) for axis, points in report.get("growth", {}).items()]
    return found + [peer_table(comparison) for comparison in report.get("peers", [])]


def heading(report: Mapping[str, Any]) -> str:
    """One line about the machine and the versions."""
    machine, versions = report["machine"], report["versions"]
    names = sorted({scene["device_name"] for scene in report["scenes"]} - {machine["processor"]})
    device = f", {', '.join(names)}" if names else ""
    return (
        f"{machine['processor']}, {machine['threads']} threads{device}; replicator_dr {versions['replicator_dr']}, "
        f"Python {versions['python']}, warp {versions.get('warp-lang', '-')}"
    )


def subject_table(scenes: Sequence[Mapping[str, Any]]) -> Table:
    """What was measured."""
    rows = [
        [
            scene["scene"],
            *(f"{scene[fact]:,}" for fact in _FACTS),
            ", ".join(sorted({f"{width}x{height}" for width, height in scene["resolution"]})),
            str(scene["images_per_frame"]),
            str(scene["batch"]),
            str(scene["frames"]),
            scene["device"],
        ]
        for scene in scenes
    ]
    headings = [
        "scene", "triangles", "instances", "lights", "samples/pixel", "resolution", "images/frame", "batch", "frames",
        "device",
    ]  # fmt: skip
    return Table("What was measured", headings, rows)


def sink_table(scenes: Sequence[Mapping[str, Any]]) -> Table:
    """End to end."""
    rows = []
    for scene in scenes:
        memory = scene["memory_megabytes"]
        span = f"{memory[0]:.0f} to {memory[-1]:.0f} MB" if memory else "-"
        rows.append([scene["scene"], *(rate_text(scene["sinks"].get(sink)) for sink in SINKS), span])
    headings = ["scene", *(SINK_HEADINGS[sink] for sink in SINKS), "memory, first to last tenth"]
    note = (
        "Median, and slowest to fastest repeat. Rendered: frames that were sampled before, colours, depth and labels. "
        "In memory: sampled, rendered, labelled, the arrays dropped. Files: as a run writes them."
    )
    return Table("End to end [frames/s]", headings, rows, note)


def stage_table(scenes: Sequence[Mapping[str, Any]]) -> Table:
    """Each stage alone."""
    rows = [
        [scene["scene"], *(f"{scene['stages'][stage]['milliseconds_per_image']:.2f}" for stage in STAGES)]
        for scene in scenes
    ]
    note = "On one thread, with nothing else running; render_color includes the labels."
    return Table("Each stage alone [ms per image]", ["scene", *STAGES], rows, note)


def growth_table(axis: str, points: Sequence[Mapping[str, Any]]) -> Table:
    """The rate along one axis."""
    others = [fact for fact in ("triangles", "instances", "lights") if fact != axis]
    rows = [
        [
            f"{point[axis]:,}" if axis not in others and isinstance(point.get(axis), int) else str(point["value"]),
            rate_text(point),
            f"{point['milliseconds_per_image']:.3f}",
            f"{point['megapixels_per_second']:.1f}",
            *(f"{point[fact]:,}" for fact in others),
            f"{point['threads']} x {point['batch']}",
        ]
        for point in points
    ]
    headings = [axis, "frames/s", "ms per image", "Mpixel/s", *others, "threads x batch"]
    return Table(f"Rendered, against {axis}", headings, rows)


def peer_table(comparison: Mapping[str, Any]) -> Table:
    """Ours beside other renderers."""
    rows = []
    for peer in comparison["renderers"]:
        if "reason" in peer:
            rows.append([peer["name"], "-", "-", "-", "-", "-", "-", f"not measured: {peer['reason']}"])
            continue
        color, labels = peer["color"], peer["labels"]
        rows.append(
            [
                peer["name"],
                rate_text(color),
                times(color["ours_times_faster"]),
                rate_text(labels),
                times(labels["ours_times_faster"]),
                f"{peer['processes']} x {color['batch']}",
                percent(peer["depth_agrees_percent"]),
                peer["lacks"],
            ]
        )
    headings = [
        "renderer", "colour [frames/s]", "ours / theirs", "colour, depth, segments [frames/s]", "ours / theirs",
        "processes x batch", "same depth", "what it does not do here",
    ]  # fmt: skip
    note = (
        "The same triangles, camera path and resolution, one distant light; the camera moves, the objects stay, which "
        "suits renderers that trace rays. 'ours / theirs': median of the ratios of runs that took turns. 'same depth': "
        "pixels whose depth is within 1 % of ours."
    )
    return Table(f"Beside other renderers: {comparison['scene']}", headings, rows, note, remarks=True)


def rate_text(rate: Mapping[str, Any] | None) -> str:
    """Frames a second as text, with the spread; "-" for what was not measured."""
    if rate is None:
        return "-"
    return f"{number(rate['frames_per_second'])} ({number(rate['slowest'])} to {number(rate['fastest'])})"


def times(ratio: float | None) -> str:
    """A ratio as text."""
    return "-" if ratio is None else f"{ratio:.3g}x"


def percent(share: float | None) -> str:
    """A share as text."""
    return "-" if share is None else f"{share:.1f} %"


def number(value: float) -> str:
    """Three digits or more, with separators."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
