"""URDF and MJCF files -> MuJoCo's compiled model, with what MuJoCo leaves out of URDF: fixed links, visuals, mimic.

Both are read by MuJoCo, so that one reader knows includes, defaults, meshes and inertia of both formats.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from replicator_dr.errors import AssetError, UnsupportedError

MESH_SUFFIXES = (".obj", ".stl", ".msh")
"""What MuJoCo reads."""
URDF_JOINTS = ("revolute", "continuous", "prismatic", "fixed", "floating")

Mimic = tuple[str, float, float]
"""Leading joint, multiplier, offset [rad or m]: q = multiplier * q_leader + offset."""


@dataclass
class Source:
    """A robot as MuJoCo has compiled it.

    model: mujoco.MjModel. mimics: by the joint that follows. visuals: whether geoms for looks alone are told apart from
    those that collide, as in URDF. fixed: names of fixed joints by their lower links, which MuJoCo forgets.
    """

    model: Any
    mimics: dict[str, Mimic] = field(default_factory=dict)
    visuals: bool = False
    fixed: dict[str, str] = field(default_factory=dict)


def load_source(path: Path) -> Source:
    """Compile a robot's file. Raises AssetError, naming file and line where they are known."""
    try:
        text = path.read_text(encoding="utf-8")
        root = ET.fromstring(text)
    except OSError as error:
        raise AssetError(f"{path}: cannot be read: {error.strerror}") from error
    except (ET.ParseError, UnicodeDecodeError) as error:
        line = error.position[0] if isinstance(error, ET.ParseError) else 1
        raise AssetError(f"{path}:{line}: is not well-formed XML: {error}") from error
    if root.tag == "robot":
        return _urdf(path, text, root)
    if root.tag == "mujoco":
        return _mjcf(path)
    raise AssetError(f"{path}: is neither URDF nor MJCF: its root is <{root.tag}>, not <robot> or <mujoco>")


def files_of(path: Path) -> list[Path]:
    """The files that a robot's file is made of, itself first, as far as it names them: for the digest."""
    found = [path]
    try:
        root = ET.fromstring(path.read_text(encoding="utf-8"))
    except (OSError, ET.ParseError, UnicodeDecodeError):
        return found
    compiler = root.find("compiler")
    folders = {path.parent}
    for name in ("meshdir", "texturedir", "assetdir"):
        if compiler is not None and compiler.get(name):
            folders.add(path.parent / str(compiler.get(name)))
    for element in root.iter():
        written = element.get("file") or element.get("filename")
        if not written:
            continue
        if element.tag == "include":
            found += files_of(path.parent / written)
        else:
            places = [*(folder / written for folder in folders), _located(path, written)]
            found += [place for place in places if place is not None and place.is_file()]
    return list(dict.fromkeys(sorted(found, key=lambda file: (file != path, str(file)))))


def _mujoco(path: Path) -> Any:
    try:
        import mujoco
    except ImportError as error:
        raise UnsupportedError(
            f"{path.name}: robots' files are read by MuJoCo, which is not installed; "
            "pip install 'replicator_dr[physics]', or convert the robot to USD"
        ) from error
    return mujoco


def _mjcf(path: Path) -> Source:
    mujoco = _mujoco(path)
    try:
        return _checked(path, Source(mujoco.MjSpec.from_file(str(path)).compile()))
    except ValueError as error:
        raise AssetError(f"{path}: MuJoCo cannot read it: {_one_line(error)}") from error


