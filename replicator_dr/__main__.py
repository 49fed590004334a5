"""Let ``python -m replicator_dr`` do what ``replicator-dr`` does."""

from __future__ import annotations

from replicator_dr.cli.app import main

if __name__ == "__main__":
    main()
