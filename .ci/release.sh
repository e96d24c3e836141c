# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Steps of .ci/run, with its variables and functions.
# shellcheck disable=SC2154

# What a release publishes is a module that consumers resolve and build, with its programs, without Go and rules_go, and from its sources: through a registry,
# and as an archive in WORKSPACE mode. Their objects are those of the e2e tests, which have the sources of the clone.
release_consumers() {
  local release=$work/release registry=$work/registry consumer
  in_clone ./bazelw --output_base="$work/output-main" run --noshow_progress //tools/release/publish -- \
    -url "file://$release" -registry "$registry" "$release" >"$work/use.txt" || return
  (cd "$release" && sha256sum --check --quiet SHA256SUMS) || return
  for consumer in 'bzlmod prebuilt' 'bzlmod archive' 'bzlmod source' 'workspace prebuilt' 'workspace source'; do
    release_consumer "${consumer% *}" "${consumer#* }" || return
  done
}

# release_consumer MODE PROGRAMS: builds an object, and its statement, in a copy of e2e/MODE that has rules_hyp from the release, with prebuilt programs or from
# source; or, for archive, with archives of both as publish printed it.
release_consumer() {
  local mode=$1 programs=$2 consumer=$work/consumer-$1-$2 object
  local bazel=("$clone/bazelw" --output_base="$work/output-consumer-$mode-$programs")
  mkdir "$consumer" && git -C "$clone" archive "HEAD:e2e/$mode" | tar -x -C "$consumer" || return
  [[ $programs != prebuilt ]] || without_go "$consumer" || return
  if [[ $mode == bzlmod ]]; then
    object=island
    sed -i '/^local_path_override(/,/^)/d' "$consumer/MODULE.bazel"
    case $programs in
      prebuilt) sed -i '/^bazel_dep(name = "rules_hyp"/ s/")$/.prebuilt")/' "$consumer/MODULE.bazel" ;;
      archive) sed -n '/^# Without a registry/,$p' "$work/use.txt" >>"$consumer/MODULE.bazel" ;;
    esac
    printf 'common --registry=file://%s\n' "$registry" >>"$consumer/.bazelrc"
  else
    object=monitor
    release_workspace "$consumer" "$programs" || return
  fi
  (cd "$consumer" && "${bazel[@]}" build --noshow_progress --color=no "//:${object}_provenance") || return
  # Builds of this target alone, since bazel-bin is where the last build put its targets.
  (cd "$consumer" && "${bazel[@]}" build --noshow_progress --color=no "//:${object}_o") || return
  (cd "$clone/e2e/$mode" && "$clone/bazelw" --output_base="$work/output-e2e-$mode" build --noshow_progress --color=no "//:${object}_o") || return
  cmp "$consumer/bazel-bin/${object}_o/hyp.o" "$clone/e2e/$mode/bazel-bin/${object}_o/hyp.o" || return
  if [[ $programs == prebuilt ]]; then
    if compgen -G "$work/output-consumer-$mode-$programs/external/*rules_go*" || compgen -G "$work/output-consumer-$mode-$programs/external/*go_sdk*"; then
      printf '%s: Go or rules_go was fetched\n' "$consumer"
      return 1
    fi
    [[ $mode == workspace ]] || prebuilt_programs "${bazel[@]}" || return
  elif [[ $programs == archive ]] && compgen -G "$work/output-consumer-$mode-$programs/external/*go_sdk*/bin/go"; then
    printf '%s: Go was fetched\n' "$consumer"
    return 1
  fi
  discard "consumer-$mode-$programs"
}

