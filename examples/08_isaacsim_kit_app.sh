#!/bin/sh
# The Kit apps: one without a window that makes a dataset and ends, one with a panel.
#
# Run it in Isaac Sim's folder: sh <path>/examples/08_isaacsim_kit_app.sh
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
kit=$(./python.sh -m replicator_dr kit-path)

./kit/kit "$kit/apps/replicator_dr.headless.kit" --ext-folder "$kit/exts" --no-window \
    --/replicator_dr/spec="$here/scenes/tabletop.yaml" --/replicator_dr/frames=1000 --/replicator_dr/output=_out/tabletop

# Choose a spec, frames and a folder; start, stop, watch.
./kit/kit "$kit/apps/replicator_dr.window.kit" --ext-folder "$kit/exts"
