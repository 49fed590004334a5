"""Batches of frames through the renderer, on as many threads as a run would use; what comes out is dropped."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from replicator_dr.run.doctor import cpu_threads

if TYPE_CHECKING:
    from replicator_dr.render.renderer import Renderer
    from replicator_dr.render.scene import FrameArrays, View

THREADS_ON_CUDA = 2
"""One thread's images come down from the device while another's are drawn."""


@dataclass(frozen=True)
class Drawing:
    """What draws, through which views, on how many threads."""

    renderer: Renderer
    views: tuple[View, ...]
    threads: int

    def draw(self, bank: FrameArrays, frames: int, batch: int, *, rgb: bool = True, on_device: bool = False) -> None:
        """Draw ``frames`` frames in batches, through all views, and wait until they are there.

        bank: frames to take from, over and over. rgb: whether colours are drawn besides depth and labels. on_device:
        nothing is brought to the host, and on CUDA one thread does it, which others would hold up.
        """
        draw = self.renderer.draw if on_device else self.renderer.render

        def work(part: FrameArrays) -> None:
            for view in self.views:
                draw(part, view, rgb=rgb)

        parts = chunks(bank, frames, batch)
        if self.threads == 1 or (on_device and not self.renderer.device.is_cpu):
            for part in parts:
                work(part)
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                for _ in pool.map(work, parts):
                    pass
        self.wait()

    def wait(self) -> None:
        """Until the device has done everything that it was given."""
        import warp as wp

        wp.synchronize_device(self.renderer.device)


def drawing(renderer: Renderer, views: tuple[View, ...]) -> Drawing:
    """A drawing with the threads that suit the renderer's device."""
    return Drawing(renderer, views, cpu_threads() if renderer.device.is_cpu else THREADS_ON_CUDA)


def chunks(bank: FrameArrays, frames: int, batch: int) -> Iterator[FrameArrays]:
    """``frames`` frames of the bank in batches of at most ``batch``, from its beginning again when it ends."""
    width = min(batch, len(bank))
    starts = range(0, len(bank) - width + 1, width)
    for number, first in enumerate(range(0, frames, width)):
        begin = starts[number % len(starts)]
        yield bank[begin : begin + min(width, frames - first)]
