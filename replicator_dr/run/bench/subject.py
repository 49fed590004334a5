"""What is measured: a spec's graph with the facts that its rate depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from replicator_dr.run.bench.drawing import Drawing, drawing
from replicator_dr.run.bench.machine import chosen_device, device_name

if TYPE_CHECKING:
    from replicator_dr.graph import Graph
    from replicator_dr.render.scene import FrameArrays, SceneArrays, View


@dataclass(frozen=True)
class Subject:
    """A graph and how it is run.

    name: of the scene. device: a Warp device. batch: frames rendered together. frames: of each measured run.
    views: what each frame is seen through.
    """

    name: str
    graph: Graph
    device: str
    batch: int
    frames: int
    views: tuple[View, ...]
    asked: int | None
    """Frames drawn together as the user asked for, who may leave it open: streams of tensors then take more."""

    @property
    def images(self) -> int:
        """Images of a measured run."""
        return self.frames * len(self.views)

    def bank(self) -> FrameArrays:
        """Sampled frames to draw from: a window, or a batch where that is more."""
        from replicator_dr.engines.embedded.loop.pipeline import WINDOW

        return self.graph.sample(range(max(WINDOW, self.batch))).arrays

    def drawing(self) -> Drawing:
        """A renderer of the scene."""
        from replicator_dr.render.renderer import Renderer

        return drawing(Renderer(self.graph.scene.arrays, self.device), self.views)

    def facts(self) -> dict[str, Any]:
        """What the figures depend on, as plain JSON; triangles and instances are those of the first frame."""
        return {
            "scene": self.name,
            "device": self.device,
            "device_name": device_name(self.device),
            **facts(self.graph.scene.arrays, self.graph.sample(0).arrays),
            "resolution": [[view.width, view.height] for view in self.views],
            "images_per_frame": len(self.views),
            "batch": self.batch,
        }


def subject(name: str, graph: Graph, device: str | None, batch: int | None, frames: int) -> Subject:
    """Ready to measure. device, batch: None as a run would choose. EngineError for a device that is not there."""
    chosen = chosen_device(device)
    views = views_of(graph)
    return Subject(name, graph, chosen, batch or default_batch(views, chosen), frames, views, batch)


def views_of(graph: Graph) -> tuple[View, ...]:
    """Each camera of each render product, in the order in which a run draws them."""
    from replicator_dr.render.scene import View

    paths = graph.scene.camera_paths
    return tuple(View(paths.index(path), *product.tile) for product in graph.products for path in product.cameras)


def default_batch(views: tuple[View, ...], device: str) -> int:
    """Frames that the pipeline renders together unless told otherwise."""
    from replicator_dr.engines.embedded.loop.chunk_width import default_chunk

    return default_chunk(sum(view.width * view.height for view in views), device == "cpu")


def facts(scene: SceneArrays, frames: FrameArrays) -> dict[str, Any]:
    """What a renderer has to do in the first of the frames.

    triangles: of all parts that are drawn. instances: parts that are drawn. entities: things with labels of their own.
    lights: that shine. samples_per_pixel: visibility samples; colours are worked out once for each surface in a pixel.
    """
    from replicator_dr.render.structs import SAMPLES

    drawn = frames.part_drawn[0]
    sizes = [len(scene.meshes[mesh].triangles) for mesh in scene.part_mesh[drawn]]
    return {
        "triangles": sum(sizes),
        "instances": int(drawn.sum()),
        "entities": scene.entities,
        "lights": int(frames.lights.visible[0].sum()),
        "textures": len(scene.textures),
        "samples_per_pixel": SAMPLES,
    }
