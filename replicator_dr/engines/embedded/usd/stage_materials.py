"""OmniPBR materials on the stage, in NVIDIA's form: an MDL shader prim whose inputs carry OmniPBR's names."""

from __future__ import annotations

from typing import Any

from pxr import Sdf, Usd, UsdShade

from replicator_dr.engines.embedded.usd.stage import LOOKS, free_path

# create.material_omnipbr's arguments, the MDL input that each drives, and its type.
OMNIPBR: dict[str, tuple[str, Sdf.ValueTypeName]] = {
    "diffuse": ("diffuse_color_constant", Sdf.ValueTypeNames.Color3f),
    "diffuse_texture": ("diffuse_texture", Sdf.ValueTypeNames.Asset),
    "roughness": ("reflection_roughness_constant", Sdf.ValueTypeNames.Float),
    "roughness_texture": ("reflectionroughness_texture", Sdf.ValueTypeNames.Asset),
    "metallic": ("metallic_constant", Sdf.ValueTypeNames.Float),
    "metallic_texture": ("metallic_texture", Sdf.ValueTypeNames.Asset),
    "specular": ("specular_level", Sdf.ValueTypeNames.Float),
    "emissive_color": ("emissive_color", Sdf.ValueTypeNames.Color3f),
    "emissive_texture": ("emissive_color_texture", Sdf.ValueTypeNames.Asset),
    "emissive_intensity": ("emissive_intensity", Sdf.ValueTypeNames.Float),
    "project_uvw": ("project_uvw", Sdf.ValueTypeNames.Bool),
}

# Further inputs that modify.attribute may create.
INPUT_TYPES: dict[str, Sdf.ValueTypeName] = {
    **dict(OMNIPBR.values()),
    "enable_emission": Sdf.ValueTypeNames.Bool,
    "emissive_mask_texture": Sdf.ValueTypeNames.Asset,
    "diffuse_tint": Sdf.ValueTypeNames.Color3f,
    "reflection_roughness_texture_influence": Sdf.ValueTypeNames.Float,
    "metallic_texture_influence": Sdf.ValueTypeNames.Float,
    "enable_ORM_texture": Sdf.ValueTypeNames.Bool,
    "ORM_texture": Sdf.ValueTypeNames.Asset,
    "normalmap_texture": Sdf.ValueTypeNames.Asset,
    "bump_factor": Sdf.ValueTypeNames.Float,
    "flip_tangent_u": Sdf.ValueTypeNames.Bool,
    "flip_tangent_v": Sdf.ValueTypeNames.Bool,
    "opacity_constant": Sdf.ValueTypeNames.Float,
    "enable_opacity": Sdf.ValueTypeNames.Bool,
    "opacity_texture": Sdf.ValueTypeNames.Asset,
    "enable_opacity_texture": Sdf.ValueTypeNames.Bool,
    "opacity_threshold": Sdf.ValueTypeNames.Float,
    "opacity_mode": Sdf.ValueTypeNames.Int,
    "texture_scale": Sdf.ValueTypeNames.Float2,
    "texture_translate": Sdf.ValueTypeNames.Float2,
    "texture_rotate": Sdf.ValueTypeNames.Float,
}


def define_omnipbr(stage: Usd.Stage, name: str = "OmniPBR") -> Usd.Prim:
    """A new OmniPBR material under /Replicator/Looks with a Shader child; no input is set."""
    if not stage.GetPrimAtPath(LOOKS):
        stage.DefinePrim(LOOKS, "Scope")
    material = UsdShade.Material.Define(stage, free_path(stage, LOOKS, name))
    shader = UsdShade.Shader.Define(stage, material.GetPath().AppendChild("Shader"))
    shader.CreateImplementationSourceAttr(UsdShade.Tokens.sourceAsset)
    shader.SetSourceAsset(Sdf.AssetPath("OmniPBR.mdl"), "mdl")
    shader.SetSourceAssetSubIdentifier("OmniPBR", "mdl")
    for output in (material.CreateSurfaceOutput("mdl"), material.CreateDisplacementOutput("mdl")):
        output.ConnectToSource(shader.ConnectableAPI(), "out")
    shader.CreateOutput("out", Sdf.ValueTypeNames.Token)
    return material.GetPrim()


def shader_of(material: Usd.Prim) -> UsdShade.Shader:
    """The shader that the material's surface comes from (MDL first, then the universal output); invalid if none."""
    if material.IsA(UsdShade.Shader):
        return UsdShade.Shader(material)
    surface = UsdShade.Material(material)
    for context in ("mdl", ""):
        output = surface.GetSurfaceOutput(context) if context else surface.GetSurfaceOutput()
        if output and output.HasConnectedSource():
            source = output.GetConnectedSources()[0][0].source
            return UsdShade.Shader(source.GetPrim())
    for child in material.GetChildren():
        if child.IsA(UsdShade.Shader):
            return UsdShade.Shader(child)
    return UsdShade.Shader()


def set_shader_input(shader: UsdShade.Shader, name: str, value: Any) -> None:
    """Author one input of an OmniPBR shader, creating it when needed."""
    shader.CreateInput(name, INPUT_TYPES[name]).Set(value)


def bind(prim: Usd.Prim, material: Usd.Prim) -> None:
    """Bind a material to a prim and all below it, over whatever they have bound themselves."""
    api = UsdShade.MaterialBindingAPI.Apply(prim)
    api.Bind(UsdShade.Material(material), UsdShade.Tokens.strongerThanDescendants)
