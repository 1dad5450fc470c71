#!/bin/sh
# Writes tests/requirements/*.txt anew: one set of versions for every supported Python, and one for each further ansible-core.
set -eu
lock() { # the oldest Python; the rest are arguments of uv
    python=$1
    shift
    uv pip compile --quiet --system-certs --universal --upgrade --python-version "$python" --custom-compile-command 'make lock' --no-annotate "$@"
}
in=tests/requirements
lock 3.11 $in/dev.in --output-file $in/dev.txt
lock 3.11 $in/plot.in --output-file $in/plot.txt
lock 3.11 $in/browser.in --output-file $in/browser.txt
for core in 2.16 2.18; do
    echo "ansible-core==$core.*" | lock 3.11 - $in/functional.in --output-file $in/compat-$core.txt
done
echo "ansible-core==2.21.*" | lock 3.12 - $in/functional.in --output-file $in/compat-2.21.txt
