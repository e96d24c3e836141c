# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of bazelw share. Each test_… function is run by run_tests in a subshell and a temporary directory of its own.

# The Bazel that runs the tests sets these for tests that run bazelw itself.
unset BAZELW_MODE XDG_CACHE_HOME

# expect_equal GOT WANT
expect_equal() {
  [[ $1 == "$2" ]] || {
    printf 'got:  %s\nwant: %s\n' "$1" "$2"
    exit 1
  }
}

# expect_failure WORDS COMMAND…: the command fails, and says the words.
expect_failure() {
  local words=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf '%s: it succeeded: %s\n' "$*" "$output"
    exit 1
  fi
  [[ $output == *"$words"* ]] || {
    printf '%s\ngot:  %s\nwant: %s\n' "$*" "$output" "$words"
    exit 1
  }
}

# expect_success COMMAND…
expect_success() {
  local output
  output=$("$@" 2>&1) || {
    printf '%s: it failed: %s\n' "$*" "$output"
    exit 1
  }
}

# program NAME LINE…: makes a program, first on PATH.
program() {
  local name=$1
  shift
  mkdir -p "$PWD/bin"
  { printf '#!/bin/bash\n'; printf '%s\n' "$@"; } >"$PWD/bin/$name"
  chmod +x "$PWD/bin/$name"
  PATH=$PWD/bin:$PATH
}

run_tests() {
  local test failed=0 count=0 directory
  for test in $(declare -F | sed -n 's/^declare -f \(test_\)/\1/p'); do
    count=$((count + 1))
    directory=$(mktemp -d "${TEST_TMPDIR:-${TMPDIR:-/tmp}}/bazelw.XXXXXX")
    directory=$(realpath "$directory")
    if ! (cd "$directory" && set -e && "$test"); then
      failed=$((failed + 1))
      printf 'FAILED  %s\n' "$test"
    fi
    rm -rf "$directory"
  done
  printf '%d tests, %d failed\n' "$count" "$failed"
  ((failed == 0 && count > 0))
}
