#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints name, version and SHA-256 of each package of Bazel's root directory for an architecture, without making it: what apt would install, found on a
# machine of any architecture. For update-lock.sh.
#
#   resolve.sh ARCHITECTURE [FILE]
#
# The day of the suite's index goes to FILE.
set -euo pipefail

tools=$(cd -P -- "${BASH_SOURCE[0]%/*}" && printf '%s' "$PWD")

# shellcheck source=tools/bazelw/provide.sh
. "$tools/provide.sh"
# shellcheck source=tools/bazelw/check-packages.sh
. "$tools/check-packages.sh"

# index: prints name, version, SHA-256 and whether a package is essential, from apt's records in the standard input.
index() {
  awk 'BEGIN { RS = ""; FS = "\n" }
    {
      name = version = sum = ""
      essential = "no"
      for (i = 1; i <= NF; i++) {
        if ($i ~ /^Package: /) name = substr($i, 10)
        if ($i ~ /^Version: /) version = substr($i, 10)
        if ($i ~ /^SHA256: /) sum = substr($i, 9)
        if ($i == "Essential: yes") essential = "yes"
      }
      print name, version, sum, essential
    }'
}

# joined INDEX: prints the lines of the index for apt's simulated installation in the standard input.
joined() {
  sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*/\1 \2/p' |
    awk 'FILENAME == ARGV[1] { sum[$1 " " $2] = $3; next } { print $1, $2, ($1 " " $2 in sum) ? sum[$1 " " $2] : "unlisted" }' "$1" - | LC_ALL=C sort
}

resolve() {
  local wanted=(apt golang-1.26-go) name version suite=forky
  locks=$tools/$1
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  : >"$work/status"
  printf 'deb [signed-by=%s] %s %s main\n' "$(archive_keyring)" "$(find_mirror "$suite")" "$suite" >"$work/sources.list"
  cat >"$work/apt.conf" <<END
APT::Architecture "$1";
APT::Architectures { "$1"; };
APT::Install-Recommends "false";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
APT::Sandbox::User "root";
Dir::Cache "$work/cache";
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$work/lists";
Dir::State::Status "$work/status";
END
  export APT_CONFIG=$work/apt.conf
  apt-get -qq update >&2
  index_date "$work"/lists/*InRelease >"${2:-/dev/null}"
  apt-cache dumpavail | index >"$work/index"
  while read -r name version _; do
    wanted+=("$name=$version")
  done < <(lock_lines "$locks/packages.lock")
  while read -r name; do
    wanted+=("$name")
  done < <(awk '$4 == "yes" { print $1 }' "$work/index")
  apt-get -s -o Debug::NoLocking=1 install "${wanted[@]}" | joined "$work/index"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  resolve "$@"
fi
