#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests what check-packages.sh accepts from a mirror.
set -uo pipefail

# shellcheck source=tools/bazelw/check-packages.sh
. tools/bazelw/check-packages.sh
# shellcheck source=tools/bazelw/update-lock.sh
. tools/bazelw/update-lock.sh
# shellcheck source=tools/bazelw/resolve.sh
. tools/bazelw/resolve.sh
set +e
# shellcheck source=tests/bazelw/lib.sh
. tests/bazelw/lib.sh

packages='# comment
bazel 7.7.1-8 aaaa'
runtime='# comment
bash 5.3-1 bbbb
golang 1.26-1 cccc'

# compare_lines LINE…
compare_lines() { RULES_HYP_LOCKS=tools/bazelw/amd64 compare "$packages" "$runtime" <<<"$(printf '%s\n' "$@")"; }

test_as_locked() {
  expect_equal "$(compare_lines 'bash 5.3-1 bbbb' 'bazel 7.7.1-8 aaaa' 2>&1)" ''
  expect_equal "$(compare_lines 'bash 5.3-1 bbbb' 'bazel 7.7.1-8 aaaa' 'golang 1.26-1 cccc' 2>&1)" ''
}

test_pinned_packages() {
  expect_failure 'bazel: it was not installed' compare_lines 'bash 5.3-1 bbbb'
  expect_failure 'bazel: the mirror has version 7.7.1-9' compare_lines 'bazel 7.7.1-9 aaaa'
  expect_failure 'bazel 7.7.1-8: the mirror has SHA-256 ffff' compare_lines 'bazel 7.7.1-8 ffff'
}

test_old_version_of_a_dependency() {
  expect_failure 'bash: the mirror has version 5.2-9, which is older than 5.3-1' compare_lines 'bazel 7.7.1-8 aaaa' 'bash 5.2-9 bbbb'
  expect_failure 'which is older than' compare_lines 'bazel 7.7.1-8 aaaa' 'bash 5.3~rc1-1 bbbb'
}

test_other_contents_of_a_dependency() {
  expect_failure 'bash 5.3-1: the mirror has SHA-256 ffff' compare_lines 'bazel 7.7.1-8 aaaa' 'bash 5.3-1 ffff'
  expect_failure 'bash 5.3-1: the mirror has SHA-256 unlisted' compare_lines 'bazel 7.7.1-8 aaaa' 'bash 5.3-1 unlisted'
}

test_newer_and_new_dependencies() {
  expect_success compare_lines 'bazel 7.7.1-8 aaaa' 'bash 5.10-1 dddd' 'libnew 1 eeee'
  expect_equal "$(compare_lines 'bazel 7.7.1-8 aaaa' 'bash 5.10-1 dddd' 'libnew 1 eeee' 'libnew2 1 eeee' 2>&1)" \
    'bazelw: checked by signature only: 1 packages newer than in tools/bazelw/amd64/runtime.lock, 2 that are not in it'
}

test_resolved() {
  program apt-cache 'printf "Package: a\nVersion: 1\nDepends: b\nSHA256: aa\n\nPackage: b\nVersion: 2\nSHA256: bb\n"'
  program dpkg-query 'printf "b 2\na 1\nc 3\n"'
  expect_equal "$(MMDEBSTRAP_APT_CONFIG=/none resolved /root)" $'a 1 aa\nb 2 bb\nc 3 unlisted'
}

test_day_of_the_index() {
  printf 'Origin: x\nDate: Fri, 30 Oct 2026 23:08:01 UTC\nDate: no\n' >a_InRelease
  expect_equal "$(index_date "$PWD"/*InRelease)" 2026-10-30
  expect_failure '' index_date "$PWD/none"
}

test_update_of_the_lock() {
  printf '%s\n' "$packages" >packages.lock
  printf '%s\n' "$runtime" 'golang-1.26-go 1 cccc' 'libold 1 dddd' >runtime.lock
  printf '%s\n' 'bash 5.3-2 eeee' 'bazel 7.7.1-8 aaaa' 'libnew 1 ffff' >resolved
  expect_failure 'resolved.date: want the day of the index' update packages.lock runtime.lock resolved
  echo 2026-11-01 >resolved.date
  sed -i '1s/$/ From the index of 2026-10-30./' runtime.lock
  expect_equal "$(update packages.lock runtime.lock resolved)" \
    $'# comment From the index of 2026-11-01.\nbash 5.3-2 eeee\ngolang-1.26-go 1 cccc\nlibnew 1 ffff'
}

test_update_of_an_unknown_architecture() {
  expect_failure 'architecture: got mips, want one of' bash "$locks/update-lock.sh" mips
}

test_resolve_without_a_machine() {
  printf 'Package: b\nEssential: yes\nVersion: 2\nSHA256: bb\n\nPackage: a\nVersion: 1:1\nSHA256: aa\n' | index >indexed
  expect_equal "$(<indexed)" $'b 2 bb yes\na 1:1 aa no'
  expect_equal "$(printf 'Inst b (2 x [arm64])\nInst a (1:1 x [all]) []\nInst c (3 x)\nConf a (1:1 x [all])\n' | joined indexed)" \
    $'a 1:1 aa\nb 2 bb\nc 3 unlisted'
}

# Bazel and the rule sets have one version for all architectures.
test_locks_agree() {
  expect_equal "$(cut -d ' ' -f 1,2 "$locks/amd64/packages.lock")" "$(cut -d ' ' -f 1,2 "$locks/arm64/packages.lock")"
}

test_locks_are_well_formed() {
  local lock
  for lock in "$locks"/{amd64,arm64}/{packages,runtime}.lock; do
    expect_equal "$(grep -v '^#' "$lock" | grep -vE '^[a-z0-9][a-z0-9.+-]+ [^ ]+ [0-9a-f]{64}$')" ''
    expect_equal "$(grep -v '^#' "$lock" | cut -d ' ' -f 1 | sort | uniq -d)" ''
  done
}

locks=$PWD/tools/bazelw
run_tests
