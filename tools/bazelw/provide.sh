#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Provides Bazel, for bazelw: a root directory of Debian packages with Bazel and its Java, and a kit of flags for local copies of what Bazel
# would otherwise download from hosts that a closed network does not reach.
#
#   provide.sh CACHE KIT
#
# CACHE/root/HASH  the root directory     CACHE/sdk/HASH  the Go modules         KIT  the flags (bazelrc) and the registry
# Each is made in CACHE/tmp and renamed when it is complete, under a lock: if two runs start at the same time, one waits for the other. The
# next run removes what an interrupted run left.
set -euo pipefail

tools=$(cd -P -- "${BASH_SOURCE[0]%/*}" && printf '%s' "$PWD")
started=$SECONDS

# shellcheck source=tools/bazelw/checks.sh
. "$tools/checks.sh"
# shellcheck source=tools/bazelw/mirrors.sh
. "$tools/mirrors.sh"
# shellcheck source=tools/bazelw/modules.sh
. "$tools/modules.sh"

elapsed() { printf '%d s' "$((SECONDS - started))"; }
lock_lines() { grep -v '^#' "$1"; }
hash_of() { cat "$@" | sha256sum | cut -c1-16; }

# Installs missing tools for making and entering the root directory. If this is not root, the user has to agree.
install_tools() {
  local missing
  read -r -a missing < <(missing_packages "$EUID") || true
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null ||
    fail "needs ${missing[*]}, and this is not a Debian system; install bazelisk, or those packages, and run again"
  if ((EUID != 0)); then
    as_root 'needs packages' apt-get install --no-install-recommends "${missing[@]}"
    return
  fi
  say "installing ${missing[*]} with apt-get"
  apt-get -q update >&2 || say 'apt-get update failed; trying with the existing package lists'
  DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt-get could not install ${missing[*]}; install them and run again"
}

# Finds out what would fail only after the download of Bazel's root directory.
check_machine() {
  local free
  install_tools
  check_user_ids "$EUID"
  free=$(df --output=avail -k "$cache" | tail -n 1)
  ((free >= 3000000)) ||
    fail "$cache: has $((free / 1000)) MB of free space, and 3000 MB are needed; set XDG_CACHE_HOME to a directory with more"
}

# Makes the root directory $1, from the first mirror that has the suite and the packages of the locks.
make_root() {
  local target=$1 include=() name version mirror mirrors=() suite=forky keyring advice=''
  check_machine
  keyring=$(archive_keyring)
  [[ -n $keyring ]] || fail "the keys of Debian's archive are missing; set RULES_HYP_DEBIAN_KEYRING to a file with them"
  while read -r name version _; do
    include+=("$name=$version")
  done < <(lock_lines "$locks/packages.lock")
  # `go mod download` fetches the modules from the configured proxy; a machine without Go gets one in Bazel's root.
  command -v go >/dev/null || include+=(golang-1.26-go)
  mirror=$(find_mirrors "$suite")
  mapfile -t mirrors <<<"$mirror"
  for mirror in "${mirrors[@]}"; do
    say "making Bazel's root directory from $(redact <<<"$mirror") ($suite): downloads about 700 MB, takes 1 to 3 minutes"
    rm -rf -- "$target"
    mkdir -p "$target"
    if (use_apt_proxy "$mirror" && run_mmdebstrap "$target"); then
      grep '^bazelw:' "$work/mmdebstrap.log" >&2 || true
      say "root directory ready: $(du -sh "$target" | cut -f1), $(elapsed)"
      return
    fi
    apt_reasons <"$work/mmdebstrap.log" >&2
    grep -qE "^(E|Error): Version '.*' for '.*' was not found|^bazelw: .*: the mirror has version" "$work/mmdebstrap.log" ||
      fail "mmdebstrap failed after $(elapsed), with the messages above"
  done
  [[ -n ${RULES_HYP_DEBIAN_SNAPSHOT:-} ]] || advice='set RULES_HYP_DEBIAN_SNAPSHOT to the base URL of an archive that keeps old versions, or '
  fail "no mirror has the versions of tools/bazelw/$architecture/packages.lock; ${advice}see Troubleshooting in docs/closed-network.md"
}

