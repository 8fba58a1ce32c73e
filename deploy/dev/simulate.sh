# Whole nodes on a deterministic schedule: docs/simulation.md.
# shellcheck shell=bash

dev_simulate() {
  local program=simulate option
  need_packages test
  configure release -DNOVA_TESTS=ON
  for option in "$@"; do
    case $option in --bug | --all-bugs | --list) program=simulate_planted ;; esac
  done
  compile build "$program"
  "build/tests/$program" "$@"
}
