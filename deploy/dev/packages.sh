# Packages of each command: what is missing is found with dpkg-query alone, so that a complete machine touches no network.
# shellcheck shell=bash

# Lines of deploy/packages/<command>.txt: `name` or `name SUITE...` (only on those suites), `@other` includes another list.
package_list() {
  local name suites suite
  suite=$(sed -n 's/^VERSION_CODENAME=//p' "${NOVA_OS_RELEASE:-/etc/os-release}")
  while read -r name suites; do
    case $name in
      '' | '#'*) ;;
      @*) package_list "${name#@}" ;;
      *) case " ${suites:-$suite} " in *" $suite "*) echo "$name" ;; esac ;;
    esac
  done <"deploy/packages/$1.txt"
}

missing_packages() {
  local wanted
  mapfile -t wanted < <(package_list "$1" | sort -u)
  # Node.js from elsewhere than Debian brings npm along, and the package then cannot be had.
  if command -v npm >/dev/null; then mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | grep -vx npm); fi
  [ ${#wanted[@]} -gt 0 ] || return 0
  # dpkg-query fails when one is unknown; the lines of the known ones are all that counts.
  comm -23 <(printf '%s\n' "${wanted[@]}") \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

# Leaves with status 3 when packages are missing and nobody here may install them.
need_packages() {
  local missing as_root=()
  mapfile -t missing < <(missing_packages "$1")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      say "dev: ${#missing[@]} packages are missing and this user may not install them (not root, no sudo without a password); as root run:"
      say "apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
      exit 3
    fi
    as_root=(sudo -n env)
    local name
    for name in http_proxy https_proxy no_proxy; do as_root+=("$name=${!name:-}"); done
  fi
  # Measured on two cores with a near mirror: half a minute for the indexes, then one to two seconds a package.
  say "installing ${#missing[@]} packages and what they need (about $((1 + ${#missing[@]} / 8)) minutes, once): ${missing[*]}"
  "${as_root[@]}" bash deploy/dev/install-packages "${missing[@]}" </dev/null >&2 || fail "the packages could not be installed (see above)"
}
