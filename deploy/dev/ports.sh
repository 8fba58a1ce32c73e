# Ports, seen through /proc and bash alone: a bare machine has neither ss nor curl.
# shellcheck shell=bash

# Prints `name (pid N): command line` of whoever listens on 127.0.0.1:PORT or on all addresses; false when nobody does.
port_holder() {
  local hex inode fd pid
  hex=$(printf '%04X' "$1")
  # Column 2 is address:port, column 4 the state (0A listens), column 10 the socket's inode.
  inode=$(awk -v port="$hex" '$4 == "0A" && $2 ~ ":" port "$" && $2 ~ /^(0100007F|00000000|00000000000000000000000000000000|00000000000000000000000001000000|0000000000000000FFFF00000100007F):/ {print $10; exit}' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [ -n "$inode" ] || return 1
  for fd in /proc/[0-9]*/fd/*; do
    [ "$(readlink "$fd" 2>/dev/null)" = "socket:[$inode]" ] || continue
    pid=${fd#/proc/}
    pid=${pid%%/*}
    printf '%s (pid %s): %s\n' "$(cat "/proc/$pid/comm")" "$pid" "$(argv "/proc/$pid/cmdline" | tr -d '\000-\037' | cut -c1-160)"
    return 0
  done
  echo "a process of another user"
}

# argv FILE [SEPARATOR]: the arguments of a process, nothing when it ended meanwhile.
argv() { tr '\0' "${2:- }" <"$1"; } 2>/dev/null

# http_ok PORT PATH: a GET on loopback answers 2xx within two seconds.
http_ok() {
  # shellcheck disable=SC2016
  timeout 2 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$1" >&3 && read -r _ code _ <&3 && [[ $code == 2* ]]' "$1" "$2" 2>/dev/null
}
