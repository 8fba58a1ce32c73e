# Benchmarks and crash rounds: programs build/bin/bench_* and soak_*, scripts tests/e2e/bench_*.py and soak_*.py, named after what they measure.
# shellcheck shell=bash

# run_measures PREFIX [NAME...]: a name is with or without its prefix.
run_measures() {
  local prefix=$1 file name ran=0 status=0
  shift
  for file in "build/bin/$prefix"_* "tests/e2e/$prefix"_*.py; do
    [ -f "$file" ] || continue
    name=$(basename "$file" .py)
    name=${name#"${prefix}_"}
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* && " $* " != *" ${prefix}_$name "* ]]; then continue; fi
    say "== $name"
    case $file in
      *.py) NOVA_BIN_DIR=$PWD/build/bin python3 -B "$file" || status=1 ;;
      *) "$file" || status=1 ;;
    esac
    ran=$((ran + 1))
  done
  [ $ran -gt 0 ] || fail "nothing to run${*:+ named \`$*\`}"
  [ $status = 0 ] || fail "a limit was not held (see above)"
}

dev_bench() {
  need_packages bench
  configure release -DNOVA_TESTS=ON
  compile build
  run_measures bench "$@"
}

# dev_soak [ROUNDS] [OPTIONS]: a bare number is --rounds; tests/soak/soak.py knows the rest.
dev_soak() {
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then set -- --rounds "$@"; fi
  need_packages soak
  configure release -DNOVA_TESTS=ON
  compile build novad novactl nova-keeper
  NOVA_BIN_DIR=$PWD/$(programs) python3 -B tests/soak/soak.py "$@" || fail "a round failed (see above)"
}
