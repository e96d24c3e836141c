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
  chmod +x "$target"/toolchain/bin/* "$target"/toolchain/pkg/tool/*/*
  prune_sdk "$target/toolchain"
  provide_sdk "$target"
  say "Go modules ready: $(du -sh "$target" | cut -f1), $(elapsed)"
}

# Removes from an unpacked Go SDK the sources of the go command and its tools, which are there as programs, and all tests: nothing builds them.
# rules_go builds one of the tools, pack.
prune_sdk() {
  local src=$1/src
  find "$src/cmd" -mindepth 1 -maxdepth 1 ! -name pack ! -name internal ! -name vendor -exec rm -rf {} +
  find "$src/cmd/vendor" -mindepth 3 -maxdepth 3 ! -path '*/golang.org/x/telemetry' -exec rm -rf {} +
  find "$src" -depth -type d -name testdata -exec rm -rf {} +
  find "$src" -name '*_test.go' -delete
}

# provide_sdk DIRECTORY: has the rules_go in the directory take the Go SDK beside it, in the place of a download of the same version. The files are
# linked into the repository: those of an override would not be in Bazel's own directory, and Bazel would look for changes of each before each build.
provide_sdk() {
  local target=$1 version archive definition='def _remote_sdk(ctx, urls, strip_prefix, sha256):'
  version=$(sed -n 's/^go//p;q' "$target/toolchain/VERSION")
  archive=go$version.linux-$architecture.tar.gz
  [[ $(grep -cFx "$definition" "$target/rules_go/go/private/sdk.bzl") == 1 ]] ||
    fail "rules_go: go/private/sdk.bzl has no line '$definition'; this bazelw is for another version"
  sed -i "/^def _remote_sdk(/ r /dev/stdin" "$target/rules_go/go/private/sdk.bzl" <<EOF
    if urls and urls[0].endswith("/$archive"):
        sdk = ctx.path(Label("//:BUILD.bazel")).realpath.dirname.dirname.get_child("toolchain")
        result = ctx.execute(["sh", "-c", "cp -al \"\$1/.\" . 2>/dev/null || cp -a \"\$1/.\" .", "sh", sdk])
        if result.return_code != 0:
            fail("{}: cannot be copied: {}".format(sdk, result.stderr))
        return
EOF
  # For its default SDK it would ask go.dev for the hashes, unless MODULE.bazel has them.
  sed -i '/^go_sdk.from_file(/,/^)/ s|^)|    sdks = {"linux_'"$architecture"'": ["'"$archive"'", ""]},\n)|' "$target/rules_go/MODULE.bazel"
}
