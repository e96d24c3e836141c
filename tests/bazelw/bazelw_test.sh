#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests bazelw: when it asks again whether the Bazel on PATH fits, and what it does before it provides one.
# shellcheck disable=SC2317  # functions that replace those of bazelw
set -uo pipefail

# A Bazel test has none.
HOME=/home/builder
# shellcheck source=bazelw
. ./bazelw
set +e
# shellcheck source=tests/bazelw/lib.sh
. tests/bazelw/lib.sh

# A project with a Bazel of version 7.7.1 on PATH, which counts how often it is asked.
host_project() {
  project=$PWD/project
  mkdir -p project cache
  echo 7.7.1 >project/.bazelversion
  program bazel "echo >>'$PWD/asked'" "echo bazel ${1:-7.7.1}"
  registry_answers() { true; }
}

# asked N: host_fits asked N times until now.
asked() { expect_equal "$(wc -l <asked)" "$1"; }

# module LINE…: writes a MODULE.bazel.
module() { printf '%s\n' "$@" >MODULE.bazel; }

test_without_rules_go() {
  local prebuilt='bazel_dep(name = "rules_hyp", version = "1.2.3.prebuilt")'
  module "$prebuilt"
  expect_success without_rules_go
  mkdir -p below/it
  (cd below/it && without_rules_go) || fail 'in a subdirectory: it has rules_go'
  module "$prebuilt" '# not "rules_go"'
  expect_success without_rules_go
  module "$prebuilt" 'bazel_dep(name = "rules_go", version = "0.62.0")'
  expect_failure '' without_rules_go
  module 'bazel_dep(name = "rules_hyp", version = "1.2.3")' "# $prebuilt"
  expect_failure '' without_rules_go
  rm MODULE.bazel
  (cd / && ! without_rules_go) || fail 'without a module: it has none'
}

test_answer_is_kept() {
  host_project
  expect_success host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  expect_success host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  asked 1
  # Without a file for it, it is asked each time.
  expect_success host_fits "$PWD/bin/bazel" ''
  asked 2
}

test_answer_is_old() {
  local until rest
  host_project
  expect_success host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  read -r until rest <cache/memo
  printf '%s %s\n' "$((until - 86401))" "$rest" >cache/memo
  expect_success host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  asked 2
}

test_other_version_is_wanted() {
  host_project
  expect_success host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  echo 8.0.0 >project/.bazelversion
  expect_failure '' host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  asked 2
}

test_other_bazel() {
  host_project 7.6.0
  expect_failure '' host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  program bazel 'echo bazel 7.7.1'
  touch -d '2001-01-01' bin/bazel
  expect_success host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
}

test_bazelisk_is_told_a_version() {
  host_project
  expect_success host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  export USE_BAZEL_VERSION=8.0.0
  expect_success host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  asked 2
}

test_longer_version() {
  host_project 7.7.10
  expect_failure '' host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
  host_project 7.7.1-homebrew
  expect_success host_fits "$PWD/bin/bazel" ''
}

test_registry_is_not_reachable() {
  host_project
  registry_answers() { false; }
  expect_failure '' host_fits "$PWD/bin/bazel" "$PWD/cache/memo"
}

test_bazel_on_path_needs_no_cache() {
  host_project
  program bazel 'echo "bazel 7.7.1 $*"'
  export XDG_CACHE_HOME=/proc
  expect_equal "$(main build //x 2>&1)" 'bazel 7.7.1 build //x'
}

test_unwritable_and_relative_caches() {
  export BAZELW_MODE=provided XDG_CACHE_HOME=/proc
  expect_failure 'set XDG_CACHE_HOME to a directory that you may write to' main build //x
  XDG_CACHE_HOME=cache
  expect_failure 'XDG_CACHE_HOME: got cache, want an absolute path' main build //x
}

test_prepared_kit() {
  export BAZELW_MODE=provided XDG_CACHE_HOME=$PWD
  project=$PWD/project
  mkdir -p project/tools/bazelw/{amd64,arm64} rules_hyp
  printf 'echo provided; exit 1\n' >project/tools/bazelw/provide.sh
  : >project/tools/bazelw/x.lock
  : >project/tools/bazelw/amd64/x.lock
  : >project/tools/bazelw/arm64/x.lock
  chmod +x project/tools/bazelw/provide.sh
  expect_failure provided main build //x
  chmod o+w rules_hyp
  expect_failure 'others can change it' main build //x
}

test_blank_in_the_output_directory() {
  expect_failure 'give --output_user_root=DIRECTORY before the command' check_output '/with blank' build //x
  expect_failure 'give --output_user_root=DIRECTORY before the command' check_output '/with blank' build -- --output_base=/x
  expect_success check_output '/without' build //x
  expect_success check_output '/with blank' --batch --output_user_root=/x build //x
  expect_success check_output '/with blank' --output_base /x build //x
}

run_tests
