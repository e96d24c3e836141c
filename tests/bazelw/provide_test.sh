#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the parts of provide.sh that need no network: what it writes for paths with unusual characters, and what it says of apt's failures.
# shellcheck disable=SC1003,SC2016,SC2317  # programs in single quotes, and functions that replace those of provide.sh
set -uo pipefail

# shellcheck source=tools/bazelw/provide.sh
. tools/bazelw/provide.sh
set +e
# shellcheck source=tests/bazelw/lib.sh
. tests/bazelw/lib.sh

architecture=amd64

# A path that is several words, a comment, a quote and a command, where it is not quoted.
odd='/a b/c#d"e'\''f\g/$(touch injected);100%/é'

test_bazelrc_word() {
  expect_equal "$(bazelrc_word /plain/path)" /plain/path
  expect_equal "$(bazelrc_word "$odd")" '/a\ b/c\#d\"e\'\''f\\g/$(touch\ injected);100%/é'
}

test_file_url() {
  expect_equal "$(file_url /plain/path-1.0_x~)" file:///plain/path-1.0_x~
  expect_equal "$(file_url "$odd")" 'file:///a%20b/c%23d%22e%27f%5Cg/%24%28touch%20injected%29%3B100%25/%C3%A9'
}

# rules_go takes the SDK of the machine's architecture in the place of an archive of that version, and no other.
test_provided_sdk() {
  local rules=$PWD/rules_go
  for architecture in amd64 arm64; do
    rm -rf toolchain rules_go
    mkdir -p toolchain rules_go/go/private
    printf 'go1.26.8\ntime x\n' >toolchain/VERSION
    printf 'go_sdk.from_file(\n    name = "go_default_sdk",\n)\nother(\n)\n' >rules_go/MODULE.bazel
    printf 'def _remote_sdk(ctx, urls, strip_prefix, sha256):\n    download()\n' >rules_go/go/private/sdk.bzl
    provide_sdk "$PWD"
    expect_equal "$(grep -c -F "    if urls and urls[0].endswith(\"/go1.26.8.linux-$architecture.tar.gz\"):" "$rules/go/private/sdk.bzl")" 1
    expect_equal "$(sed -n '1p;$p' "$rules/go/private/sdk.bzl")" $'def _remote_sdk(ctx, urls, strip_prefix, sha256):\n    download()'
    expect_equal "$(sed -n 3,4p "$rules/MODULE.bazel")" "    sdks = {\"linux_$architecture\": [\"go1.26.8.linux-$architecture.tar.gz\", \"\"]},"$'\n)'
  done
  printf 'def _other(ctx):\n' >"$rules/go/private/sdk.bzl"
  expect_failure 'is for another version' provide_sdk "$PWD"
}

# The standard library's sources, those of pack, and the programs stay.
test_pruned_sdk() {
  local file
  mkdir sdk
  : >sdk/VERSION
  for file in bin/go pkg/tool/linux_amd64/vet src/go.mod src/cmd/go/main.go src/cmd/pack/pack.go src/cmd/internal/bio/bio.go \
    src/cmd/vendor/golang.org/x/{mod,telemetry}/a.go src/os/file.go src/os/file_test.go src/os/testdata/x src/net/a/testdata/b/c.go; do
    mkdir -p "sdk/${file%/*}"
    : >"sdk/$file"
  done
  prune_sdk "$PWD/sdk"
  expect_equal "$(cd sdk && find . -type f | LC_ALL=C sort | tr '\n' ' ')" \
    './VERSION ./bin/go ./pkg/tool/linux_amd64/vet ./src/cmd/internal/bio/bio.go ./src/cmd/pack/pack.go ./src/cmd/vendor/golang.org/x/telemetry/a.go ./src/go.mod ./src/os/file.go '
  expect_equal "$(find sdk -name testdata)" ''
}

test_json_string() {
  expect_equal "$(json_string "$odd")" '"/a b/c#d\"e'\''f\\g/$(touch injected);100%/é"'
}

