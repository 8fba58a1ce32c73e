# A node on this machine: start it with the clinic on it, show it, stop it.
# shellcheck shell=bash
# shellcheck source=deploy/dev/ports.sh
. "${BASH_SOURCE%/*}/ports.sh"

state=$(realpath -m "${NOVA_STATE:-var}")
port=${NOVA_PORT:-7480}
front_port=${NOVA_FRONT_PORT:-7481}
# The node reads NOVA_ variables as its own settings.
unset NOVA_STATE NOVA_PORT NOVA_FRONT_PORT
export -n NOVA_BIN NOVA_OS_RELEASE
pid_file=$state/run/novad.pid
# novactl finds the node of the folder it is called in through this file and the token.
port_file=$state/run/novad.port
front_port_file=$state/run/front.port
stop_file=$state/run/stopping
# The limits of each wait, in seconds: a start replays the store, a stop lets services drain (their own limit is shorter).
start_seconds=60 healthy_seconds=180 stop_seconds=90

novactl() { NOVA_URL="http://127.0.0.1:$port" NOVA_TOKEN_FILE="$state/operator.token" "$(programs)/novactl" "$@"; }

# The running node's process id; the number alone could be another program's after a restart of the machine.
node_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  [ -n "$pid" ] && argv "/proc/$pid/cmdline" '\n' | grep -qxF "$state" && ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null && echo "$pid"
}

# Keepers and the proxy that a killed node left behind.
survivors() {
  local dir
  for dir in /proc/[0-9]*; do
    case $(argv "$dir/cmdline") in
      *nova-keeper*) case $(readlink "$dir/cwd" 2>/dev/null) in "$state/"*) return 0 ;; esac ;;
      *haproxy*"$state/"*) return 0 ;;
    esac
  done
  return 1
}

# The ports of the running node, whatever this call was told.
running_ports() {
  port=$(cat "$port_file" 2>/dev/null || echo "$port")
  front_port=$(cat "$front_port_file" 2>/dev/null || echo "$front_port")
}

check_port() {
  local number=$1 option=$2 holder
  if ! [[ $number =~ ^[0-9]{1,5}$ ]] || [ "$number" -lt 1 ] || [ "$number" -gt 65535 ]; then fail "\`$number\` is not a port (1 to 65535)" 2; fi
  holder=$(port_holder "$number") || return 0
  # After a crash of the node its own proxy still serves; the node takes it back.
  case $holder in *"$state"*) return 0 ;; esac
  fail "port $number is taken by $holder; end it, or choose another port with $option"
}

start_node() {
  local out=$state/run/novad.out pid
  (umask 077 && mkdir -p "$state/log" "$state/run")
  rm -f "$stop_file"
  : >"$out"
  # The token that lies in the folder is for the clinic; for everything else there is the owner.
  export NOVA_OPERATOR_TENANTS=clinic NOVA_OPERATOR_ENVIRONMENTS=development
  # Own session: a Ctrl-C at the terminal reaches this script alone, which then stops the node in order.
  setsid env --default-signal=INT,QUIT,HUP "$(programs)/novad" --dev --config config/novad.yaml --state "$state" \
    --listen "127.0.0.1:$port" --log "$state/log/novad.log" </dev/null >"$out" 2>"$state/log/novad.err" &
  pid=$!
  echo "$pid" >"$pid_file"
  echo "$port" >"$port_file"
  echo "$front_port" >"$front_port_file"
  local deadline=$((SECONDS + start_seconds))
  until grep -q '^listening http' "$out"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      rm -f "$pid_file"
      cat "$out" "$state/log/novad.err" >&2
      fail "the node did not start; its log is $state/log/novad.log"
    fi
    [ $SECONDS -lt $deadline ] || { stop_node; fail "the node was not ready within $start_seconds s; its log is $state/log/novad.log"; }
    sleep 0.1
  done
}

# Services stop too: that is what SIGINT means to a node (SIGTERM leaves them running for its successor).
stop_node() {
  local pid deadline
  pid=$(node_pid) || return 0
  touch "$stop_file"
  kill -INT "$pid" 2>/dev/null || return 0
  deadline=$((SECONDS + stop_seconds))
  while node_pid >/dev/null; do
    [ $SECONDS -lt $deadline ] || { kill -9 "$pid" 2>/dev/null; fail "the node did not stop within $stop_seconds s and was killed; services may still run, ./dev up takes them back"; }
    sleep 0.1
  done
  rm -f "$pid_file" "$port_file" "$front_port_file"
}

# The clinic as it lies in config/examples, with its front on 7481 and its API on the port after it; on another front port, a
# copy of it that says so.
clinic_file() {
  local folder=$state/example
  if [ "$front_port" = 7481 ]; then echo config/examples/clinic.yaml; return; fi
  rm -rf "$folder"
  cp -r config/examples "$folder"
  sed -i "s/\b7481\b/$front_port/g; s/\b7482\b/$((front_port + 1))/g" "$folder/clinic.yaml"
  echo "$folder/clinic.yaml"
}

