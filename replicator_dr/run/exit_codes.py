"""What exit codes mean, on the command line and in Kit, and which error gives which."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command, and of an app that quits when its job is done."""

    OK = 0
    RUN_FAILED = 1
    USAGE = 2
    SPEC_FAULTS = 3
    OUTPUT_PROBLEM = 4
    INTERRUPTED = 130


MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: "it worked",
    ExitCode.RUN_FAILED: "the run or the audit failed; what was committed before stays valid",
    ExitCode.USAGE: "the command line itself was wrong",
    ExitCode.SPEC_FAULTS: "the spec has faults, or something it names is missing",
    ExitCode.OUTPUT_PROBLEM: "the output could not be written: folder, rights, disk space",
    ExitCode.INTERRUPTED: "stopped with Ctrl-C, or by the signal to terminate; everything committed so far is valid",
}


def exit_code(error: BaseException) -> ExitCode:
    """The code for an error that ended a command."""
    from replicator_dr.errors import AssetError, OutputError, SpecError

    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    if isinstance(error, (SpecError, AssetError)):
        return ExitCode.SPEC_FAULTS
    if isinstance(error, OutputError):
        return ExitCode.OUTPUT_PROBLEM
    return ExitCode.RUN_FAILED
