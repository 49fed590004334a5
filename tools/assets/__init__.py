"""Makes the textures and meshes of ``scenes/assets`` that are ours: ``python -m tools.assets``.

Every picture and every mesh is a pure function of numbers written in this package, so that a changed line shows as a
changed asset and nothing else. NumPy makes them, Pillow and OpenUSD write them.
"""
