"""Annotations of Pascal VOC: one XML file for each image."""

from __future__ import annotations

from xml.sax.saxutils import escape

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.labels.content import Content


def annotation(image: LabelledImage, file_name: str, truncated_above: float, occluded_above: float) -> Content:
    """The objects of an image, those that are filtered out after the others, as ``difficult``.

    Boxes are those of the visible pixels, which count from 1; maxima are inclusive.
    """
    batch, records = image.batch, image.batch.records
    truncated = batch.once(("voc truncated", truncated_above), lambda: (records.truncation > truncated_above).tolist())
    hidden = 1 - records.visible_fraction if records.knows_hidden_parts else None
    rows, below = image.rows.tolist(), image.rows_below.tolist()
    objects: list[str] = []
    for row in rows + below:
        x_min, y_min, x_max, y_max = (records.box[row] + 1).tolist()
        occluded = "" if hidden is None else f"    <occluded>{int(hidden[row] > occluded_above)}</occluded>\n"
        objects.append(
            "  <object>\n"
            f"    <name>{escape(str(batch.selection.categories[row]))}</name>\n"
            "    <pose>Unspecified</pose>\n"
            f"    <truncated>{int(truncated[row])}</truncated>\n"
            f"{occluded}"
            "    <bndbox>\n"
            f"      <xmin>{x_min}</xmin>\n"
            f"      <ymin>{y_min}</ymin>\n"
            f"      <xmax>{x_max}</xmax>\n"
            f"      <ymax>{y_max}</ymax>\n"
            "    </bndbox>\n"
            f"    <difficult>{int(len(objects) >= len(rows))}</difficult>\n"
            "  </object>\n"
        )
    text = (
        "<annotation>\n"
        "  <folder>VOC2012</folder>\n"
        f"  <filename>{escape(file_name)}</filename>\n"
        "  <source>\n    <database>replicator_dr</database>\n  </source>\n"
        f"  <size>\n    <width>{image.camera.width}</width>\n    <height>{image.camera.height}</height>\n"
        "    <depth>3</depth>\n  </size>\n"
        "  <segmented>1</segmented>\n"
        f"{''.join(objects)}"
        "</annotation>\n"
    )
    return Content(text.encode())