# Makes the root directory $1 with the variables of make_root. mmdebstrap's messages are in $work/mmdebstrap.log.
run_mmdebstrap() {
  local target=$1 options=()
  mapfile -t options < <(apt_options)
  # Valid-Until: the mirror of a closed network is often an outdated copy. The locks say how old a package may be, instead.
  # The hook gets its program and the locks from the environment: the user IDs that it runs with may not be able to enter the clone.
  # shellcheck disable=SC2016  # the hook's shell expands them
  options+=(
    --variant=apt --format=tar --architectures="$architecture"
    --include="$(IFS=,; printf '%s' "${include[*]}")"
    --aptopt='Acquire::Check-Valid-Until "false"'
    --dpkgopt='path-exclude=/usr/share/doc/*'
    --dpkgopt='path-exclude=/usr/share/locale/*'
    --dpkgopt='path-exclude=/usr/share/go-*/test/*'
    # An interrupted root directory is made again, so nothing has to be on disk at once.
    --dpkgopt=force-unsafe-io
    --customize-hook='bash -c "$RULES_HYP_CHECK" check-packages.sh "$1"'
  )
  RULES_HYP_CHECK=$(<"$tools/check-packages.sh")
  RULES_HYP_LOCKS=tools/bazelw/$architecture
  RULES_HYP_PACKAGES=$(<"$locks/packages.lock")
  RULES_HYP_RUNTIME=$(<"$locks/runtime.lock")
  export RULES_HYP_CHECK RULES_HYP_LOCKS RULES_HYP_PACKAGES RULES_HYP_RUNTIME
  # As root, a killed run leaves its files below $work. Otherwise mmdebstrap uses other user IDs, which could not enter that.
  if ((EUID == 0)); then
    options+=(--mode=root)
    export TMPDIR=$work
  fi
  # With tar, so that all files belong to this user and there are no device nodes. Bazel's package depends on a C compiler and on parts of
  # Java that are for making programs; these are left out, so that no build can use them. The sources are in the standard input, and apt's settings
  # are left out, since both may have passwords.
  mmdebstrap "${options[@]}" "$suite" - - 2>"$work/mmdebstrap.log" <<<"deb [signed-by=$keyring] $mirror $suite main" |
    tar -x --no-same-owner --no-same-permissions --exclude='./dev/*' --exclude='./var/lib/apt/lists/*' --exclude='./etc/apt/*' \
      --exclude='./usr/lib/gcc' --exclude='./usr/libexec/gcc' --exclude='./usr/bin/*-linux-gnu-*' --exclude='./usr/lib/jvm/*/jmods' -C "$target"
}

