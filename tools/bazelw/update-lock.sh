#!/usr/bin/env bash
# Writes runtime.lock again, from what apt installed in one of bazelw's root directories.
#
#   update-lock.sh ROOT
set -euo pipefail

tools=$(cd -P -- "${BASH_SOURCE[0]%/*}" && printf '%s' "$PWD")

# update PACKAGES RUNTIME RESOLVED: prints the contents of the new lock.
update() {
  grep '^#' "$2"
  {
    # Those of packages.lock have their own, and the Go of a machine without one stays.
    awk 'FILENAME == ARGV[1] { pinned[$1]; next } !($1 in pinned)' "$1" "$3"
    awk 'FILENAME == ARGV[1] { there[$1]; next } /^golang-/ && !($1 in there)' "$3" "$2"
  } | LC_ALL=C sort
}

main() {
  local lock=$tools/runtime.lock contents
  contents=$(update "$tools/packages.lock" "$lock" "$1/var/lib/dpkg/resolved")
  printf '%s\n' "$contents" >"$lock"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
