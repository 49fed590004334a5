#!/bin/sh
# A running app: Isaac Sim executes run_spec.py, which steps asynchronously and quits when the dataset is done.
#
# Run it in Isaac Sim's folder: sh <path>/examples/07_isaacsim_running_app.sh
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
kit=$(./python.sh -m replicator_dr kit-path)

./isaac-sim.sh --no-window --exec "$kit/run_spec.py $here/scenes/tabletop.yaml --frames 1000 --output _out/tabletop"
