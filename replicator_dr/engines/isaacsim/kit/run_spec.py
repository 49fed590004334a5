"""Make a dataset in a running Isaac Sim, then quit.

    ./isaac-sim.sh --no-window --exec "<this file> scenes/tabletop.yaml --frames 1000 -o _out/tabletop"

Frames are captured in the app's own event loop. The app's exit code says how it went.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

import carb
import omni.kit.app

from replicator_dr.run.exit_codes import MEANINGS, ExitCode
from replicator_dr.run.kit_job import Job, Order, Progress, Status

RUNNING: list[asyncio.Future[None]] = []


def order_of(arguments: list[str]) -> tuple[Order, bool]:
    """What the command line wants, and whether the app stays open."""
    codes = "\n".join(f"  {int(code)}  {meaning}" for code, meaning in MEANINGS.items())
    parser = argparse.ArgumentParser(
        prog="run_spec.py",
        description=__doc__,
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("spec", help="the scene's YAML file")
    parser.add_argument("--frames", "-n", type=int, default=16, help="how many frames to make (default: 16)")
    parser.add_argument("--start", type=int, default=0, help="number of the first frame (default: 0)")
    parser.add_argument("--output", "-o", help="folder of the dataset, instead of the spec's")
    parser.add_argument("--mode", choices=["auto", "graph", "stepped"], help="instead of the spec's")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="override a value; repeatable")
    parser.add_argument("--overwrite", action="store_true", help="delete a dataset that is there already")
    parser.add_argument("--stay", action="store_true", help="keep the app open at the end")
    given = parser.parse_args(arguments)
    order = Order(given.spec, given.frames, given.start, given.output, given.mode, given.overwrite, tuple(given.set))
    return order, given.stay


def show(progress: Progress) -> None:
    """Progress and faults, on the console."""
    write = carb.log_error if progress.status is Status.FAILED else carb.log_warn
    write(f"replicator_dr: {progress.message}")


async def main(arguments: list[str]) -> None:
    """Run, and quit with the job's code."""
    app = omni.kit.app.get_app()
    try:
        order, stay = order_of(arguments)
    except SystemExit as error:
        app.post_quit(error.code if isinstance(error.code, int) else ExitCode.USAGE)
        return
    await app.next_update_async()
    code = await Job(show).run(order)
    if not stay:
        app.post_quit(int(code))


if __name__ == "__main__":
    # Kept, as the event loop holds its tasks weakly.
    RUNNING.append(asyncio.ensure_future(main(sys.argv[1:])))
