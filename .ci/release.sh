# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A step of .ci/run, with its variables and functions.
# shellcheck disable=SC2154

# What a release publishes is a module that consumers resolve and build with its programs, without Go: through a registry, and as an archive in
# WORKSPACE mode. Their objects are those of the e2e tests, which built the programs from source.
release_consumers() {
  local release=$work/release registry=$work/registry mode consumer archive object
  in_clone ./bazelw --output_base="$work/output-main" run --noshow_progress //tools/release/publish -- \
    -url "file://$release" -registry "$registry" "$release" >"$work/use.txt" || return
  (cd "$release" && sha256sum --check --quiet SHA256SUMS) || return
  for mode in bzlmod workspace; do
    consumer=$work/consumer-$mode
    mkdir "$consumer" && git -C "$clone" archive "HEAD:e2e/$mode" | tar -x -C "$consumer" || return
    if [[ $mode == bzlmod ]]; then
      object=island
      sed -i '/^local_path_override(/,/^)/d' "$consumer/MODULE.bazel"
      sed -n '/^# Without Go/,$p' "$work/use.txt" >>"$consumer/MODULE.bazel"
      printf 'common --registry=file://%s\n' "$registry" >>"$consumer/.bazelrc"
    else
      object=monitor
      archive=$(cd "$release" && printf '%s' rules_hyp-*[0-9].tar.gz)
      sed -i -e '/^local_repository(/,/^)/d' -e '/^load("@rules_hyp.*rules:setup/,$d' "$consumer/WORKSPACE"
      {
        sed -n '/^workspace(/p' "$consumer/WORKSPACE"
        printf 'load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")\nhttp_archive(name = "rules_hyp", sha256 = "%s", strip_prefix = "%s", urls = ["file://%s"])\n' \
          "$(sha256sum <"$release/$archive" | cut -d ' ' -f 1)" "${archive%.tar.gz}" "$release/$archive"
        sed '/^workspace(/d' "$consumer/WORKSPACE"
        printf 'load("@rules_hyp//rules:repositories.bzl", "rules_hyp_prebuilt_tools")\nrules_hyp_prebuilt_tools({\n'
        sed -nE 's/^ +platform = (.*),$/\1: {/p; s/^ +sha256 = (.*)$/"sha256": \1/p; s/^ +urls = (.*)\],$/"urls": \1]},/p' \
          < <(sed -n '/^# Without Go/,$p' "$work/use.txt")
        printf '})\nload("@rules_hyp//rules:setup.bzl", "rules_hyp_setup")\nrules_hyp_setup()\n'
      } >"$consumer/WORKSPACE.new" && mv "$consumer/WORKSPACE.new" "$consumer/WORKSPACE"
    fi
    (cd "$consumer" && "$clone/bazelw" --output_base="$work/output-consumer-$mode" build --noshow_progress --color=no "//:${object}_o") || return
    # A build of this target alone, since bazel-bin is where the last build put its targets.
    (cd "$clone/e2e/$mode" && "$clone/bazelw" --output_base="$work/output-e2e-$mode" build --noshow_progress --color=no "//:${object}_o") || return
    cmp "$consumer/bazel-bin/${object}_o/hyp.o" "$clone/e2e/$mode/bazel-bin/${object}_o/hyp.o" || return
    if compgen -G "$work/output-consumer-$mode/external/*go_sdk*/bin/go"; then
      printf '%s: Go was fetched\n' "$consumer"
      return 1
    fi
  done
}
