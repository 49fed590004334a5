"""Other renderers, asked to draw the same scene: each in a file of its own behind :class:`protocol.Peer`.

They run where they are importable; `pip install 'replicator_dr[peers]'` brings those that have wheels everywhere.
"""
