#!/bin/sh
# run.sh COMMAND [ARGUMENT...]
# Runs a command of .venv, which is filled first where that is due. What the command writes to its home, to caches or to
# the temporary folder lands below .cache; what the caller's environment says to Ansible or to the modules is not passed on.
set -eu
cd "$(dirname "$0")/../.."
here=$(pwd -P)
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV

due=$({ echo "$here" && cat tests/tools/venvs.py tests/requirements/build.txt tests/requirements/dev.txt tests/simulator/pyproject.toml; } | cksum)
if [ ! -x .venv/bin/python ] || [ "$(cat .venv/stamp 2>&1)" != "$due" ]; then
    command -v git >/dev/null || { echo "git is missing: please install it" >&2; exit 1; }
    usable='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'
    for python in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 ''; do
        "$python" -c "$usable" >/dev/null 2>&1 && break
    done
    [ -n "$python" ] || { echo "python3 3.11 or newer with its module venv is missing: please install it, or name it with PYTHON=..." >&2; exit 1; }
    "$python" tests/tools/venvs.py "$due"
fi

for name in $(env | sed -n 's/^\(\(ANSIBLE\|MOLECULE\|VPP\|XDG\|PYTEST\)_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$name"
done
export USER_HOME="${HOME:-}"
export HOME="$here/.cache/home"
export TMPDIR="$here/.cache/tmp"
export PIP_CACHE_DIR="$here/.cache/pip"
export UV_CACHE_DIR="$here/.cache/uv"
export PATH="$here/.venv/bin:$PATH"
export LC_ALL=C.UTF-8
export NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}"
export no_proxy="$NO_PROXY"
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$here"  # a runner's checkout may be another user's
[ -t 1 ] || export NO_COLOR=1
mkdir -p "$HOME" "$TMPDIR"
exec "$@"
