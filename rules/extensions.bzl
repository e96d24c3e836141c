# SPDX-License-Identifier: Apache-2.0

"""The module extension of rules_hyp: the repositories that a MODULE.bazel asks for."""

load("//rules/private:linux_repository.bzl", "linux_repository")
load("//rules/private:no_go.bzl", "no_go_repository")
load("//rules/private:prebuilt.bzl", "prebuilt_tools")
load(
    "//toolchain:repositories.bzl",
    "boot_repositories",
    "clang14_arm64_repository",
    "clang19_arm64_repository",
    "gcc14_arm64_repository",
    "gcc16_arm64_repository",
    "gcc_arm64_on_arm64_repository",
    "gcc_arm64_repository",
    "peers_repositories",
)

def _hyp_impl(mctx):
    gcc_arm64_repository(name = "hyp_gcc_arm64")
    gcc_arm64_on_arm64_repository(name = "hyp_gcc_arm64_on_arm64")
    gcc14_arm64_repository(name = "hyp_gcc14_arm64")
    gcc16_arm64_repository(name = "hyp_gcc16_arm64")
    clang14_arm64_repository(name = "hyp_clang14_arm64")
    clang19_arm64_repository(name = "hyp_clang19_arm64")
    peers_repositories(
        llvm = "hyp_peers_llvm",
        qemu = "hyp_peers_qemu",
    )
    boot_repositories(
        qemu = "hyp_peers_qemu_system",
    )

    no_go_repository(
        name = "hyp_no_go",
        version = [module.version for module in mctx.modules if module.name == "rules_hyp"][0],
    )

    # The root module wins; kernel names must be unique.
    declared = {}
    for module in sorted(mctx.modules, key = lambda module: not module.is_root):
        for tag in module.tags.linux:
            if tag.name in declared:
                if module.is_root and declared[tag.name] == "root":
                    fail("hyp.linux: two kernels named {}; rename one [E9001]".format(tag.name))
                continue
            declared[tag.name] = "root" if module.is_root else module.name
            settings = {
                "headers": tag.headers,
                "path": tag.path,
                "patches": tag.patches,
                "source_path": tag.source_path,
            }
            if tag.lock:
                settings["lock"] = tag.lock
            linux_repository(name = tag.name, **settings)

    # The root module decides whose programs it runs; else rules_hyp does, whose MODULE.bazel names those of a release (docs/release.md).
    archives = {}
    for module in sorted(mctx.modules, key = lambda module: not module.is_root):
        tags = module.tags.prebuilt_tools
        if tags and not module.is_root and module.name != "rules_hyp":
            fail("hyp.prebuilt_tools: in module {}; only the root module may have it, write dev_dependency = True [E9002]".format(module.name))
        if archives and not module.is_root:
            continue
        for tag in tags:
            if tag.platform in archives:
                fail("hyp.prebuilt_tools: platform {} twice; remove one [E9003]".format(tag.platform))
            archives[tag.platform] = tag
    if archives:
        prebuilt_tools(name = "hyp_prebuilt_tools", archives = archives)
    return mctx.extension_metadata(reproducible = True)

_linux = tag_class(
    doc = "A kernel tree. A tag of the root module overrides tags of the same name in other modules: `hyp.linux(path = ...)` replaces " +
          "the default kernel.",
    attrs = {
        "headers": attr.label(doc = "The header manifest, written by hypgen: the files of the repository's `:headers`. Default: every header."),
        "lock": attr.label(doc = "The lock of the kernel's Debian packages. Default: that of the default kernel."),
        "name": attr.string(
            doc = "The repository's name.",
            default = "linux",
        ),
        "patches": attr.label_list(doc = "Patches for the downloaded kernel."),
        "path": attr.string(doc = "A prepared local tree to use instead of a download, absolute or relative to the workspace root."),
        "source_path": attr.string(doc = "The source tree, if `path` was built with `O=`."),
    },
)

_prebuilt_tools = tag_class(
    doc = "Prebuilt hyplink, hypcc, launch and hypaudit for one platform; one tag for each platform that actions run on. Only in the root module. Then " +
          "`use_repo(hyp, \"hyp_prebuilt_tools\")` and `register_toolchains(\"@hyp_prebuilt_tools//:all\")`: no action of Go is left. " +
          "`bazel run @hyp_prebuilt_tools//:hypgen`, and so with `hyplink` and `hypaudit`, runs the others.",
    attrs = {
        "platform": attr.string(
            doc = "`linux_amd64` or `linux_arm64`.",
            mandatory = True,
        ),
        "sha256": attr.string(
            doc = "The SHA-256 of the archive, in hexadecimal digits.",
            mandatory = True,
        ),
        "urls": attr.string_list(
            doc = "URLs of the archive, which `@rules_hyp//tools/release` builds; any that works is used.",
            mandatory = True,
        ),
    },
)

hyp = module_extension(
    doc = "Declares the cross compilers (`hyp_gcc_arm64`, the default, `hyp_gcc_arm64_on_arm64`, the same for hosts of 64-bit Arm, " +
          "`hyp_gcc14_arm64`, `hyp_gcc16_arm64`, `hyp_clang14_arm64` and `hyp_clang19_arm64`), the tools that tests compare with, and kernels.",
    implementation = _hyp_impl,
    tag_classes = {
        "linux": _linux,
        "prebuilt_tools": _prebuilt_tools,
    },
)
