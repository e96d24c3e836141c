#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests where bazelw takes Debian packages from: apt's sources in both formats, lists of mirrors, an archive of old versions, and apt's proxies.
# shellcheck disable=SC2016,SC2317  # programs in single quotes, and functions that replace those of mirrors.sh
set -uo pipefail

# shellcheck source=tools/bazelw/provide.sh
. tools/bazelw/provide.sh
set +e
# shellcheck source=tests/bazelw/lib.sh
. tests/bazelw/lib.sh

# Settings of the machine that runs the tests.
unset RULES_HYP_DEBIAN_MIRROR RULES_HYP_DEBIAN_SNAPSHOT http_proxy https_proxy no_proxy

# mirrors: the mirrors of the directory etc, in one line.
mirrors() { machine_mirrors "$PWD/etc" | paste -sd ' '; }

test_one_line_sources() {
  mkdir -p etc/sources.list.d
  cat >etc/sources.list <<'END'
# deb http://example.com/no/comment bookworm main
deb http://example.com/a/debian bookworm main
  deb	[arch=amd64 signed-by=/k.gpg] https://example.com/b/debian/ bookworm main # ours
deb-src http://example.com/no/source bookworm main
deb cdrom:[Debian 12]/ bookworm main
deb http://example.com:secret@example.com/c/debian bookworm main
END
  echo 'deb http://example.com/a/debian bookworm-updates main' >etc/sources.list.d/x.list
  echo 'deb http://example.com/no/off bookworm main' >etc/sources.list.d/x.list.save
  expect_equal "$(mirrors)" 'http://example.com/a/debian https://example.com/b/debian http://example.com:secret@example.com/c/debian'
}

# As Debian 13 has it.
test_deb822_sources() {
  mkdir -p etc/sources.list.d
  cat >etc/sources.list.d/debian.sources <<'END'
Types: deb
# URIs: http://example.com/no/comment
URIs: http://example.com/a/debian/
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp

Types: deb
URIs: http://example.com/security/debian-security/
Suites: trixie-security
Components: main
END
  expect_equal "$(mirrors)" 'http://example.com/a/debian http://example.com/security/debian-security'
}

# As Ubuntu has it, and an image with a list of mirrors.
test_ubuntu_sources() {
  mkdir -p etc/sources.list.d
  printf '# comment\nhttp://example.com/one/ubuntu/\tpriority:1\n\nhttps://example.com/two/ubuntu\n' >etc/mirrors.txt
  cat >etc/sources.list.d/ubuntu.sources <<END
types: deb deb-src
uris: mirror+file:$PWD/etc/mirrors.txt mirror+file:///$PWD/etc/none
suites: noble noble-updates
components: main universe

Enabled: no
Types: deb
URIs: http://example.com/no/off
Suites: noble

Types: deb-src
URIs: http://example.com/no/source
Suites: noble

Types: deb
URIs:
 http://example.com/three/a
# http://example.com/no/comment
	http://example.com/four/b
Suites: noble
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 URIs: http://example.com/no/key
END
  printf 'Types: deb\nURIs: http://example.com/five/c' >etc/sources.list.d/y.sources
  expect_equal "$(mirrors)" 'http://example.com/one/ubuntu https://example.com/two/ubuntu http://example.com/three/a http://example.com/four/b http://example.com/five/c'
}

test_variable_comes_first() {
  mkdir etc
  echo 'deb http://example.com/a/debian bookworm main' >etc/sources.list
  RULES_HYP_DEBIAN_MIRROR=$' file:///one/ file:///two\n'
  expect_equal "$(mirrors)" 'file:///one file:///two'
}

test_no_sources() {
  mkdir etc
  expect_equal "$(mirrors)" ''
  work=$PWD
  machine_mirrors() { :; }
  expect_failure 'has the suite forky (tried: none); set RULES_HYP_DEBIAN_MIRROR to the base URL of a Debian mirror' find_mirrors forky true
}

# fake_helper MIRROR…: a helper that has the suite on these mirrors only.
fake_helper() {
  program helper "for mirror in $*; do [[ \$2 != \$mirror/dists/forky/InRelease ]] || exit 0; done" \
    'echo "Err:1 $2"; echo "  404  Not Found [IP: 192.0.2.1 80]"; echo "E: Failed to fetch $2"; exit 100'
  work=$PWD
}

test_mirror_without_the_suite() {
  fake_helper
  RULES_HYP_DEBIAN_MIRROR='file:///one/debian file:///two/debian/ http://example.com:secret@example.com/three/debian'
  expect_failure '404  Not Found [IP: 192.0.2.1 80]' find_mirrors forky "$PWD/bin/helper"
  expect_failure 'E: Failed to fetch file:///two/debian/dists/forky/InRelease' find_mirrors forky "$PWD/bin/helper"
  expect_failure '(tried: file:///one/debian file:///two/debian http://example.com/three/debian)' find_mirrors forky "$PWD/bin/helper"
  expect_equal "$(find_mirrors forky "$PWD/bin/helper" 2>&1 | grep -c secret)" 0
}

