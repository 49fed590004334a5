from __future__ import annotations

from pathlib import Path

import pytest

from replicator_dr.errors import SpecError
from replicator_dr.spec.document import Text, parse, path_text, read


def plain(text: str) -> object:
    return parse(text, "x.yaml", Path("/folder")).plain()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        ("-.5", -0.5),
        ("+12", 12),
        ("0x1F", 31),
        ("0o17", 15),
        ("010", 10),
        (".inf", float("inf")),
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("off", "off"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("2024-01-02", "2024-01-02"),
        ("12:30:00", "12:30:00"),
        ("1_000", "1_000"),
        ("'1'", "1"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    result = plain(f"a: {text}")
    assert result == {"a": value}
    assert type(result["a"]) is (Text if isinstance(value, str) else type(value))


def test_positions_of_keys_and_values() -> None:
    root = parse("a: 1\nb:\n  - {c: 2,\n     dd: [x, yy]}\n", "x.yaml", Path())
    mark = root.locate(("b", 0, "dd", 1))
    assert (mark.line, mark.column) == (4, 14)
    key = root.locate(("b", 0, "dd"), on_key=True)
    assert (key.line, key.column) == (4, 6)


def test_a_missing_value_stands_at_the_key_that_lacks_it() -> None:
    root = parse("a:\n  bb: {c: 1}\n", "x.yaml", Path())
    mark = root.locate(("a", "bb", "missing"))
    assert (mark.line, mark.column) == (2, 3)


def test_texts_know_their_folder() -> None:
    text = plain("a: wood.png")["a"]  # type: ignore[index]
    assert isinstance(text, Text)
    assert text.mark.folder == Path("/folder")


def test_merge_keys_give_way_to_own_keys_and_keep_their_positions() -> None:
    text = "base: &base {x: 1, y: 2}\nmore: &more {y: 3, z: 4}\nown: {<<: [*base, *more], x: 5}\n"
    root = parse(text, "x.yaml", Path())
    assert root.plain()["own"] == {"x": 5, "y": 2, "z": 4}
    assert root.locate(("own", "z")).line == 2


def test_an_alias_keeps_the_position_of_its_anchor() -> None:
    root = parse("a: &a [1, oops]\nb: *a\n", "x.yaml", Path())
    assert root.locate(("b", 1)).line == 1


def test_a_missing_file_offers_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "scene.yaml").write_text("name: a\n")
    with pytest.raises(SpecError) as caught:
        read(tmp_path / "scen.yaml", "scen.yaml")
    assert str(caught.value) == "scen.yaml: no such file; did you mean 'scene.yaml'?"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "scene.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match=r"scene.yaml: not a UTF-8 text file"):
        read(tmp_path / "scene.yaml", "scene.yaml")


def test_path_text() -> None:
    assert path_text(("triggers", 0, "randomize", 2, "materials")) == "triggers[0].randomize[2].materials"
    assert path_text(()) == ""


def test_brackets_without_end_are_a_fault() -> None:
    with pytest.raises(SpecError, match=r"^deep\.yaml: too many brackets or mappings inside one another$"):
        parse("a: " + "[" * 5000 + "]" * 5000, "deep.yaml", Path())
