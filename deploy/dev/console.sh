# The console: built by the node and npm that its own toolchain folder names, which npm installs first. Sourced by ./dev.
# shellcheck shell=bash

console_tool=console/toolchain/node_modules/.bin
console_limit=600  # seconds for one installation: two of them, each about half a minute with a near registry

# All that a build reads, as one digest.
console_digest() {
  git ls-files -co --exclude-standard console 2>/dev/null | grep -v '^console/tests/' | LC_ALL=C sort | xargs -d '\n' sha256sum 2>/dev/null | sha256sum | cut -d' ' -f1
}

# console_npm FOLDER: its packages as the lock file names them; nothing when they are there.
console_npm() {
  local folder=$1 wanted
  wanted=$(sha256sum <"$folder/package-lock.json")
  [ "$(cat "$folder/node_modules/.installed" 2>/dev/null)" != "$wanted" ] || return 0
  (cd "$folder" && timeout "$console_limit" npm ci --no-audit --no-fund --loglevel=error) >build/console-npm.log 2>&1 || return 1
  echo "$wanted" >"$folder/node_modules/.installed"
}

# Installs what builds it; 1 when there is no way to.
console_tools() {
  mkdir -p build
  if ! command -v npm >/dev/null; then (need_packages console) || return 1; fi
  console_npm console/toolchain || return 1
  PATH=$PWD/$console_tool:$PATH console_npm console || return 1
}

# build_console: into build/console, where novad finds it; 1 when it could not be built.
build_console() {
  local wanted
  wanted=$(console_digest)
  [ "$(cat build/console.digest 2>/dev/null)" != "$wanted" ] || return 0
  if [ ! -d console/node_modules ]; then say "installing the console's packages (about a minute, once)"; fi
  console_tools || return 1
  (cd console && PATH=$PWD/toolchain/node_modules/.bin:$PATH timeout "$console_limit" npm run --silent build) >build/console-build.log 2>&1 || return 1
  echo "$wanted" >build/console.digest
}

# For a node that is about to start: without a console it goes on without.
offer_console() {
  [ -z "${NOVA_BIN:-}" ] || return 0
  build_console || say "the console could not be built: no way to the npm registry, or it failed (build/console-npm.log, build/console-build.log); going on without it"
}
