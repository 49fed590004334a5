"""``replicator-dr bench``: how fast this machine makes frames, stage by stage, and beside other renderers.

One idea a file: :mod:`suite` runs what was asked for, each scene in a process of its own (:mod:`isolated`);
:mod:`scene` measures one scene by its :mod:`stages` and :mod:`sinks`; :mod:`growth` follows the rate while one thing
grows; :mod:`peers` holds the other renderers. :mod:`tables` and :mod:`report` say it.
"""