# Prints $1 as one word for a .bazelrc file.
# shellcheck disable=SC2001  # & in ${1//…} is the match only since bash 5.2
bazelrc_word() { sed 's/[\\ "'\''#\t]/\\&/g' <<<"$1"; }

# Prints the file URL of a path.
file_url() {
  local LC_ALL=C path=$1 out='' byte code i
  for ((i = 0; i < ${#path}; i++)); do
    byte=${path:i:1}
    case $byte in
      [A-Za-z0-9/._~-]) ;;
      *)
        printf -v code '%d' "'$byte"
        printf -v byte '%%%02X' "$((code & 255))"
        ;;
    esac
    out+=$byte
  done
  printf 'file://%s' "$out"
}

# Prints $1 as a JSON string.
json_string() { sed 's/[\\"]/\\&/g; s/.*/"&"/' <<<"$1"; }

# Adds a module to the registry $1 of which only the name and version are needed: nothing is built from it.
registry_module() {
  local registry=$1 name=$2 version=$3 directory=$1/modules/$2/$3
  mkdir -p "$directory" "$registry/source/$name"
  printf 'module(name = "%s", version = "%s")\n' "$name" "$version" | tee "$directory/MODULE.bazel" >"$registry/source/$name/MODULE.bazel"
  : >"$registry/source/$name/BUILD.bazel"
  printf '{"type": "local_path", "path": %s}\n' "$(json_string "$kit/registry/source/$name")" >"$directory/source.json"
}

make_registry() {
  local registry=$1 line
  mkdir -p "$registry"
  printf '{}\n' >"$registry/bazel_registry.json"
  while read -r -a line; do
    registry_module "$registry" "${line[0]}" "${line[1]}"
  done < <(lock_lines "$tools/registry.lock")
}

# Writes the flags to the file $1; $2 is the directory with the Go modules. MODULE.bazel and WORKSPACE have different names for the same
# repository; overrides of names that do not exist have no effect.
make_bazelrc() {
  local modules kit_word cache_word packaged=/usr/share/bazel name proxy
  modules=$(bazelrc_word "$2")
  kit_word=$(bazelrc_word "$kit")
  cache_word=$(bazelrc_word "$cache")
  proxy=${GOPROXY:-}
  [[ -n $proxy ]] || ! command -v go >/dev/null || proxy=$(go env GOPROXY)
  {
    printf 'common --registry=%s/registry\n' "$(file_url "$kit")"
    printf 'common --lockfile_mode=off\n'
    printf 'common --repo_env=BAZEL_DO_NOT_DETECT_CPP_TOOLCHAIN=1\n'
    printf 'common --override_module=rules_go=%s/rules_go\n' "$modules"
    for name in cc java license proto python shell; do
      printf 'common --override_module=rules_%s=%s/rules/%s\n' "$name" "$packaged" "$name"
      printf 'common --override_repository=rules_%s=%s/rules/%s\n' "$name" "$packaged" "$name"
    done
    for name in bazel_features bazel_skylib platforms; do
      printf 'common --override_module=%s=%s/tools/%s\n' "$name" "$packaged" "${name#bazel_}"
      printf 'common --override_repository=%s=%s/tools/%s\n' "$name" "$packaged" "${name#bazel_}"
    done
    printf 'common --override_repository=bazel_tools~remote_coverage_tools_extension~remote_coverage_tools=%s/empty\n' "$kit_word"
    printf 'common --override_repository=io_bazel_rules_go=%s/rules_go\n' "$modules"
    printf 'common --override_repository=remote_coverage_tools=%s/empty\n' "$kit_word"
    printf 'common --repository_cache=%s/repository-cache\n' "$cache_word"
    printf 'common --disk_cache=%s/disk-cache\n' "$cache_word"
    # Tests that run bazelw get this Bazel too.
    printf 'common --test_env=BAZELW_MODE=provided\n'
    printf 'common --test_env=XDG_CACHE_HOME=%s\n' "$(bazelrc_word "${cache%/rules_hyp}")"
    printf 'common --experimental_disk_cache_gc_max_size=10G\n'
    # The sandbox has a /tmp of its own, where nothing is visible but the output base.
    [[ $2 != /tmp/* ]] || printf 'common --sandbox_add_mount_pair=%s\n' "$(bazelrc_word "${2//:/\\:}")"
    [[ -z $proxy ]] || printf 'common --repo_env=GOPROXY=%s\n' "$(bazelrc_word "$proxy")"
  } >"$1"
}

main() {
  local root modules
  cache=$1
  kit=$2
  umask 022
  architecture=$(machine_architecture)
  locks=$tools/$architecture
  make_cache "$cache"
  check_private "$EUID" "$cache" "$kit"
  exec 9>"$cache/lock"
  if ! flock -n 9; then
    say 'another run is preparing Bazel; waiting for it'
    flock 9
  fi
  [[ -r $kit/complete && $(<"$kit/complete") == "$cache" ]] && exit 0

  say "no suitable Bazel on PATH, or the public registry is not reachable: providing one in $cache (once)"
  rm -rf --one-file-system "$cache/tmp"
  work=$cache/tmp
  mkdir -p "$work"
  trap 'rm -rf --one-file-system "$work"' EXIT
  command -v bwrap >/dev/null || install_tools
  check_namespaces "$EUID"

  root=$cache/root/$(hash_of "$locks/packages.lock" "$locks/runtime.lock")
  command -v go >/dev/null || root+=-go
  if [[ ! -d $root ]]; then
    make_root "$work/root"
    mkdir -p "$cache/root"
    mv "$work/root" "$root"
  fi
  modules=$cache/sdk/$(hash_of "$locks/modules.lock" "$tools/modules.sh")
  if [[ ! -d $modules ]]; then
    make_modules "$work/sdk" "$root"
    mkdir -p "$cache/sdk"
    mv "$work/sdk" "$modules"
  fi
  mkdir -p "$work/kit/empty" "$cache/kit"
  : >"$work/kit/empty/BUILD.bazel"
  : >"$work/kit/empty/WORKSPACE"
  make_registry "$work/kit/registry"
  make_bazelrc "$work/kit/bazelrc" "$modules"
  printf 'common --override_module=rules_go=\n' >"$work/kit/without-rules_go.bazelrc"
  # Replaces the package's settings, which also keep sandboxes and have options that Bazel warns about.
  printf 'startup --install_base=/usr/share/bazel --trust_install_base\n' >"$work/kit/system.bazelrc"
  printf '%s' "$root" >"$work/kit/root"
  printf '%s' "$cache" >"$work/kit/complete"
  rm -rf "$kit"
  mv "$work/kit" "$kit"
  say "Bazel is ready after $(elapsed)"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
