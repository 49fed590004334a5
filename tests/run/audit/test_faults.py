"""Each kind of fault, put into a faultless dataset, is found by the check that is meant for it and by no other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from replicator_dr.run.audit import Status, audit
from tests.run.audit.conftest import SPEC, write_dataset
from tests.run.audit.written import Json, Written, fired, fires_exactly, largest, mask_of, png, project_anew


def test_a_black_frame(damaged: Written) -> None:
    damaged.put_rgb(7, np.full((120, 160, 3), 3, np.uint8))
    assert fires_exactly(damaged.folder, "black", 7) == "black: 100.0% of its pixels are at 8 of 255 or below"
    fires_exactly(damaged.folder, "black", 7, quick=True)


def test_a_frame_that_is_blown_out(damaged: Written) -> None:
    pixels = np.maximum(damaged.rgb(9), 252)
    damaged.put_rgb(9, pixels)
    fires_exactly(damaged.folder, "blown_out", 9)


def test_a_stale_frame(damaged: Written) -> None:
    damaged.put_rgb(12, damaged.rgb(11))
    message = fires_exactly(damaged.folder, "stale", 12)
    assert message == "stale: the same pixels as image 11 before it, and their labels differ"


def test_a_stale_frame_in_a_quick_audit(damaged: Written) -> None:
    damaged.put(damaged.image(12)["file_name"], (damaged.folder / damaged.image(11)["file_name"]).read_bytes())
    fires_exactly(damaged.folder, "stale", 12, quick=True)


def test_a_stale_frame_of_which_only_the_light_has_changed(damaged: Written) -> None:
    damaged.put_rgb(12, damaged.rgb(11))
    damaged.put(
        damaged.image(12)["depth_file_name"], (damaged.folder / damaged.image(11)["depth_file_name"]).read_bytes()
    )
    with damaged.labels() as labels:
        labels["annotations"] = [one for one in labels["annotations"] if one["image_id"] != 12] + [
            {**one, "image_id": 12, "id": one["id"] + 100_000} for one in labels["annotations"] if one["image_id"] == 11
        ]
        before, after = (next(one for one in labels["images"] if one["id"] == number) for number in (11, 12))
        after["draws"] = {**before["draws"], "sun.light.azimuth": after["draws"]["sun.light.azimuth"]}
        after["camera"] = before["camera"]
    message = fires_exactly(damaged.folder, "stale", 12)
    assert message.endswith("their draws of sun.light.azimuth differ")
    with damaged.labels() as labels:
        after = next(one for one in labels["images"] if one["id"] == 12)
        after["draws"] = next(one for one in labels["images"] if one["id"] == 11)["draws"]
    assert audit(damaged.folder).passed, "a frame in which nothing changed may look the same"


def test_a_duplicate_far_away(damaged: Written) -> None:
    damaged.put_rgb(40, damaged.rgb(3))
    message = fires_exactly(damaged.folder, "duplicates", 40)
    assert message == "duplicate: the same pixels as image 3, and their labels differ"


def test_a_torn_file(damaged: Written) -> None:
    name = damaged.image(5)["file_name"]
    damaged.put(name, (damaged.folder / name).read_bytes()[:2000])
    assert name in fires_exactly(damaged.folder, "files", 5)


def test_a_file_of_another_size(damaged: Written) -> None:
    damaged.put_rgb(5, damaged.rgb(5)[:, :-2])
    message = fires_exactly(damaged.folder, "files", 5)
    assert message.endswith("is 158 x 120 pixels, annotations.json says 160 x 120")


def test_depth_of_eight_bits(damaged: Written) -> None:
    damaged.put(damaged.image(5)["depth_file_name"], png((damaged.depth(5) >> 8).astype(np.uint8)))
    assert "it has the mode L, not 16-bit grey" in fires_exactly(damaged.folder, "files", 5)


@pytest.mark.parametrize("quick", [False, True])
def test_a_missing_file(damaged: Written, quick: bool) -> None:
    (damaged.folder / damaged.image(6)["depth_file_name"]).unlink()
    fires_exactly(damaged.folder, "files", 6, quick=quick)


def test_a_file_that_was_changed(damaged: Written) -> None:
    pixels = damaged.rgb(8).copy()
    pixels[10, 10, 0] ^= 1
    (damaged.folder / damaged.image(8)["file_name"]).write_bytes(png(pixels))
    assert "has the checksum" in fires_exactly(damaged.folder, "checksums", 8)


def test_labels_of_a_split_that_were_changed(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, SPEC.replace("output_dir: out", "output_dir: out, splits: {a: 1, b: 1}"), 4)
    file = folder / "annotations_b.json"
    file.write_text(file.read_text() + "\n")
    assert fires_exactly(folder, "checksums").startswith("annotations_b.json has the checksum")
    file.unlink()
    assert fires_exactly(folder, "unlisted") == "manifest.json lists annotations_b.json, which belongs to no image"


def test_labels_that_were_changed(damaged: Written) -> None:
    file = damaged.folder / "annotations.json"
    file.write_text(file.read_text() + "\n")
    assert fires_exactly(damaged.folder, "checksums").startswith("annotations.json has the checksum")


def test_an_image_that_nobody_names(damaged: Written) -> None:
    (damaged.folder / "rgb" / "eye" / "000900.png").write_bytes(png(damaged.rgb(1)))
    assert fires_exactly(damaged.folder, "unlisted") == "rgb/eye/000900.png belongs to no image"


def test_a_missing_frame(damaged: Written) -> None:
    gone = damaged.image(20)
    names = [gone["file_name"], gone["depth_file_name"]]
    with damaged.labels() as labels:
        labels["images"] = [image for image in labels["images"] if image["id"] != 20]
        labels["annotations"] = [one for one in labels["annotations"] if one["image_id"] != 20]
    with damaged.manifest() as manifest:
        for name in names:
            (damaged.folder / name).unlink()
            del manifest["sha256"][name]
    journal = damaged.folder / "journal.jsonl"
    journal.write_text("".join(line for line in journal.open() if not line.startswith('{"id":20,')))
    assert fires_exactly(damaged.folder, "frames") == "frame 19 of eye is missing: manifest.json promises it"


def test_an_image_that_was_committed_and_is_not_listed(damaged: Written) -> None:
    journal = damaged.folder / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[:-1]))
    assert fires_exactly(damaged.folder, "frames", 64) == "image 64 is in annotations.json and not in the journal"


@pytest.mark.parametrize("quick", [False, True])
def test_a_box_that_is_off_by_one(damaged: Written, quick: bool) -> None:
    with damaged.labels() as labels:
        box = largest(labels, 15)["bbox"]
        box[2] -= 1
    message = fires_exactly(damaged.folder, "boxes", 15, quick=quick)
    assert message.startswith("bbox [")
    assert "the mask's bounds are [" in message


def test_an_area_of_the_box_and_not_of_the_mask(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 16)
        one["area"] = int(one["bbox"][2] * one["bbox"][3])
        one["area_amodal"] = 2 * one["area"]
        one["visible_fraction"] = 0.5
    fires_exactly(damaged.folder, "boxes", 16)


def test_a_mask_of_another_image_size(damaged: Written) -> None:
    with damaged.labels() as labels:
        largest(labels, 17)["segmentation"]["size"] = [160, 120]
    assert "its mask is of size [160, 120]" in fires_exactly(damaged.folder, "boxes", 17)


def test_a_mask_that_is_cut_short(damaged: Written) -> None:
    with damaged.labels() as labels:
        mask = largest(labels, 17)["segmentation"]
        mask["counts"] = mask["counts"][: len(mask["counts"]) // 2]
    assert "its masks cannot be read" in fires_exactly(damaged.folder, "boxes", 17)


def test_two_objects_in_one_place(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 18)
        labels["annotations"].append(
            {**one, "id": one["id"] + 900, "instance_id": 900, "prim_path": "/Replicator/ghost"}
        )
        pixels = int(mask_of(one).sum())
    assert fires_exactly(damaged.folder, "overlap", 18).startswith(f"{pixels} pixels are in the masks of annotations")


def inner_pixel(one: Json, depth: np.ndarray) -> tuple[int, int]:
    """A pixel of the mask that is neither its nearest nor its farthest."""
    rows, columns = np.nonzero(mask_of(one))
    order = np.argsort(depth[rows, columns])
    middle = order[len(order) // 2]
    return int(rows[middle]), int(columns[middle])


def test_a_hole_in_the_depth(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 21)
    depth = damaged.depth(21).copy()
    depth[inner_pixel(one, depth)] = 0
    damaged.put(damaged.image(21)["depth_file_name"], png(depth))
    message = fires_exactly(damaged.folder, "mask_depth", 21)
    assert message == f"1 of its {one['area']} pixels have no depth"


def test_a_depth_range_of_another_unit(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 22)
        one["depth_range"] = [value * 1000 for value in one["depth_range"]]
    assert fires_exactly(damaged.folder, "depth_range", 22).startswith("depth_range ")


def test_depth_along_the_ray(damaged: Written) -> None:
    """The commonest fault of depth images: distance to the camera instead of to its plane."""
    image = damaged.image(23)
    (focal, _, centre_x), (_, _, centre_y), _ = image["camera"]["intrinsics"]
    y, x = np.mgrid[:120, :160] + 0.5
    length = np.sqrt(1 + ((x - centre_x) / focal) ** 2 + ((y - centre_y) / focal) ** 2)
    damaged.put(image["depth_file_name"], png(np.rint(damaged.depth(23) * length).astype(np.uint16)))
    assert fired(audit(damaged.folder)) == {"depth_range": {23}, "pose_depth": {23}}


def test_corners_that_are_mirrored(damaged: Written) -> None:
    with damaged.labels() as labels:
        points = largest(labels, 24)["bbox_3d"]["image_points"]
        for point in points:
            point[0] = 160 - point[0]
    assert "of its 3D box projects" in fires_exactly(damaged.folder, "image_points", 24)


def test_a_pose_two_centimetres_too_near(damaged: Written) -> None:
    image = damaged.image(25)
    with damaged.labels() as labels:
        one = largest(labels, 25)
        one["pose"]["translation"][2] -= 0.02
        project_anew(one, image)
    assert "of its surface lies outside its 3D box" in fires_exactly(damaged.folder, "pose_depth", 25)


def test_a_single_pixel_of_another_surface(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 25)
        near, far = one["depth_range"]
        rows, columns = np.nonzero(mask_of(one))
        depth = damaged.depth(25).copy()
        depth[rows[0], columns[0]] = round(1000 * far) + 100
        one["depth_range"] = [near, far + 0.1]
    damaged.put(damaged.image(25)["depth_file_name"], png(depth))
    assert "0% of its surface lies outside its 3D box" in fires_exactly(damaged.folder, "pose_depth", 25)


def test_a_pose_with_the_axes_of_opengl(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 26)
        w, x, y, z = one["pose"]["quaternion"]
        one["pose"]["quaternion"] = [-x, w, -z, y]  # half a turn about x, on the left
        one["pose"]["translation"] = [value * sign for value, sign in zip(one["pose"]["translation"], (1, -1, -1))]
    assert set(fired(audit(damaged.folder))) == {"image_points", "pose_depth"}


def test_ids(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 30)
        one["id"] = 0
    assert fires_exactly(damaged.folder, "ids") == "annotation id 0 is below 1; evaluators take 0 for no match"


def test_an_annotation_id_that_occurs_twice(damaged: Written) -> None:
    with damaged.labels() as labels:
        first, second, *_ = (one for one in labels["annotations"] if one["image_id"] == 31)
        second["id"] = first["id"]
    assert "occurs more than once" in fires_exactly(damaged.folder, "ids")


def test_categories_from_zero(damaged: Written) -> None:
    with damaged.labels() as labels:
        for one in (*labels["annotations"], *labels["categories"]):
            key = "category_id" if "category_id" in one else "id"
            one[key] -= 1
    assert fires_exactly(damaged.folder, "ids") == "category ids are [0, 1, 2], not 1 to 3"


def test_an_annotation_of_no_image(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 32)
        one["image_id"] = 9999
    assert "names image 9999, which is not there" in fires_exactly(damaged.folder, "ids")


def test_instances_that_change_their_prim(damaged: Written) -> None:
    with damaged.labels() as labels:
        one = largest(labels, 33)
        one["prim_path"] += "_other"
    assert fires_exactly(damaged.folder, "ids", 33).startswith(
        f"instance {one['instance_id']} is {one['prim_path']} here"
    )


def test_a_visible_fraction_that_does_not_fit(damaged: Written) -> None:
    with damaged.labels() as labels:
        largest(labels, 34)["visible_fraction"] = 1.2
        largest(labels, 35)["visible_fraction"] /= 2
    fires_exactly(damaged.folder, "fractions", 34, 35, quick=True)


def test_an_object_that_is_whole_and_said_to_be_cut_off(damaged: Written) -> None:
    with damaged.labels() as labels:
        whole = [one for one in labels["annotations"] if one["truncation"] == 0 and one["category_id"] == 1]
        whole[0]["truncation"] = 0.3
    assert "its whole 3D box projects into the image" in fires_exactly(
        damaged.folder, "fractions", whole[0]["image_id"]
    )


def test_an_entry_of_another_type(damaged: Written) -> None:
    with damaged.labels() as labels:
        largest(labels, 36)["bbox"] = "everywhere"
    assert "Expected `array`, got `str`" in fires_exactly(damaged.folder, "entries", 36)


def test_an_image_without_a_size(damaged: Written) -> None:
    with damaged.labels() as labels:
        del labels["images"][36]["width"]
    report = audit(damaged.folder)
    assert fired(report)["entries"] == {37}


def test_a_draw_out_of_range(damaged: Written) -> None:
    with damaged.labels() as labels:
        next(image for image in labels["images"] if image["id"] == 41)["draws"]["boxes.pose.size"][1] = [0.5]
    message = fires_exactly(damaged.folder, "draws", 41, quick=True)
    assert message == "boxes.pose.size is 0.5 in image 41, outside 0.2 to 0.35"


def test_a_choice_that_is_none(damaged: Written) -> None:
    with damaged.labels() as labels:
        next(image for image in labels["images"] if image["id"] == 42)["draws"]["boxes.color.colors"][0] = [1, 0, 1]
    assert "outside the 4 choices" in fires_exactly(damaged.folder, "draws", 42)


@pytest.mark.parametrize("value", [[["x"], [0.3], [0.3]], [[0.3, 0.3], [0.3], [0.3]], ["0.3", "0.3", "0.3"], [[None]]])
def test_draws_of_another_form(damaged: Written, value: Json) -> None:
    with damaged.labels() as labels:
        next(image for image in labels["images"] if image["id"] == 43)["draws"]["boxes.pose.size"] = value
    assert "outside numbers or texts of one form" in fires_exactly(damaged.folder, "draws", 43)


def test_draws_that_stand_still(damaged: Written) -> None:
    with damaged.labels() as labels:
        for image in labels["images"]:
            image["draws"]["sun.light.azimuth"] = [[123.0]]
    message = fires_exactly(damaged.folder, "draws")
    assert message == "sun.light.azimuth is the same in all 64 draws; its distribution varies"


@pytest.mark.parametrize(
    ("name", "low", "high"), [("boxes.pose.rotation_z", 0.0, 360.0), ("cones.pose.size", 0.2, 0.4)]
)
def test_draws_of_another_distribution(damaged: Written, name: str, low: float, high: float) -> None:
    with damaged.labels() as labels:
        for image in labels["images"]:
            rows = image["draws"][name]
            image["draws"][name] = [[low + (high - low) * ((value - low) / (high - low)) ** 3] for (value,) in rows]
    assert fires_exactly(damaged.folder, "draws").startswith(f"{name} does not follow its distribution")


def test_a_choice_that_is_never_taken(damaged: Written) -> None:
    with damaged.labels() as labels:
        for image in labels["images"]:
            rows = image["draws"]["boxes.color.colors"]
            image["draws"]["boxes.color.colors"] = [[0, 1, 0] if row == [1, 0, 0] else row for row in rows]
    assert "came 0 times of 192, not about 48.0" in fires_exactly(damaged.folder, "draws")


def test_a_rare_class_informs_and_does_not_fail(damaged: Written) -> None:
    with damaged.labels() as labels:
        cones = [one for one in labels["annotations"] if one["category_id"] == 2]
        gone = {one["id"] for one in cones[3:]}
        labels["annotations"] = [one for one in labels["annotations"] if one["id"] not in gone]
    report = audit(damaged.folder)
    assert report.passed
    (noted,) = (result for result in report.results if result.name == "classes")
    assert noted.status is Status.NOTED
    assert noted.findings[0].message.startswith("class cone has 3 objects, the median class ")


def test_the_same_finding_many_times_is_counted(damaged: Written) -> None:
    with damaged.labels() as labels:
        for one in labels["annotations"]:
            one["bbox"] = [value + 0.5 for value in one["bbox"]]
        number = len(labels["annotations"])
    (result,) = (one for one in audit(damaged.folder).results if one.name == "boxes")
    assert result.found == number > len(result.findings) == 20
    assert json.dumps(result.to_json())
