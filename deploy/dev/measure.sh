# Benchmarks (bench/run/bench_*.py) and the soak (tests/soak/soak.py).
# shellcheck shell=bash

# The first sentence of a script's description.
about_bench() { python3 -B -c 'import ast, sys; print(" ".join(ast.get_docstring(ast.parse(open(sys.argv[1]).read())).split("\n\n")[0].split()))' "$1"; }

list_benches() {
  local file name
  cat <<'END'
usage: ./dev bench [NAME...] [--OPTION VALUE...]

Measures the node beside its peers, in turn, and prints medians as tables and as JSON lines; says of each limit whether it is held, and ends
with 1 when one is not. Without a name all run. Most know --rounds N and --seconds S; `./dev bench NAME --help` says all. What the lines mean and
what was measured stands in docs/performance.md.

END
  for file in bench/run/bench_*.py; do
    name=$(basename "$file" .py)
    printf '  %-12s %s\n' "${name#bench_}" "$(about_bench "$file")" | fold -s -w 138 | sed 's/ *$//; 2,$s/^/               /'
  done
}

# dev_bench [NAME...] [--OPTION VALUE...]: a name is with or without its prefix; the options are those of every bench named.
dev_bench() {
  local name file status=0 names=() files=()
  while [ $# -gt 0 ] && [[ $1 != -* ]]; do names+=("${1#bench_}"); shift; done
  for name in "${names[@]}"; do
    [ -f "bench/run/bench_$name.py" ] || { list_benches >&2; fail "no bench is named \`$name\`" 2; }
    files+=("bench/run/bench_$name.py")
  done
  if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
    if [ ${#files[@]} = 0 ]; then list_benches; fi
    for file in "${files[@]}"; do NOVA_BIN_DIR=$PWD/build/bin python3 -B "$file" --help; done
    return
  fi
  if [ ${#files[@]} = 0 ]; then
    [ $# = 0 ] || fail "options are those of a bench: name it before them (./dev bench --help)" 2
    files=(bench/run/bench_*.py)
  fi
  need_packages bench
  configure release -DNOVA_TESTS=ON
  compile build
  for file in "${files[@]}"; do
    name=$(basename "$file" .py)
    say "== ${name#bench_}"
    NOVA_BIN_DIR=$PWD/build/bin python3 -B "$file" "$@" || status=1
  done
  [ $status = 0 ] || fail "a limit was not held (see above)"
}

# dev_soak [ROUNDS] [OPTIONS]: a bare number is --rounds; tests/soak/soak.py knows the rest.
dev_soak() {
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then set -- --rounds "$@"; fi
  need_packages soak
  configure release -DNOVA_TESTS=ON
  compile build novad novactl nova-keeper
  NOVA_BIN_DIR=$PWD/$(programs) python3 -B tests/soak/soak.py "$@" || fail "a round failed (see above)"
}
