# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # cache, work, locks and architecture are those of provide.sh
# The Go modules of the kit: rules_go and the Go SDK. Sourced by provide.sh, whose functions and variables it uses.

# Runs the Go command: the machine's, or that of the root directory $1.
go_command() {
  local root=$1
  shift
  if command -v go >/dev/null; then
    go "$@"
    return
  fi
  bwrap --ro-bind "$root/usr" /usr --ro-bind "$root/etc" /etc --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 \
    --dev-bind /dev /dev --bind /proc /proc --bind /tmp /tmp --bind-try "$HOME" "$HOME" --bind "$cache" "$cache" \
    --ro-bind /etc/resolv.conf /etc/resolv.conf --ro-bind /etc/ssl /etc/ssl --chdir "$work/go" \
    /usr/lib/go-1.26/bin/go "$@"
}

# Downloads the Go modules of modules.lock to the directory $1, each named by the last part of its path. $2 is the root directory.
make_modules() {
  local target=$1 root=$2 path version sum answer
  mkdir -p "$target" "$work/go"
  # Checked against the lock, not against the public checksum database, which a closed network may not reach.
  while read -r path version sum; do
    say "fetching $path $version with go mod download"
    answer=$(cd "$work/go" && GO111MODULE=on GOFLAGS='-mod=mod -modcacherw' GOMODCACHE="$work/go/mod" GONOSUMDB='*' GOTOOLCHAIN=local GOWORK=off \
      go_command "$root" mod download -json "$path@$version") ||
      fail "$path $version: go mod download failed; check GOPROXY and the network: $(redact <<<"$answer")"
    [[ $answer == *"\"Sum\": \"$sum\""* ]] ||
      fail "$path $version: the hash differs from that in tools/bazelw/$architecture/modules.lock ($sum): $answer"
    mv "$work/go/mod/$path@$version" "$target/${path##*/}"
  done < <(lock_lines "$locks/modules.lock")
  # Module archives have no executable bits.
  find "$target/rules_go" -name '*.sh' -exec chmod +x {} +
  # rules_go asks go.dev for the hashes of its default SDK, which is not used here, unless MODULE.bazel has them.
  sed -i '/^go_sdk.from_file(/,/^)/ s|^)|    sdks = {"linux_'"$architecture"'": ["unused", ""]},\n)|' "$target/rules_go/MODULE.bazel"
  chmod +x "$target"/toolchain/bin/* "$target"/toolchain/pkg/tool/*/*
  prune_sdk "$target/toolchain"
  go_sdk_repository "$target/toolchain" "$target/rules_go/go/private/BUILD.sdk.bazel"
  say "Go modules ready: $(du -sh "$target" | cut -f1), $(elapsed)"
}

# Removes from an unpacked Go SDK the sources of the go command and its tools, which are there as programs, and all tests. Before each build Bazel
# looks for changes of each file: it takes the SDK, which is not in its own directory, for somebody's to edit. rules_go builds one of the tools, pack.
prune_sdk() {
  local src=$1/src
  find "$src/cmd" -mindepth 1 -maxdepth 1 ! -name pack ! -name internal ! -name vendor -exec rm -rf {} +
  find "$src/cmd/vendor" -mindepth 3 -maxdepth 3 ! -path '*/golang.org/x/telemetry' -exec rm -rf {} +
  find "$src" -depth -type d -name testdata -exec rm -rf {} +
  find "$src" -name '*_test.go' -delete
}

# Makes a repository of an unpacked Go SDK, as rules_go does after a download.
go_sdk_repository() {
  local sdk=$1 template=$2 version cpu=x86_64
  [[ $architecture != arm64 ]] || cpu=aarch64
  version=$(sed -n 's/^go//p;q' "$sdk/VERSION")
  : >"$sdk/ROOT"
  : >"$sdk/WORKSPACE"
  sed -e 's/{goos}/linux/g' -e "s/{goarch}/$architecture/g" -e 's/{exe}//g' -e "s/{version}/$version/g" -e 's/{experiments}/[]/g' \
    -e 's|{exec_compatible_with}|["@platforms//cpu:'"$cpu"'", "@platforms//os:linux"]|g' "$template" >"$sdk/BUILD.bazel"
  local major minor patch
  IFS=. read -r major minor patch <<<"$version"
  printf 'MAJOR_VERSION = "%s"\nMINOR_VERSION = "%s"\nPATCH_VERSION = "%s"\nPRERELEASE_SUFFIX = ""\n' \
    "$major" "$minor" "$patch" >"$sdk/version.bzl"
}
