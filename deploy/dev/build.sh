# Compiling: one release tree in build/, sanitizer trees below it.
# shellcheck shell=bash
# Checkouts of one machine share what they compiled.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
node_programs=(novad novactl nova-keeper)

# configure PRESET [CMAKE ARGS...]
configure() {
  local preset=$1
  shift
  mkdir -p build
  cmake --preset "$preset" "$@" >build/configure.log 2>&1 || { cat build/configure.log >&2; fail "the $preset build could not be configured"; }
}

# compile DIRECTORY [TARGETS...]: waits for another ./dev that compiles in the same checkout.
compile() {
  local directory=$1 target args=()
  shift
  for target in "$@"; do args+=(--target "$target"); done
  mkdir -p build
  (
    flock -n 9 || { say "waiting for another ./dev that builds here"; flock 9; }
    cmake --build "$directory" -j "$(parallel_jobs)" "${args[@]}" 9>&-
  ) 9>build/.lock >&2 || fail "the build in $directory failed (see above)"
}

# Where the programs are; a folder given by NOVA_BIN holds finished ones, and nothing is built.
programs() { echo "${NOVA_BIN:-build/bin}"; }

build_node() {
  [ -z "${NOVA_BIN:-}" ] || return 0
  [ -x build/bin/novad ] || say "building the node (some eight minutes on two cores, once)"
  configure release -DNOVA_TESTS=OFF
  compile build "${node_programs[@]}"
}

dev_build() {
  need_packages build
  if [ $# -gt 0 ]; then need_packages test; configure release -DNOVA_TESTS=ON; compile build "$@"; else build_node; fi
  say "built: $(for p in "${node_programs[@]}"; do printf 'build/bin/%s ' "$p"; done)"
}
