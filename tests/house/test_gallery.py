"""The README's gallery is the one that tools/gallery.py lists, its pictures are there, and they stay small."""

from __future__ import annotations

from PIL import Image

from tools import gallery


def test_the_readme_shows_what_the_list_says() -> None:
    text = (gallery.ROOT / "README.md").read_text()
    assert gallery.fragment().strip() in text


def test_every_picture_lies_there_and_no_other() -> None:
    names = {picture.name for picture in gallery.PICTURES}
    assert len(names) == len(gallery.PICTURES)
    assert {file.stem for file in gallery.FOLDER.iterdir()} == names
    for name in names:
        with Image.open(gallery.FOLDER / f"{name}.jpg") as picture:
            assert picture.width >= 1000


def test_the_pictures_are_no_burden() -> None:
    assert sum(file.stat().st_size for file in gallery.FOLDER.iterdir()) < gallery.BUDGET