test_mirrors_with_the_suite() {
  fake_helper file:///two/debian file:///three/debian
  RULES_HYP_DEBIAN_MIRROR='file:///one/debian file:///two/debian file:///three/debian'
  expect_equal "$(find_mirrors forky "$PWD/bin/helper")" $'file:///two/debian\nfile:///three/debian'
  expect_equal "$(find_mirror forky "$PWD/bin/helper")" file:///two/debian
}

# The archive of old versions comes last, as it was on the day of the lock.
test_snapshot() {
  locks=$PWD
  echo '# Packages. From the suite'\''s index of 2026-12-31.' >runtime.lock
  expect_equal "$(snapshot_mirrors)" ''
  RULES_HYP_DEBIAN_MIRROR=file:///one RULES_HYP_DEBIAN_SNAPSHOT=http://example.com/old/
  expect_equal "$(snapshot_mirrors)" $'http://example.com/old/archive/debian/20270101T000000Z\nhttp://example.com/old/archive/debian/20261231T120000Z'
  fake_helper file:///one http://example.com/old/archive/debian/20270101T000000Z
  expect_equal "$(find_mirrors forky "$PWD/bin/helper")" $'file:///one\nhttp://example.com/old/archive/debian/20270101T000000Z'
}

# The locks have the day that the archive of old versions is asked for.
test_locks_have_a_day() {
  local tree=$tools
  RULES_HYP_DEBIAN_SNAPSHOT=file:///old
  for locks in "$tree"/{amd64,arm64}; do
    expect_equal "$(snapshot_mirrors | grep -cE '^file:///old/archive/debian/[0-9]{8}T[0-9]{6}Z$')" 2
  done
}

test_output_of_apt_without_a_known_reason() {
  expect_equal "$(printf 'I: one\nsomething else\n' | apt_reasons)" $'I: one\nsomething else'
  expect_equal "$(printf 'I: one\nError: no http://example.com:b@example.com/c/d\n' | apt_reasons)" 'Error: no http://example.com/c/d'
}

# fake_apt_config NAME=VALUE…: an apt-config that has these settings, and prints them as the real one does for "shell value NAME".
fake_apt_config() {
  local setting lines=()
  for setting; do lines+=("[[ \$3 != ${setting%%=*} ]] || echo \"value='${setting#*=}'\""); done
  program apt-config "${lines[@]}" true
}

test_proxies_of_apt() {
  fake_apt_config Acquire::http::Proxy::example.org=DIRECT Acquire::http::Proxy=http://example.com:3128
  expect_equal "$(apt_proxy http://example.com/a/debian)" http://example.com:3128
  expect_equal "$(apt_proxy http://example.com:secret@example.org:80/debian)" DIRECT
  # apt uses the proxy for http also for https, if there is no other.
  expect_equal "$(apt_proxy https://example.com/a/debian)" http://example.com:3128
  fake_apt_config Acquire::http::Proxy=http://example.com:3128 Acquire::https::Proxy=http://example.org:1
  expect_equal "$(apt_proxy https://example.com/a/debian)" http://example.org:1
  fake_apt_config
  expect_equal "$(apt_proxy http://example.com/a/debian)" ''
}

test_proxy_that_a_program_finds() {
  program detect 'echo "http://example.org:1 $1" | cut -d " " -f 1'
  fake_apt_config Acquire::http::Proxy-Auto-Detect="$PWD/bin/detect"
  expect_equal "$(apt_proxy http://example.com/a/debian)" http://example.org:1
}

test_proxy_is_used() {
  fake_apt_config Acquire::http::Proxy=http://example.com:3128
  use_apt_proxy http://example.com/a/debian
  expect_equal "$(bash -c 'echo "$http_proxy $https_proxy"')" 'http://example.com:3128 http://example.com:3128'
  fake_apt_config Acquire::http::Proxy=DIRECT
  use_apt_proxy http://example.com/a/debian
  expect_equal "${http_proxy:-none} ${https_proxy:-none}" 'none none'
  http_proxy=http://example.org:1
  fake_apt_config
  use_apt_proxy http://example.com/a/debian
  expect_equal "$http_proxy" http://example.org:1
}

test_options_of_apt() {
  program apt-config 'cat <<END' \
    'Acquire::http::Proxy "http://example.com:secret@example.com:3128"' \
    'Acquire::https::CaInfo "/etc/corp.pem"' \
    'Acquire::Retries "3"' \
    'Acquire::Languages "none"' \
    END
  expect_equal "$(apt_options | grep Acquire)" $'--aptopt=Acquire::https::CaInfo "/etc/corp.pem"\n--aptopt=Acquire::Retries "3"'
}

run_tests
