#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests what bazelw checks before it downloads or executes anything.
# shellcheck disable=SC2016,SC2317  # programs in single quotes, and functions that replace those of checks.sh
set -uo pipefail

# shellcheck source=tools/bazelw/checks.sh
. tools/bazelw/checks.sh
# shellcheck source=tests/bazelw/lib.sh
. tests/bazelw/lib.sh

# Settings of the machine that runs the tests.
unset RULES_HYP_DEBIAN_KEYRING

test_architecture() {
  program uname 'echo Linux aarch64'
  expect_equal "$(machine_architecture)" arm64
  program uname 'echo Linux x86_64'
  expect_equal "$(machine_architecture)" amd64
  program uname 'echo Linux riscv64'
  expect_failure 'this is Linux riscv64; install bazelisk' machine_architecture
}

test_home_of_passwd() {
  program getent 'echo "builder:x:1234:1234::/home/builder:/bin/sh"'
  unset HOME
  set_home 1234
  expect_equal "$(bash -c 'printf %s "$HOME"')" /home/builder
}

test_home_of_nobody() {
  program getent 'exit 2'
  unset HOME
  expect_failure 'HOME is not set, and user 1234 has no home directory' set_home 1234
  HOME=relative
  expect_failure 'HOME: got relative, want an absolute path' set_home 1234
}

test_cache_directory() {
  unset XDG_CACHE_HOME
  HOME=/home/a
  expect_equal "$(cache_directory)" /home/a/.cache/rules_hyp
  XDG_CACHE_HOME='/with blank/'
  expect_equal "$(cache_directory)" '/with blank/rules_hyp'
  XDG_CACHE_HOME=relative/cache
  expect_failure 'XDG_CACHE_HOME: got relative/cache, want an absolute path' cache_directory
  XDG_CACHE_HOME=$'/two\nlines'
  expect_failure 'line break' cache_directory
}

test_cache_that_cannot_be_made() {
  : >file
  expect_failure 'set XDG_CACHE_HOME to a directory that you may write to' make_cache "$PWD/file/rules_hyp"
  expect_failure 'set XDG_CACHE_HOME to a directory that you may write to' make_cache /proc/rules_hyp
}

test_cache_is_private_with_any_umask() {
  umask 002
  make_cache "$PWD/new/rules_hyp"
  expect_equal "$(stat -c %a new/rules_hyp)" 755
}

# A cache in the current directory, with a kit and a root directory.
private_cache() {
  umask 022
  mkdir -p c/rules_hyp/kit/1/empty c/rules_hyp/root/1 c/rules_hyp/sdk/1
  : >c/rules_hyp/kit/1/bazelrc
  cache=$PWD/c/rules_hyp
  kit=$cache/kit/1
}

test_private_cache() {
  private_cache
  expect_success check_private "$EUID" "$cache" "$kit"
  expect_success check_private "$EUID" "$cache" "$cache/kit/not-yet-made"
}

test_cache_that_others_can_write() {
  local path mode
  private_cache
  for path in '' kit kit/1 kit/1/bazelrc kit/1/empty root root/1 sdk sdk/1; do
    for mode in g+w o+w; do
      chmod "$mode" "$cache/$path"
      expect_failure "others can change it, and bazelw runs programs from it; remove $cache" check_private "$EUID" "$cache" "$kit"
      chmod go-w "$cache/$path"
    done
  done
  expect_success check_private "$EUID" "$cache" "$kit"
}

test_parent_that_others_can_write() {
  private_cache
  chmod o+w c
  expect_failure 'others can replace what is run from' check_private "$EUID" "$cache" "$kit"
  chmod +t c
  expect_success check_private "$EUID" "$cache" "$kit"
  # The user's own group.
  chmod 775 c
  expect_success check_private "$EUID" "$cache" "$kit"
}

test_cache_of_another_user() {
  private_cache
  # Everything here belongs to the user of the test. Where that is root, whom all trust, a find that sees another owner does as well.
  program find 'exec /usr/bin/find "${@/#0/4242}"'
  expect_failure 'others can' check_private "$((EUID + 1))" "$cache" "$kit"
}

