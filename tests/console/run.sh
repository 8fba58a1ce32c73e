#!/usr/bin/env bash
# run.sh check|test: a script of console/package.json by the Node that the toolchain folder names.
set -euo pipefail
tools=$PWD/toolchain/node_modules/.bin
if [ ! -x "$tools/node" ] || [ ! -d node_modules ]; then echo "SKIP console_$1: the console is not installed"; exit 0; fi
export PATH=$tools:$PATH HOME=${TMPDIR:-/tmp}
exec npm run --silent "$1"
