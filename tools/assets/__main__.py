"""``python -m tools.assets [--out FOLDER] [--only NAME ...]``: write the generated textures, meshes and characters."""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.assets import catalogue, picture, skinned_file, usd_file
from tools.assets.models import MODELS
from tools.assets.textures import TEXTURES

ASSETS = Path(__file__).resolve().parents[2] / "scenes" / "assets"


def main() -> None:
    """Write everything, or what is named, below the folder."""
    parser = argparse.ArgumentParser(prog="python -m tools.assets", description=__doc__)
    parser.add_argument("--out", type=Path, default=ASSETS, help="folder to write to (default: scenes/assets)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="file names, without their folder or suffix")
    options = parser.parse_args()
    textures, meshes, characters = (options.out / name for name in ("textures", "meshes", "characters"))
    for folder in (textures, meshes, characters):
        folder.mkdir(parents=True, exist_ok=True)

    for name, texture in TEXTURES.items():
        if not options.only or Path(name).stem in options.only:
            picture.save(texture.make(), textures / name)
            print(f"textures/{name}")
    made = {}
    for name, make in MODELS.items():
        if not options.only or name in options.only:
            made[name] = usd_file.write(make(), meshes / f"{name}.usdc")
            print(f"meshes/{name}.usdc  {made[name][0]} triangles")
    if not options.only or "worker" in options.only:
        print(f"characters/worker.usdc  {skinned_file.write(characters / 'worker.usdc')} triangles")
    if not options.only:
        widths = {name: texture.metres for name, texture in TEXTURES.items()}
        (textures / "README.md").write_text(catalogue.textures_note(widths), encoding="utf-8")
        (meshes / "README.md").write_text(catalogue.meshes_note(made), encoding="utf-8")


if __name__ == "__main__":
    main()