test_missing_packages() {
  mkdir empty keys
  : >keys/debian-archive-keyring.pgp
  expect_equal "$(PATH=$PWD/empty missing_packages 0 "$PWD/keys")" 'mmdebstrap bubblewrap mount'
  expect_equal "$(PATH=$PWD/empty missing_packages 1000 "$PWD/keys")" 'mmdebstrap bubblewrap mount uidmap'
  program mmdebstrap
  program bwrap
  program mount
  expect_equal "$(PATH=$PWD/bin missing_packages 0 "$PWD/keys")" ''
  expect_equal "$(PATH=$PWD/bin missing_packages 1000 "$PWD/keys")" uidmap
  program newuidmap
  program newgidmap
  expect_equal "$(PATH=$PWD/bin missing_packages 1000 "$PWD/keys")" ''
  # Ubuntu has the keys of Debian's archive in a package as well.
  expect_equal "$(PATH=$PWD/bin missing_packages 1000 "$PWD/empty")" debian-archive-keyring
}

test_keyring() {
  mkdir keys
  expect_equal "$(archive_keyring "$PWD/keys")" ''
  : >keys/debian-archive-keyring.pgp
  expect_equal "$(archive_keyring "$PWD/keys")" "$PWD/keys/debian-archive-keyring.pgp"
  : >keys/debian-archive-keyring.gpg
  expect_equal "$(archive_keyring "$PWD/keys")" "$PWD/keys/debian-archive-keyring.gpg"
  RULES_HYP_DEBIAN_KEYRING=$PWD/own
  expect_failure "RULES_HYP_DEBIAN_KEYRING: cannot read $PWD/own; set it to a file" archive_keyring "$PWD/keys"
  expect_failure 'RULES_HYP_DEBIAN_KEYRING: cannot read' missing_packages 0 "$PWD/keys"
  : >own
  expect_equal "$(archive_keyring "$PWD/keys")" "$PWD/own"
}

# Programs of another user: sudo that writes down what it would run.
fake_sudo() { program sudo 'printf "%s\n" "$*" >>'"'$PWD'"'/sudo'; }

test_sudo_is_not_run_without_an_answer() {
  fake_sudo
  can_ask() { false; }
  expect_failure 'needs packages; run: sudo apt-get install a b' as_root 'needs packages' apt-get install a b
  can_ask() { true; }
  local answer
  for answer in '' n N no what; do
    expect_failure 'run: sudo apt-get install a b' as_root 'needs packages' apt-get install a b <<<"$answer"
  done
  expect_failure 'run: sudo apt-get install a b' as_root 'needs packages' apt-get install a b </dev/null
  [[ ! -e sudo ]] || { echo "it was run: $(<sudo)"; exit 1; }
}

test_sudo_with_an_answer() {
  fake_sudo
  can_ask() { true; }
  expect_equal "$(as_root 'needs packages' apt-get install a b 2>&1 <<<y)" 'bazelw: needs packages. Run this now: sudo apt-get install a b? [y/N] '
  expect_equal "$(<sudo)" 'apt-get install a b'
  program sudo 'exit 1'
  expect_failure 'and this failed: sudo apt-get install a' as_root 'needs packages' apt-get install a <<<yes
}

test_without_sudo() {
  mkdir empty
  can_ask() { true; }
  expect_equal "$(PATH=$PWD/empty as_root 'needs packages' apt-get install a b 2>&1 <<<y)" 'bazelw: needs packages; run as root: apt-get install a b'
}

# A terminal is one for the question and for the answer.
test_terminal() {
  expect_failure '' can_ask </dev/null
}

