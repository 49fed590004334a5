#!/bin/sh
# The command line on Isaac Sim: the scene that was authored on a laptop, rendered by RTX.
#
# Run it in Isaac Sim's folder: sh <path>/examples/05_isaacsim_command_line.sh
# With a pip-installed Isaac Sim, PYTHON=python runs the same.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-./python.sh}

# Settings for Kit go along as they are.
"$python" -m replicator_dr generate "$here/scenes/tabletop.yaml" --frames 1000 --engine isaacsim \
    --output _out/tabletop --/rtx/rendermode=PathTracing

# 64 environments side by side: 64 frames a tick.
"$python" -m replicator_dr generate "$here/scenes/parts.yaml" --frames 6400 --engine isaacsim \
    --output _out/parts --set num_envs=64 --set env_spacing=20
