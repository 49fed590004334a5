"""Labels as Isaac Sim 4.5 reads them: SemanticsAPI with a type and a value, beside the newer LabelsAPI."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pxr import Sdf, Usd

_NEWER = "semantics:labels:"


def add_older_labels(stage: Usd.Stage, layer: Sdf.Layer, prims: Iterable[Usd.Prim]) -> None:
    """Author SemanticsAPI attributes for every ``semantics:labels:<type>`` of these prims into ``layer``.

    Several labels of one type are joined by commas, as Replicator joins them.
    """
    from pxr import Sdf, Tf, Usd

    with Usd.EditContext(stage, layer):
        for prim in prims:
            for attribute in prim.GetAttributes():
                if not attribute.GetName().startswith(_NEWER):
                    continue
                kind = attribute.GetName().removeprefix(_NEWER)
                instance = Tf.MakeValidIdentifier(kind)
                prim.AddAppliedSchema(f"SemanticsAPI:{instance}")
                for field, value in (("Type", kind), ("Data", ",".join(attribute.Get() or []))):
                    name = f"semantic:{instance}:params:semantic{field}"
                    prim.CreateAttribute(name, Sdf.ValueTypeNames.String, True).Set(value)


def labelled_in(stage: Usd.Stage, layer: Sdf.Layer) -> list[Usd.Prim]:
    """The prims whose labels ``layer`` says."""
    paths: set[Sdf.Path] = set()

    def visit(path: Sdf.Path) -> None:
        if path.IsPropertyPath() and path.name.startswith(_NEWER):
            paths.add(path.GetPrimPath())

    layer.Traverse("/", visit)
    return [stage.GetPrimAtPath(path) for path in sorted(paths)]