# prebuilt_programs BAZEL…: people run the programs of the release as those from source; one that it does not have is an error that names the version with sources.
prebuilt_programs() {
  local output
  (cd "$consumer" && "$@" run --noshow_progress @rules_hyp//tools/hypgen -- --version) || return
  if output=$(cd "$consumer" && "$@" build --noshow_progress --color=no @rules_hyp//tools/hypboot 2>&1); then
    printf '%s: hypboot was built\n' "$consumer"
    return 1
  fi
  grep -F 'depend on version' <<<"$output" || { printf '%s\n' "$output"; return 1; }
}

# without_go CONSUMER: removes what a copy of an e2e workspace has of Go, for its tests.
without_go() {
  sed -i -e '/^load("@io_bazel_rules_go/d' -e '/^go_test(/,/^)/d' "$1/BUILD.bazel" && sed -i '/io_bazel_rules_go/d' "$1/.bazelrc" || return
  [[ ! -e $1/MODULE.bazel ]] || sed -i '/"rules_go"/d' "$1/MODULE.bazel"
}

# release_workspace CONSUMER PROGRAMS: replaces rules_hyp in the WORKSPACE of a copy of e2e/workspace.
release_workspace() {
  local consumer=$1 programs=$2 archive
  archive=$(cd "$release" && printf '%s' rules_hyp-*[0-9].tar.gz)
  sed -i '/^local_repository(/,/^)/d' "$consumer/WORKSPACE"
  {
    sed -n '/^workspace(/p' "$consumer/WORKSPACE"
    printf 'load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")\nhttp_archive(name = "rules_hyp", sha256 = "%s", strip_prefix = "%s", urls = ["file://%s"])\n' \
      "$(sha256sum <"$release/$archive" | cut -d ' ' -f 1)" "${archive%.tar.gz}" "$release/$archive"
    if [[ $programs == source ]]; then
      sed '/^workspace(/d' "$consumer/WORKSPACE"
    else
      sed -e '/^workspace(/d' -e '/^load("@rules_hyp.*rules:setup/,$d' "$consumer/WORKSPACE"
      printf 'load("@rules_hyp//rules:repositories.bzl", "rules_hyp_prebuilt_tools", "rules_hyp_register_toolchains")\nrules_hyp_prebuilt_tools({\n'
      sed -nE 's/^ +platform = (.*),$/\1: {/p; s/^ +sha256 = (.*)$/"sha256": \1/p; s/^ +urls = (.*)\],$/"urls": \1]},/p' \
        < <(sed -n '/^# And with the programs/,$p' "$work/use.txt")
      printf '})\nrules_hyp_register_toolchains()\n'
    fi
  } >"$consumer/WORKSPACE.new" && mv "$consumer/WORKSPACE.new" "$consumer/WORKSPACE"
}

# A build with an empty cache, in another directory, gives the same bytes: of the kernel's object, and of a release's sources and programs.
same_bytes() {
  git clone --quiet --no-hardlinks "$clone" "$work/elsewhere" && mkdir "$work/here" "$work/there" &&
    built_files "$clone" "$work/here" main &&
    LC_ALL=C TZ=Asia/Tokyo built_files "$work/elsewhere" "$work/there" again --disk_cache="$work/disk-cache" &&
    cp "$work/here/hyp.o" "$work/hyp.o" && diff -r "$work/here" "$work/there"
}

# built_files CLONE DIRECTORY OUTPUT [FLAG…]: builds what same_bytes compares in a clone, and copies it to a directory. The object is built alone, since bazel-bin is
# where the last build put its targets.
built_files() {
  local from=$1 to=$2 version bazel=(./bazelw --output_base="$work/output-$3" build --noshow_progress "${@:4}")
  version=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' "$from/tools/release/dist/BUILD.bazel")
  (cd "$from" && "${bazel[@]}" //arch/arm64/kvm/hyp:hyp_o && cp -L bazel-bin/arch/arm64/kvm/hyp/hyp_o/hyp.o "$to/") &&
    (cd "$from" && "${bazel[@]}" //tools/release:rules_hyp_tools_linux_amd64 "//tools/release/dist:rules_hyp-$version" &&
      cp -L bazel-bin/tools/release/rules_hyp_tools_linux_amd64.tar.gz "bazel-bin/tools/release/dist/rules_hyp-$version.tar.gz" "$to/")
}
