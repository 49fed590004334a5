"""Rigid bodies that fall and come to rest: UsdPhysics read from the stage, simulated by MuJoCo.

``bodies`` reads the stage, ``plates`` and ``hulls`` turn geometry into convex pieces, ``world`` builds a MuJoCo model,
``simulation`` runs one world, ``effect`` is the node of the graph. MuJoCo is imported in ``engine`` alone, when a world
is built.
"""
