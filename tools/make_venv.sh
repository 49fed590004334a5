#!/bin/sh
# Make a virtual environment with pip in it, from whatever Python the machine has.
#
#   tools/make_venv.sh DIRECTORY [PYTHON]
#
# Takes the first Python from 3.10 on that is found; PYTHON names one explicitly. Where the system's Python comes
# without ensurepip (Debian and Ubuntu without python3-venv), pip is put in by other means, or the remedy is printed.
set -eu

directory=$1
wanted=${2:-}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }
has_ensurepip() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

fail() {
    printf 'make_venv: %s\n' "$@" >&2
    exit 1
}

choose_python() {
    if [ -n "$wanted" ]; then
        command -v "$wanted" >/dev/null || fail "PYTHON=$wanted was not found; give the path of a Python from 3.10 on."
        is_new_enough "$wanted" || fail "PYTHON=$wanted is $("$wanted" --version 2>&1); replicator_dr needs Python 3.10 or newer."
        python=$wanted
        return
    fi
    fallback=
    for candidate in python3.12 python3.11 python3.10 python3.13 python3 python; do
        if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
            if has_ensurepip "$candidate"; then
                python=$candidate
                return
            fi
            fallback=${fallback:-$candidate}
        fi
    done
    [ -n "$fallback" ] || fail \
        "no Python 3.10 or newer was found (python3 here is: $(python3 --version 2>&1 || echo missing))." \
        "Install one (Debian, Ubuntu: sudo apt install python3 python3-venv) or name one: make PYTHON=/path/to/python3.12 ..."
    python=$fallback
}

install_pip() {
    # The system's pip can install into another environment since 22.3; else pip's own installer is fetched.
    "$python" -m pip --python "$directory/bin/python" install --quiet pip 2>/dev/null && return
    "$directory/bin/python" - <<'PYTHON' && return
import subprocess, sys, tempfile, urllib.request

with tempfile.NamedTemporaryFile(suffix=".py") as installer:
    try:
        with urllib.request.urlopen("https://bootstrap.pypa.io/get-pip.py", timeout=60) as answer:
            installer.write(answer.read())
    except OSError as error:
        sys.exit(f"make_venv: could not fetch get-pip.py: {error}")
    installer.flush()
    sys.exit(subprocess.call([sys.executable, installer.name, "--quiet"]))
PYTHON
    fail "$python comes without pip and ensurepip, and pip could not be fetched." \
        "Install them (Debian, Ubuntu: sudo apt install python3-venv python3-pip) and run make again."
}

choose_python
if ! "$directory/bin/python" -m pip --version >/dev/null 2>&1; then
    printf 'Making %s with %s\n' "$directory" "$("$python" --version 2>&1)"
    rm -rf "$directory"
    if has_ensurepip "$python"; then
        "$python" -m venv "$directory"
    else
        "$python" -m venv --without-pip "$directory" || fail "$python has no venv module: sudo apt install python3-venv"
        install_pip
    fi
    # Older ones, such as Python 3.10's own, try versions of packages for many minutes.
    "$directory/bin/python" -m pip --disable-pip-version-check install --quiet --upgrade pip ||
        printf 'make_venv: pip could not be renewed; going on with the one there is\n' >&2
fi