test_bazelrc_of_odd_paths() {
  local word
  program go 'echo file:///proxy'
  kit="/kit$odd" cache="/cache$odd"
  unset GOPROXY
  make_bazelrc "$PWD/bazelrc" "/sdk$odd"
  word=$(bazelrc_word "$odd")
  expect_equal "$(grep -c -F "/cache$word/" bazelrc)" 2
  expect_equal "$(grep -c -F "=/sdk$word/" bazelrc)" 2
  # Each line has one word after common.
  expect_equal "$(sed -E 's/\\.//g' bazelrc | grep -vcE '^common [^ ]+$')" 0
  expect_equal "$(grep -- --registry bazelrc)" "common --registry=$(file_url "/kit$odd")/registry"
}

# Tests that run bazelw use the same Bazel and the same cache.
test_bazelrc_for_tests() {
  program go 'echo file:///proxy'
  kit=/kit cache="/cache$odd/rules_hyp"
  make_bazelrc "$PWD/bazelrc" /sdk
  expect_equal "$(grep test_env bazelrc)" \
    $'common --test_env=BAZELW_MODE=provided\ncommon --test_env=XDG_CACHE_HOME='"$(bazelrc_word "/cache$odd")"
}

# A cache in /tmp is made visible in sandboxes, which have a /tmp of their own. The value of the flag is a pair if it has a colon.
test_bazelrc_of_a_cache_in_tmp() {
  program go 'echo file:///proxy'
  kit=/kit cache=/cache
  make_bazelrc "$PWD/bazelrc" /home/sdk
  expect_equal "$(grep -c sandbox bazelrc)" 0
  make_bazelrc "$PWD/bazelrc" /tmp/a:b/sdk
  expect_equal "$(grep sandbox bazelrc)" "common --sandbox_add_mount_pair=$(bazelrc_word '/tmp/a\:b/sdk')"
}

test_registry_of_odd_paths() {
  kit="/kit$odd"
  make_registry "$PWD/registry"
  expect_equal "$(<registry/modules/zlib/1.3.1.bcr.3/source.json)" \
    "{\"type\": \"local_path\", \"path\": $(json_string "/kit$odd/registry/source/zlib")}"
}

# A fake mmdebstrap: writes its arguments to the file arguments, runs the hook as the real one does, and says $1 if it is to fail.
fake_mmdebstrap() {
  program mmdebstrap 'printf "%s\n" "$@" >>'"'$PWD'"'/arguments' \
    'for argument; do case $argument in --customize-hook=*) hook=${argument#*=} ;; esac; done' \
    "${1:+cat >&2 <<'END'
$1
END
exit 1}" \
    'sh -c "$hook" exec "/the root" >&2 && tar -c --files-from /dev/null'
  program bwrap
  program mount
  program newuidmap
  program newgidmap
  program df 'echo Avail; echo 9999999'
  program apt-get 'echo it was run >>'"'$PWD'"'/installed'
  program sudo 'echo it was run >>'"'$PWD'"'/installed'
  find_mirrors() { printf 'file:///%s\n' "${known[@]:-mirror}"; }
  apt_options() { :; }
  archive_keyring() { printf /keys; }
  check_user_ids() { :; }
  unset RULES_HYP_DEBIAN_SNAPSHOT
  cache=$PWD work=$PWD architecture=amd64 locks=$tools/amd64
}

test_hook_has_no_paths() {
  fake_mmdebstrap
  mkdir "odd \$(touch injected)"
  tools="$PWD/odd \$(touch injected)"
  locks=$tools
  printf 'one 1 hash\n' >"$locks/packages.lock"
  printf 'two 2 hash\n' >"$locks/runtime.lock"
  # shellcheck disable=SC2016  # for the hook's shell
  printf 'printf "%%s|" "$0" "$@" "$RULES_HYP_PACKAGES" "$RULES_HYP_RUNTIME" >%q\n' "$PWD/hook" >"$tools/check-packages.sh"
  expect_success make_root "$PWD/target"
  expect_equal "$(<hook)" 'check-packages.sh|/the root|one 1 hash|two 2 hash|'
  expect_equal "$(grep -c 'touch injected' arguments)" 0
  expect_equal "$(find . -name injected)" ''
}

