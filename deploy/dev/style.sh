# Formatting and checking.
# shellcheck shell=bash
cpp_files() { git ls-files -co --exclude-standard '*.cpp' '*.hpp'; }
script_files() { { echo dev; echo .ci/run; git ls-files -co --exclude-standard deploy | xargs grep -lE '^#!.*(bash|sh)$|shellcheck shell='; } | sort -u; }

# Changed since the main branch's point of departure, and what is not committed yet.
changed_sources() {
  local base
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git rev-parse 'HEAD~1' 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base" -- '*.cpp'; git ls-files -o --exclude-standard '*.cpp'; } | sort -u
}

dev_fmt() {
  need_packages fmt
  case ${1:-} in
    --check) cpp_files | xargs -r clang-format --dry-run -Werror ;;
    '') cpp_files | xargs -r clang-format -i ;;
    *) fail "unknown option \`$1\` of fmt" 2 ;;
  esac
}

dev_lint() {
  local sources status=0
  need_packages lint
  case ${1:-} in
    --all) mapfile -t sources < <(cpp_files | grep '\.cpp$') ;;
    '') mapfile -t sources < <(changed_sources) ;;
    *) fail "unknown option \`$1\` of lint" 2 ;;
  esac
  script_files | xargs shellcheck -x || status=1
  dev_fmt --check || status=1
  python3 tests/tidy/tidy.py . || status=1
  # clang-tidy reads the commands of the sanitizer tree, which clang itself compiles.
  configure asan -DNOVA_TESTS=ON -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
  if [ ${#sources[@]} -gt 0 ]; then
    say "clang-tidy on ${#sources[@]} sources"
    printf '%s\n' "${sources[@]}" | xargs -P "$(parallel_jobs)" -n 4 clang-tidy -p build/asan --quiet --warnings-as-errors='*' || status=1
  fi
  [ $status = 0 ] || fail "lint found something (see above)"
}