def _urdf(path: Path, text: str, root: ET.Element) -> Source:
    mujoco = _mujoco(path)
    mimics: dict[str, Mimic] = {}
    fixed: dict[str, str] = {}
    names = {joint.get("name", "") for joint in root.iter("joint")}
    for joint in root.iter("joint"):
        name, kind = joint.get("name", ""), joint.get("type")
        if kind is not None and kind not in URDF_JOINTS:
            where = f"{path}:{_line(text, 'name', name)}"
            raise AssetError(f"{where}: joint '{name}' is {kind}; supported are {', '.join(URDF_JOINTS)}")
        if kind == "fixed" and (child := joint.find("child")) is not None:
            fixed[child.get("link", "")] = name
        if (mimic := joint.find("mimic")) is not None:
            if mimic.get("joint") not in names:
                where = f"{path}:{_line(text, 'joint', mimic.get('joint', ''))}"
                raise AssetError(f"{where}: '{name}' follows '{mimic.get('joint')}', which is no joint of the robot")
            mimics[name] = (
                str(mimic.get("joint")), float(mimic.get("multiplier", 1.0)), float(mimic.get("offset", 0.0))
            )  # fmt: skip
    for mesh in root.iter("mesh"):
        mesh.set("filename", str(_mesh_file(path, text, str(mesh.get("filename")))))
    own = root.find("mujoco")
    if own is None:
        own = ET.SubElement(root, "mujoco")
    compiler = own.find("compiler")
    if compiler is None:
        compiler = ET.SubElement(own, "compiler")
    for name in ("meshdir", "assetdir"):
        compiler.attrib.pop(name, None)
    compiler.attrib.update(fusestatic="false", discardvisual="false", strippath="false", balanceinertia="true")
    # Links without inertia are common, and nothing here depends on it.
    compiler.attrib.setdefault("boundmass", "1e-6")
    compiler.attrib.setdefault("boundinertia", "1e-9")
    try:
        model = mujoco.MjSpec.from_string(ET.tostring(root, encoding="unicode")).compile()
    except ValueError as error:
        raise AssetError(f"{path}: MuJoCo cannot read it: {_one_line(error)}") from error
    return _checked(path, Source(model, mimics, next(root.iter("visual"), None) is not None, fixed))


def _mesh_file(path: Path, text: str, written: str) -> Path:
    found = _located(path, written)
    where = f"{path}:{_line(text, 'filename', written)}"
    if found is None:
        raise AssetError(f"{where}: there is no mesh '{written}'; looked from {path.parent} upward")
    if found.suffix.lower() not in MESH_SUFFIXES:
        raise AssetError(
            f"{where}: '{written}' is not of a kind that is read; export it as {' or '.join(MESH_SUFFIXES)}"
        )
    return found


def _located(path: Path, written: str) -> Path | None:
    """The file that a URDF names: beside it, or below one of the folders above it for ``package://``."""
    package = re.match(r"(?:package|model)://([^/]+)/(.+)", written)
    if package is None:
        place = (path.parent / written.removeprefix("file://")).resolve()
        return place if place.is_file() else None
    name, rest = package.groups()
    for folder in path.resolve().parents:
        for place in (folder / name / rest, folder / rest if folder.name == name else folder / name / rest):
            if place.is_file():
                return place
    return None


def _line(text: str, attribute: str, value: str) -> int:
    """The first line on which an attribute has a value."""
    pattern = re.compile(rf"{attribute}\s*=\s*[\"']{re.escape(value)}[\"']")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)), 1)


def _one_line(error: Exception) -> str:
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())


def _checked(path: Path, source: Source) -> Source:
    """Equality constraints of MJCF as mimics. AssetError for what is no tree of joints."""
    mujoco, model = _mujoco(path), source.model
    for number in range(model.neq):
        kind = mujoco.mjtEq(int(model.eq_type[number]))
        if kind == mujoco.mjtEq.mjEQ_JOINT:
            first, second = (int(model.eq_obj1id[number]), int(model.eq_obj2id[number]))
            follower, terms = model.joint(first).name, model.eq_data[number, :5]
            if second < 0 or abs(terms[2:]).any():
                raise AssetError(
                    f"{path}: the equality of joint '{follower}' is not linear in another joint; "
                    "supported is q1 = a + b q2 (polycoef with two terms)"
                )
            # MuJoCo: q1 - q1_0 = a + b (q2 - q2_0), with the positions of qpos0.
            rest = [float(model.qpos0[model.jnt_qposadr[joint]]) for joint in (first, second)]
            offset = rest[0] + float(terms[0]) - float(terms[1]) * rest[1]
            source.mimics[follower] = (model.joint(second).name, float(terms[1]), offset)
        else:
            raise AssetError(
                f"{path}: has an equality constraint of kind {kind.name.removeprefix('mjEQ_').lower()}; "
                "links and joints have to form a tree: remove what closes the loop"
            )
    if model.nbody < 2:
        raise AssetError(f"{path}: has no links; give a robot with bodies")
    return source
