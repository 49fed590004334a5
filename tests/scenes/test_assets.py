"""The assets in the repository: licensed, small, whole, and those of our own as their generator makes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "scenes" / "assets"
FOLDERS = sorted(folder for folder in ASSETS.iterdir() if folder.is_dir())
SOURCES = (
    "written for this project", "poly haven", "universe.roboflow.com", "ycb object and model set",
    "python -m tools.assets",
)  # fmt: skip

QUICK_TEXTURES = ("checker.png", "carton_label.jpg", "cube_marked.jpg")
QUICK_MESHES = ("bracket", "pallet", "bin_grey", "bolt", "worker")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_folder_says_where_its_files_come_from_and_under_which_licence(folder: Path) -> None:
    notes = [folder / name for name in ("README.md", "LICENSE.txt") if (folder / name).is_file()]
    assert folder / "README.md" in notes
    text = "\n".join(note.read_text(encoding="utf-8") for note in notes).lower()
    assert any(source in text for source in SOURCES)
    assert any(licence in text for licence in ("cc0 1.0", "creative commons attribution 4.0", "apache-2.0"))


def test_no_asset_lies_outside_a_licensed_folder() -> None:
    assert [path.name for path in ASSETS.iterdir() if path.is_file()] == []


def test_the_assets_stay_small() -> None:
    files = [path for path in ASSETS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 12.5e6
    assert max(path.stat().st_size for path in files) < 0.6e6


@pytest.mark.parametrize("path", sorted((ASSETS / "textures").glob("*.*g")), ids=lambda path: path.stem)
def test_textures_are_pictures_of_512_pixels_with_structure(path: Path) -> None:
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(float)
    assert pixels.shape == (512, 512, 3)
    assert pixels.std(axis=(0, 1)).max() > 2.0


def test_textures_with_a_width_tile_without_a_seam() -> None:
    """Across the border the picture changes no more than between its own rows and columns."""
    from tools.assets.textures import TEXTURES

    upright = ("wall_plaster", "wall_corridor", "wall_glazing", "wall_papers")
    for name, texture in TEXTURES.items():
        if texture.metres == 0 or name.startswith(upright):
            continue
        pixels = np.asarray(Image.open(ASSETS / "textures" / name).convert("RGB")).astype(float)
        for axis in (0, 1):
            rolled = np.roll(pixels, 1, axis=axis)
            change = np.abs(pixels - rolled).mean(axis=(1 - axis, 2))
            assert change[0] <= 1.5 * change[1:].max() + 1.0, name


def test_the_notes_list_every_generated_file() -> None:
    for folder, suffixes in (("textures", (".jpg", ".png")), ("meshes", (".usdc",))):
        note = (ASSETS / folder / "README.md").read_text(encoding="utf-8")
        names = [path.name for path in (ASSETS / folder).iterdir() if path.suffix in suffixes]
        assert names
        assert [name for name in names if f"| {name} |" not in note] == []


def generated(folder: Path, *names: str) -> Path:
    """What the generator makes now, below the folder."""
    only = ["--only", *names] if names else []
    command = [sys.executable, "-m", "tools.assets", "--out", str(folder), *only]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def differences(made: Path) -> list[str]:
    """Generated files that are not what is committed.

    Pictures are compared after decoding, with the loss of JPEG, and meshes by their arrays: the bytes depend on the
    versions of Pillow and OpenUSD.
    """
    found = []
    for path in sorted(path for path in made.rglob("*") if path.suffix in (".jpg", ".png", ".usdc")):
        kept = ASSETS / path.parent.name / path.name
        same = meshes_agree(path, kept) if path.suffix == ".usdc" else pictures_agree(path, kept)
        if not same:
            found.append(path.name)
    return found


def pictures_agree(first: Path, second: Path) -> bool:
    a, b = (np.asarray(Image.open(path).convert("RGB")).astype(float) for path in (first, second))
    return a.shape == b.shape and float(np.abs(a - b).mean()) < 1.0


def meshes_agree(first: Path, second: Path) -> bool:
    from pxr import Usd, UsdGeom

    arrays = []
    for path in (first, second):
        stage = Usd.Stage.Open(str(path))
        meshes = [UsdGeom.Mesh(prim) for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
        arrays.append(
            [np.array(value.Get()) for mesh in meshes for value in (mesh.GetPointsAttr(), mesh.GetNormalsAttr())]
        )
    return len(arrays[0]) == len(arrays[1]) > 0 and all(
        a.shape == b.shape and np.allclose(a, b, atol=1e-6) for a, b in zip(*arrays)
    )


def test_some_generated_assets_are_as_their_generator_makes_them(tmp_path: Path) -> None:
    made = generated(tmp_path, *(Path(name).stem for name in QUICK_TEXTURES), *QUICK_MESHES)
    assert {path.name for path in made.rglob("*.*")} >= {*QUICK_TEXTURES, *(f"{name}.usdc" for name in QUICK_MESHES)}
    assert differences(made) == []


@pytest.mark.slow
def test_all_generated_assets_are_as_their_generator_makes_them(tmp_path: Path) -> None:
    made = generated(tmp_path)
    folders = ("textures", "meshes", "characters")
    # The note beside the characters is written by hand.
    committed = {path.name for folder in folders for path in (ASSETS / folder).iterdir()}
    assert {path.name for path in made.rglob("*.*")} == committed
    assert differences(made) == []


def test_a_changed_picture_or_mesh_is_noticed(tmp_path: Path) -> None:
    made = generated(tmp_path, "checker", "wedge", "bracket")
    Image.open(made / "textures" / "checker.png").rotate(90).save(made / "textures" / "checker.png")
    (made / "meshes" / "bracket.usdc").replace(made / "meshes" / "wedge.usdc")
    assert differences(made) == ["wedge.usdc", "checker.png"]