test_namespaces() {
  mkdir -p proc/sys/user proc/sys/kernel
  fake_sudo
  can_ask() { false; }
  program bwrap 'echo "$*" >>'"'$PWD'"'/asked; exit 0'
  expect_success check_namespaces 1000 "$PWD/proc"
  # Also those of Bazel's sandbox in it.
  expect_equal "$(<asked)" '--dev-bind / / unshare --user --map-root-user --mount true'

  program bwrap 'echo "No permissions to create new namespace" >&2; exit 1'
  expect_failure 'cannot make namespaces (No permissions to create new namespace)' check_namespaces 1000 "$PWD/proc"
  echo 0 >proc/sys/user/max_user_namespaces
  expect_failure 'run: sudo sysctl user.max_user_namespaces=10000' check_namespaces 1000 "$PWD/proc"
  expect_failure 'run: sysctl user.max_user_namespaces=10000 (of a container: on its host)' check_namespaces 0 "$PWD/proc"
  echo 9000 >proc/sys/user/max_user_namespaces
  echo 0 >proc/sys/kernel/unprivileged_userns_clone
  expect_failure 'sudo sysctl kernel.unprivileged_userns_clone=1' check_namespaces 1000 "$PWD/proc"
  echo 1 >proc/sys/kernel/unprivileged_userns_clone
  echo 1 >proc/sys/kernel/apparmor_restrict_unprivileged_userns
  expect_failure 'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0' check_namespaces 1000 "$PWD/proc"
  echo 0 >proc/sys/kernel/apparmor_restrict_unprivileged_userns
  expect_failure 'in a container, allow them' check_namespaces 0 "$PWD/proc"
  expect_failure 'in a container, allow them' check_namespaces 1000 "$PWD/proc"
}

test_message_is_one_line() {
  program bwrap 'printf "first\nsecond\n" >&2; exit 1'
  expect_equal "$(check_namespaces 1000 "$PWD" 2>&1 | wc -l)" 1
}

test_namespaces_after_a_setting_is_changed() {
  mkdir -p proc/sys/user
  echo 0 >proc/sys/user/max_user_namespaces
  program bwrap '[[ -e '"'$PWD'"'/sudo ]]'
  fake_sudo
  can_ask() { true; }
  check_namespaces 1000 "$PWD/proc" <<<y 2>/dev/null
  expect_equal "$(<sudo)" 'sysctl user.max_user_namespaces=10000'
}

test_subordinate_ids() {
  program id 'echo builder'
  fake_sudo
  can_ask() { false; }
  mkdir etc
  expect_failure 'subuid has no line for builder; run: sudo usermod' check_user_ids 1000 "$PWD/etc"
  echo builder:100000:65536 >etc/subuid
  expect_failure 'subgid has no line for builder' check_user_ids 1000 "$PWD/etc"
  echo 1000:100000:65536 >etc/subgid
  expect_success check_user_ids 1000 "$PWD/etc"
  expect_success check_user_ids 0 "$PWD/nothing"
  [[ ! -e sudo ]] || { echo "it was run: $(<sudo)"; exit 1; }
}

# fake_apt_config NAME=VALUE…: an apt-config that has these settings, and prints them as the real one does for "shell value NAME".
fake_apt_config() {
  local setting lines=()
  for setting; do lines+=("[[ \$3 != ${setting%%=*} ]] || echo \"value='${setting#*=}'\""); done
  program apt-config "${lines[@]}" true
}

test_proxy_of_apt() {
  fake_apt_config Acquire::http::Proxy=http://example.com:3128/
  unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
  mkdir -p etc/apt.conf.d
  apt_environment "$PWD/etc"
  expect_equal "${http_proxy:-none}" none
  echo 'Acquire::http::proxy "…";' >etc/apt.conf.d/x
  apt_environment "$PWD/etc"
  expect_equal "$(bash -c 'echo "$http_proxy ${https_proxy:-none}"')" 'http://example.com:3128/ none'
}

test_proxies_of_the_environment_come_first() {
  fake_apt_config Acquire::http::Proxy=http://example.com:3128/ Acquire::https::Proxy=DIRECT
  mkdir etc
  echo 'Acquire::http::Proxy "…";' >etc/apt.conf
  unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
  HTTPS_PROXY=http://example.org:1
  apt_environment "$PWD/etc"
  expect_equal "${http_proxy:-none}" none
  unset HTTPS_PROXY
  apt_environment "$PWD/etc"
  expect_equal "$http_proxy ${https_proxy:-none}" 'http://example.com:3128/ none'
}

run_tests
