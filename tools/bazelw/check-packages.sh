#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An mmdebstrap hook: checks what apt installed in a root directory against the locks, and lists it there in var/lib/dpkg/resolved,
# with the day of the suite's index in resolved.date.
#
#   RULES_HYP_LOCKS=… RULES_HYP_PACKAGES=… RULES_HYP_RUNTIME=… check-packages.sh ROOT
#
# The variables have the directory with the locks, for messages, and the contents of packages.lock and runtime.lock. apt has checked each package
# against the hash in the archive's signed index; this checks that hash against the locks.
set -euo pipefail

fail() {
  printf 'bazelw: %s\n' "$*" >&2
  exit 1
}

# Prints name, version and SHA-256 of each package that is installed in a root directory, sorted by name.
resolved() {
  local root=$1
  {
    # Lines with three fields from the archive's index, then lines with two for what is installed.
    APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-cache dumpavail |
      sed -nE -e 's/^Package: //p' -e 's/^Version: //p' -e 's/^SHA256: //p' | paste -d ' ' - - -
    dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Package} ${Version}\n'
  } | awk 'NF == 3 { sum[$1 " " $2] = $3 } NF == 2 { print $0, ($0 in sum) ? sum[$0] : "unlisted" }' | LC_ALL=C sort
}

# index_date FILE…: prints the day of a suite's index, from its first InRelease file.
index_date() {
  local text
  text=$(sed -n 's/^Date: //p;T;q' -- "$@" 2>/dev/null) && [[ -n $text ]] && date -u -d "$text" +%F
}

# compare PACKAGES RUNTIME: compares the lines of resolved, in the standard input, with the contents of both locks.
#
# Each package of PACKAGES must be there in its version with its hash. One of RUNTIME that is there must have its hash if it has its version,
# and may be newer but not older: the suite moves on, and the signature of an old index stays valid, so that this is what keeps a mirror
# from bringing back versions with known holes.
compare() {
  local name version sum newer=() unknown=()
  local -A versions sums
  while read -r name version sum; do
    versions[$name]=$version
    sums[$name]=$sum
  done

  while read -r name version sum; do
    [[ -n $name && $name != '#'* ]] || continue
    [[ -n ${versions[$name]:-} ]] || fail "$name: it was not installed, and $RULES_HYP_LOCKS/packages.lock wants it"
    [[ ${versions[$name]} == "$version" ]] ||
      fail "$name: the mirror has version ${versions[$name]}, and $RULES_HYP_LOCKS/packages.lock wants $version; see Troubleshooting in docs/closed-network.md"
    [[ ${sums[$name]} == "$sum" ]] ||
      fail "$name $version: the mirror has SHA-256 ${sums[$name]}, and $RULES_HYP_LOCKS/packages.lock wants $sum; use another mirror"
    unset "versions[$name]"
  done <<<"$1"

  while read -r name version sum; do
    [[ -n $name && $name != '#'* && -n ${versions[$name]:-} ]] || continue
    if [[ ${versions[$name]} == "$version" ]]; then
      [[ ${sums[$name]} == "$sum" ]] ||
        fail "$name $version: the mirror has SHA-256 ${sums[$name]}, and $RULES_HYP_LOCKS/runtime.lock wants $sum; use another mirror"
    elif dpkg --compare-versions "${versions[$name]}" gt "$version"; then
      newer+=("$name")
    else
      fail "$name: the mirror has version ${versions[$name]}, which is older than $version in $RULES_HYP_LOCKS/runtime.lock; use a mirror that is up to date"
    fi
    unset "versions[$name]"
  done <<<"$2"

  unknown=("${!versions[@]}")
  ((${#newer[@]} + ${#unknown[@]} == 0)) ||
    printf 'bazelw: checked by signature only: %d packages newer than in %s, %d that are not in it\n' \
      "${#newer[@]}" "$RULES_HYP_LOCKS/runtime.lock" "${#unknown[@]}" >&2
}

main() {
  local list=$1/var/lib/dpkg/resolved
  resolved "$1" >"$list"
  index_date "$1"/var/lib/apt/lists/*InRelease >"$list.date" || true
  compare "$RULES_HYP_PACKAGES" "$RULES_HYP_RUNTIME" <"$list"
}

# Without a file of its own, it was passed to bash -c.
[[ -n ${BASH_SOURCE[0]:-} && ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
