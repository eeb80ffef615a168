#!/usr/bin/env bash
# Print a PATH whose `node` is the one that tools/front_end.sh settled on.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -x .venv/bin/node ]; then
    echo "$PWD/.venv/bin:$PATH"
else
    echo "$PATH"
fi
