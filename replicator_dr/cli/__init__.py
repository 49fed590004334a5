"""The command line: replicator-dr generate | validate | schema | preview | graph | doctor | bench."""
