# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Steps of .ci/run over the files of the repository, with its variables and functions.
# shellcheck disable=SC2154

# The lint tests have each file of the repository as an input, and no other.
# tests/lint/sources.bzl, which lists them, sees neither symlinks nor what it takes for local.
lint_sees_all() {
  in_clone ./bazelw --output_base="$work/output-main" query --noshow_progress 'labels(srcs, labels(data, //tests/lint:tree_test))' >"$work/inputs" &&
    sed -n 's|^@.*//:tree/\(.*\)\.source$|\1|p' "$work/inputs" | LC_ALL=C sort >"$work/linted" &&
    in_clone git -c core.quotePath=false ls-files | LC_ALL=C sort | diff -u --label 'git ls-files' --label 'inputs of //tests/lint:tree_test' - "$work/linted"
}

# Scripts are executable, and nothing else is. No lint test can tell: Bazel does not keep the modes of inputs.
modes_fit() {
  local mode path start want code=0
  while read -r mode _ _ path; do
    start=''
    LC_ALL=C read -r -d '' -n 2 start <"$clone/$path" || true
    want=100644
    [[ $start != '#!' ]] || want=100755
    if [[ $mode != "$want" ]]; then
      printf '%s: its mode is %s, want %s; use chmod or remove #!\n' "$path" "$mode" "$want"
      code=1
    fi
  done < <(in_clone git -c core.quotePath=false ls-files -s)
  return "$code"
}

# No file names the directory that the sources are in.
names_no_machine() {
  local directory code=0
  # shellcheck disable=SC2001,SC2016  # a set of characters, and a program in single quotes
  directory=$(sed 's/[][\.*^$()+?{}|]/\\&/g' <<<"$source_tree")
  in_clone git grep -nIE "(^|[^[:alnum:]._/-])$directory/" || code=$?
  ((code == 1)) # 0: found; more: failed
}
