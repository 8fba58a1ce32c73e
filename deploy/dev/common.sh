# Words shared by every command of ./dev. Sourced with the project's root as working directory.
# shellcheck shell=bash
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# Everything for people goes to stderr, so that stdout of `up` stays one line that a program can read.
say() { printf '%s\n' "$*" >&2; }
fail() { say "dev: $1"; exit "${2:-1}"; }

# A proxy serves package sources; it must never see a call to this machine.
loopback='127.0.0.1,localhost,::1'
export no_proxy="${no_proxy:+$no_proxy,}$loopback"
export NO_PROXY="$no_proxy"

# A compile job of the heaviest sources needs about 1.5 GiB: with less memory per core than that, fewer jobs are faster.
job_memory_kib=1572864
parallel_jobs() {
  [ -z "${JOBS:-}" ] || { echo "$JOBS"; return; }
  local cores memory_kib limit
  cores=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
  if [ "$limit" != max ] && [ $((limit / 1024)) -lt "$memory_kib" ]; then memory_kib=$((limit / 1024)); fi
  jobs_for "$cores" "$memory_kib"
}

# jobs_for CORES MEMORY_KIB
jobs_for() {
  local jobs=$(($2 / job_memory_kib))
  [ "$jobs" -le "$1" ] || jobs=$1
  [ "$jobs" -ge 1 ] || jobs=1
  echo "$jobs"
}
