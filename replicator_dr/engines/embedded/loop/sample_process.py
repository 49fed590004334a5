"""A process that samples frames for the run loop: ``python -m ...sample_process FD``.

It is told ``sys.path``, a packed sampler, then frame numbers; for each it answers with their state, or with what went
wrong. It ends when the other end of its connection is closed.
"""

from __future__ import annotations

import pickle
import sys
import traceback
from multiprocessing.connection import Connection


def main(descriptor: int) -> None:
    """Serve until the connection ends."""
    connection = Connection(descriptor)
    try:
        sys.path[:] = connection.recv()
        content = connection.recv_bytes()
        from replicator_dr.engines.embedded.loop.sampler import unpacked

        sampler = unpacked(content)
        while True:
            frames = pickle.loads(connection.recv_bytes())
            try:
                answer = pickle.dumps(sampler(frames), pickle.HIGHEST_PROTOCOL)
            except Exception as error:  # noqa: BLE001 - told to the run loop, which samples these frames itself
                answer = pickle.dumps("".join(traceback.format_exception(error)))
            connection.send_bytes(answer)
    except (EOFError, ConnectionError):
        return


if __name__ == "__main__":
    from replicator_dr.engines.embedded.loop.sample_process import main as serve

    # Under its importable name, so that what is pickled here is known there.
    serve(int(sys.argv[1]))