apply_clinic() {
  say "applying the clinic"
  # In the background and waited for, so that a signal is heard at once.
  novactl apply -f "$(clinic_file)" --wait --timeout "${healthy_seconds}s" >&2 &
  if ! wait $!; then
    novactl tree >&2 || true
    stop_node
    fail "the clinic did not become healthy (see above); the node's log is $state/log/novad.log"
  fi
  local deadline=$((SECONDS + healthy_seconds))
  until http_ok "$front_port" /; do
    node_pid >/dev/null || fail "the node ended; its log is $state/log/novad.log"
    [ $SECONDS -lt $deadline ] || { stop_node; fail "the clinic's front does not answer on port $front_port; the node's log is $state/log/novad.log"; }
    sleep 0.2
  done
}

show_status() {
  echo "node      http://127.0.0.1:$port   (pid $(node_pid), state $state)"
  if [ -d "$(programs)/../console" ]; then
    echo "console   http://localhost:$port   (sign in, or become the owner)"
    if [ -f "$state/enrolment.token" ]; then echo "enrol     http://localhost:$port/enrol#token=$(cat "$state/enrolment.token")"; fi
  fi
  if http_ok "$front_port" /; then echo "clinic    http://127.0.0.1:$front_port   (book an appointment)"; fi
  echo
  novactl tree 2>&1 || true
  echo
  if [ "$state" != "$PWD/var" ]; then echo "first          export NOVA_SERVER=http://127.0.0.1:$port NOVA_TOKEN_FILE=$state/operator.token"; fi
  cat <<END
look further   $(programs)/novactl tree --wide | describe deployment clinic-development | events -f | logs -f deployment/clinic-development
heal           kill -9 any pid that the tree shows, and watch it come back
log            $state/log/novad.log
END
}

dev_up() {
  local detach=0 empty=0
  while [ $# -gt 0 ]; do
    case $1 in
      --detach | -d) detach=1 ;;
      --empty) empty=1 ;;
      --port) port=${2:?--port needs a number}; shift ;;
      --port=*) port=${1#*=} ;;
      --front-port) front_port=${2:?--front-port needs a number}; shift ;;
      --front-port=*) front_port=${1#*=} ;;
      *) fail "unknown option \`$1\` of up (see ./dev help)" 2 ;;
    esac
    shift
  done
  if node_pid >/dev/null; then
    running_ports
    say "a node runs already (pid $(node_pid)); ./dev down stops it"
    show_status >&2
    return 0
  fi
  check_port "$port" "--port or NOVA_PORT"
  if [ $empty = 0 ]; then
    check_port "$front_port" "--front-port or NOVA_FRONT_PORT"
    check_port $((front_port + 1)) "--front-port or NOVA_FRONT_PORT (the clinic takes that port and the next one)"
  fi
  need_packages up
  build_node
  offer_console
  trap 'interrupted' INT TERM HUP
  start_node
  [ $empty = 1 ] || apply_clinic
  if [ $detach = 1 ]; then
    trap - INT TERM HUP
    show_status >&2
    echo "ready http://127.0.0.1:$port"
  elif [ -t 1 ]; then watch_status
  else
    show_status >&2
    echo "ready http://127.0.0.1:$port"
    wait_for_end
  fi
}

interrupted() {
  trap '' INT TERM HUP
  [ -z "${sleeper:-}" ] || kill "$sleeper" 2>/dev/null || true
  say "stopping the services, then the node"
  stop_node
  exit 0
}

# Returns when the node has ended by ./dev down; a node that ended otherwise is a failure.
node_ended() {
  if [ -e "$stop_file" ]; then say "the node was stopped"; exit 0; fi
  tail -n 20 "$state/log/novad.err" >&2
  fail "the node ended unexpectedly; its log is $state/log/novad.log"
}

# Sleeps in a child that `wait` waits for, since only `wait` lets a trap run at once.
pause() {
  sleep "$1" &
  sleeper=$!
  wait "$sleeper" || true
}

wait_for_end() {
  while node_pid >/dev/null; do pause 1; done
  node_ended
}

watch_status() {
  local text
  while node_pid >/dev/null; do
    text=$(show_status)
    # Home, the new text with each line cleared to its end, then the rest of the screen: nothing flickers.
    printf '\033[H%s\n\033[J\nCtrl-C stops all.\n' "${text//$'\n'/$'\033[K\n'}"
    pause 2
  done
  node_ended
}

dev_down() {
  [ $# = 0 ] || fail "down takes no options" 2
  if ! node_pid >/dev/null; then
    if ! survivors; then say "no node runs"; return 0; fi
    say "no node runs, but services of a killed one do: starting it, so that it stops them in order"
    start_node
  fi
  say "stopping the services, then the node"
  stop_node
}

dev_status() {
  [ $# = 0 ] || fail "status takes no options" 2
  if ! node_pid >/dev/null; then
    if survivors; then say "no node runs, but services of a killed one do; ./dev up takes them back, ./dev down stops them"; else say "no node runs; ./dev up starts one"; fi
    return 1
  fi
  running_ports
  show_status
}

dev_clean() {
  case ${1:-} in '' | --all) ;; *) fail "unknown option \`$1\` of clean" 2 ;; esac
  if node_pid >/dev/null || survivors; then fail "a node or its services run here; ./dev down stops them"; fi
  rm -rf build dist
  if [ "${1:-}" = --all ]; then rm -rf "$state"; fi
}
