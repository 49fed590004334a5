"""The randomizers that come with replicator_dr, one idea a file. They are found by their entry points."""
