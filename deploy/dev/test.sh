# Tests: the release build of everything by ctest, then the plain rooms again under sanitizers.
# shellcheck shell=bash

# Rooms that parse or fold what others wrote; each is its own folder of tests and builds without the rest. `--asan` adds those
# that a whole run has no time for.
sanitized_rooms=(core cedar conformance audit credentials store supervisors drivers_yaml fuzz)
more_sanitized_rooms=(constitution actors host gateway drivers_http)
test_summary=build/test-summary.txt

# Starts a round: all scratch files go below one short folder (Unix socket paths have 108 bytes), which also marks its processes.
begin_round() {
  test_scratch=$(mktemp -d /tmp/nt.XXXXXX)
  chmod 711 "$test_scratch"  # tests that step down to an ordinary user must reach their own folder in it
  trap 'end_round' EXIT
  mkdir -p build
  : >"$test_summary"
}

# Processes that the tests began: their program, folder, arguments or environment name the scratch folder or the build folder.
leftovers() {
  local dir pid
  for dir in /proc/[0-9]*; do
    pid=${dir#/proc/}
    if [ "$pid" = $$ ] || [ "$pid" = "$BASHPID" ]; then continue; fi
    if [[ $(readlink "$dir/exe" 2>/dev/null) == "$PWD/build/"* ]] || [[ $(readlink "$dir/cwd" 2>/dev/null) == "$test_scratch"* ]] ||
      grep -qsF "$test_scratch" "$dir/cmdline" || grep -qsF "TMPDIR=$test_scratch" "$dir/environ"; then
      echo "$pid"
    fi
  done
}

end_round() {
  [ -n "${test_scratch:-}" ] || return 0
  chmod -R u+w "$test_scratch" 2>/dev/null || true
  rm -rf "$test_scratch"
  test_scratch=
}

# run_ctest DIRECTORY [CTEST ARGS...]; its summary is kept for the end.
run_ctest() {
  local directory=$1 log status=0
  shift
  log=$directory/ctest-output.txt
  TMPDIR=$test_scratch TZ=UTC ctest --test-dir "$directory" --output-on-failure -j "$(parallel_jobs)" "$@" 2>&1 | tee "$log" || status=1
  sed -n '/tests passed, /,$p' "$log" >>"$test_summary"
  grep -q 'tests passed, ' "$log" || { say "dev: no test ran in $directory"; status=1; }
  return $status
}

# A test that cannot run here prints `SKIP name: reason`; the list must be exactly the expected one.
check_skips() {
  local found=build/skips.txt
  sed -n 's/^SKIP //p' build/Testing/Temporary/LastTest.log | sort -u >"$found"
  if ! diff -u --label expected --label found <(grep -v '^#' tests/expected_skips.txt | sort -u) "$found"; then
    say "dev: the skipped tests differ from tests/expected_skips.txt"
    return 1
  fi
}

check_leftovers() {
  local pids pid deadline=$((SECONDS + 5))
  # A process that was just told to end may take a moment.
  while pids=$(leftovers) && [ -n "$pids" ] && [ $SECONDS -lt $deadline ]; do sleep 0.2; done
  [ -n "$pids" ] || return 0
  say "dev: left running by the tests:"
  for pid in $pids; do
    say "  $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
    kill -9 "$pid" 2>/dev/null || true
  done
  return 1
}

# sanitized PRESET ROOMS...: the folders tests/<room>, built and run alone.
sanitized() {
  local preset=$1 room folder status=0 targets=() folders=()
  shift
  configure "$preset" -DNOVA_TESTS=ON
  for room in "$@"; do
    folder=tests/$room
    [ ! -f "$folder/CMakeLists.txt" ] || { targets+=("$folder/all"); folders+=("$folder"); }
  done
  compile "build/$preset" "${targets[@]}"
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
  export TSAN_OPTIONS="suppressions=$PWD/deploy/dev/tsan.supp halt_on_error=1 second_deadlock_stack=1"
  for folder in "${folders[@]}"; do
    say "== $preset: $folder"
    run_ctest "build/$preset/$folder" || status=1
  done
  return $status
}

finish() {
  local status=$1
  check_leftovers || status=1
  end_round
  # The last lines are ctest's own, the whole suite's last of all.
  cat "$test_summary"
  [ "$status" = 0 ] || fail "tests failed"
}

dev_test() {
  local mode=all filters=() status=0 argument
  while [ $# -gt 0 ]; do
    argument=$1
    shift
    case $argument in
      --cedar)
        [ -d "${1:-}/sample-data" ] || fail "--cedar needs the folder of the cedar-integration-tests" 2
        NOVA_CEDAR_DIR=$(cd "$1" && pwd)
        export NOVA_CEDAR_DIR
        shift
        ;;
      --asan | --tsan) mode=${argument#--} ;;
      -*) fail "unknown option \`$argument\` of test" 2 ;;
      *) filters+=("$argument") ;;
    esac
  done
  need_packages test
  say "building everything with its tests"
  begin_round
  case $mode in
    asan) sanitized asan "${sanitized_rooms[@]}" "${more_sanitized_rooms[@]}" || status=1 ;;
    tsan) sanitized tsan core supervisors actors store host || status=1 ;;
    all)
      configure release -DNOVA_TESTS=ON
      compile build
      build_console || { cat build/console-npm.log build/console-build.log >&2 2>/dev/null; fail "the console could not be built"; }
      if [ ${#filters[@]} -gt 0 ]; then
        run_ctest build -R "$(IFS='|'; echo "${filters[*]}")" || status=1
      else
        run_ctest build || status=1
        check_skips || status=1
        mv "$test_summary" "$test_summary.main"
        : >"$test_summary"
        sanitized asan "${sanitized_rooms[@]}" || status=1
        cat "$test_summary.main" >>"$test_summary"
      fi
      ;;
  esac
  finish $status
}