test_reasons_of_apt() {
  fake_mmdebstrap 'I: running apt-get update...
Get:1 file:///mirror forky InRelease
Err:1 file:///mirror forky InRelease
  The following signatures were invalid: BADSIG 6ED0E7B82643E131
W: Download is performed unsandboxed as root
E: Failed to fetch file:///mirror/pool/x.deb  404  Not Found
E: apt-get update failed'
  expect_failure 'BADSIG 6ED0E7B82643E131' make_root "$PWD/target"
  expect_failure '404  Not Found' make_root "$PWD/target"
  expect_failure 'mmdebstrap failed after' make_root "$PWD/target"
}

test_version_that_the_mirror_does_not_have() {
  fake_mmdebstrap "E: Version '7.7.1+ds-8+b1' for 'bazel-bootstrap' was not found"
  expect_failure "was not found" make_root "$PWD/target"
  expect_failure 'no mirror has the versions of tools/bazelw/amd64/packages.lock; set RULES_HYP_DEBIAN_SNAPSHOT to' make_root "$PWD/target"
  RULES_HYP_DEBIAN_SNAPSHOT=file:///old
  expect_failure 'no mirror has the versions of tools/bazelw/amd64/packages.lock; see Troubleshooting' make_root "$PWD/target"
}

# The second mirror is asked if the first does not have the versions, not if it is broken.
test_next_mirror() {
  fake_mmdebstrap
  local known=(one two) words
  # The sources are in the standard input.
  for words in "E: Version '1' for 'a' was not found" 'bazelw: a: the mirror has version 1, which is older than 2 in x; use another' 'E: broken'; do
    program mmdebstrap 'sources=$(</dev/stdin); echo "$sources" >>'"'$PWD'"'/sources' \
      "[[ \$sources != *file:///one* ]] || { echo \"$words\" >&2; exit 1; }" 'tar -c --files-from /dev/null'
    if [[ $words == *broken ]]; then
      expect_failure 'mmdebstrap failed after' make_root "$PWD/target"
      expect_equal "$(wc -l <sources)" 1
    else
      expect_success make_root "$PWD/target"
      expect_equal "$(<sources)" $'deb [signed-by=/keys] file:///one forky main\ndeb [signed-by=/keys] file:///two forky main'
    fi
    rm sources
  done
}

# Passwords are in no message and not in the arguments of a program, which all users see.
test_passwords() {
  fake_mmdebstrap 'E: Failed to fetch http://example.com:secret@example.com/one/debian/x'
  find_mirrors() { printf 'http://example.com:secret@example.com/one/debian\n'; }
  expect_failure 'from http://example.com/one/debian (forky)' make_root "$PWD/target"
  expect_failure 'E: Failed to fetch http://example.com/one/debian/x' make_root "$PWD/target"
  expect_equal "$(make_root "$PWD/target" 2>&1 | grep -c secret)" 0
  expect_equal "$(grep -c secret arguments)" 0
}

test_keys_are_missing() {
  fake_mmdebstrap
  missing_packages() { :; }
  archive_keyring() { :; }
  expect_failure 'set RULES_HYP_DEBIAN_KEYRING to a file with them' make_root "$PWD/target"
}

test_packages_are_checked_before_the_download() {
  fake_mmdebstrap
  missing_packages() { printf uidmap; }
  find_mirrors() { echo 'asked for a mirror'; exit 1; }
  if ((EUID == 0)); then
    expect_failure 'asked for a mirror' make_root "$PWD/target"
    expect_equal "$(<installed)" $'it was run\nit was run'
  else
    expect_failure 'run: sudo apt-get install --no-install-recommends uidmap' make_root "$PWD/target"
    [[ ! -e installed ]] || { echo 'sudo or apt-get was run'; exit 1; }
  fi
}

test_file_system_without_space() {
  fake_mmdebstrap
  program df 'echo Avail; echo 1000000'
  expect_failure 'has 1000 MB of free space, and 3000 MB are needed' make_root "$PWD/target"
}

run_tests
