"""``python -m replicator_dr.run.bench ARGUMENTS`` is ``replicator-dr bench ARGUMENTS``."""

from __future__ import annotations

import subprocess
import sys

if __name__ == "__main__":
    # A process of its own, since this layer lies below the command line.
    sys.exit(subprocess.call([sys.executable, "-m", "replicator_dr", "bench", *sys.argv[1:]]))
