"""The module extension of rules_hyp: the repositories that a MODULE.bazel asks for."""

load("//rules/private:linux_repository.bzl", "linux_repository")
load("//toolchain:repositories.bzl", "gcc_arm64_repository", "peers_repositories")

def _hyp_impl(mctx):
    gcc_arm64_repository(name = "hyp_gcc_arm64")
    peers_repositories(
        llvm = "hyp_peers_llvm",
        qemu = "hyp_peers_qemu",
    )

    # The root module's word counts: two kernels of one name cannot be.
    declared = {}
    for module in sorted(mctx.modules, key = lambda module: not module.is_root):
        for tag in module.tags.linux:
            if tag.name in declared:
                if module.is_root and declared[tag.name] == "root":
                    fail("hyp.linux: two kernels named {}; give one of them another name".format(tag.name))
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
    return mctx.extension_metadata(reproducible = True)

_linux = tag_class(
    doc = "A kernel tree. The root module's tags take the place of others of the same name, so `hyp.linux(path = …)` replaces the " +
          "default kernel.",
    attrs = {
        "headers": attr.label(doc = "The manifest that hypgen writes: what `:headers` of the repository holds. Without it, every header."),
        "lock": attr.label(doc = "The lock of the kernel's Debian packages. The default kernel's is the default."),
        "name": attr.string(
            doc = "The repository's name.",
            default = "linux",
        ),
        "patches": attr.label_list(doc = "Patches to the downloaded kernel."),
        "path": attr.string(doc = "A prepared tree of your own, absolute or relative to the workspace's root, instead of a download."),
        "source_path": attr.string(doc = "The source tree of `path`, where that was made with `O=`."),
    },
)

hyp = module_extension(
    doc = "Declares the default cross compiler (`hyp_gcc_arm64`), the tests' peers, and kernels.",
    implementation = _hyp_impl,
    tag_classes = {"linux": _linux},
)
