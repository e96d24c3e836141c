# SPDX-License-Identifier: Apache-2.0

"""WORKSPACE macros: the repositories of rules_hyp and its toolchains."""

load("//rules/private:dependencies.bzl", _rules_hyp_dependencies = "rules_hyp_dependencies")
load("//rules/private:linux_repository.bzl", "linux_repository")
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

# The headers that the default kernel's nVHE code reads.
_DEFAULT_LINUX = {"headers": Label("//kernels/6.1:headers.txt")}

rules_hyp_dependencies = _rules_hyp_dependencies

def rules_hyp_repositories(linux = _DEFAULT_LINUX):
    """Declares what rules_hyp fetches: the cross compilers, the tools that tests compare with, the default kernel, and the others of //kernels.

    Repositories that the WORKSPACE file already declares are left alone. Nothing is fetched until a build needs it.

    Args:
        linux: attributes of `linux_repository` for `@linux`, for example `{"path": "../linux"}` for a prepared local tree.
            Default: the default kernel.
    """
    existing = native.existing_rules()
    if "hyp_gcc_arm64" not in existing:
        gcc_arm64_repository(name = "hyp_gcc_arm64")
    if "hyp_gcc_arm64_on_arm64" not in existing:
        gcc_arm64_on_arm64_repository(name = "hyp_gcc_arm64_on_arm64")
    if "hyp_gcc14_arm64" not in existing:
        gcc14_arm64_repository(name = "hyp_gcc14_arm64")
    if "hyp_gcc16_arm64" not in existing:
        gcc16_arm64_repository(name = "hyp_gcc16_arm64")
    if "hyp_clang14_arm64" not in existing:
        clang14_arm64_repository(name = "hyp_clang14_arm64")
    if "hyp_clang19_arm64" not in existing:
        clang19_arm64_repository(name = "hyp_clang19_arm64")
    if "hyp_peers_qemu" not in existing:
        peers_repositories(
            llvm = "hyp_peers_llvm",
            qemu = "hyp_peers_qemu",
        )
    if "hyp_kbuild" not in existing:
        boot_repositories(
            qemu = "hyp_peers_qemu_system",
        )
    if "linux" not in existing:
        linux_repository(name = "linux", **linux)
    if "linux_6.12" not in existing:
        linux_repository(
            name = "linux_6.12",
            headers = Label("//kernels/6.12:headers.txt"),
            lock = Label("//kernels/6.12:packages.lock.json"),
        )
    if "linux_7.2" not in existing:
        linux_repository(
            name = "linux_7.2",
            headers = Label("//kernels/7.2:headers.txt"),
            lock = Label("//kernels/7.2:packages.lock.json"),
        )

def rules_hyp_register_toolchains():
    """Registers hyplink and the cross compilers. Toolchains that the WORKSPACE file registers earlier take precedence."""
    native.register_toolchains(
        "@rules_hyp//toolchain:all",
        "@rules_hyp//toolchain/hyplink:all",
    )

def rules_hyp_prebuilt_tools(archives):
    """Registers prebuilt hyplink, hypcc, launch and hypaudit, so that no action of Go is left.

    Call it above `rules_hyp_register_toolchains`, in a workspace without Go, or above `rules_hyp_setup`, whose file loads from rules_go. `bazel run @hyp_prebuilt_tools//:hypgen`, and
    so with `hyplink` and `hypaudit`, runs the other programs.

    Args:
        archives: dict from platform, `linux_amd64` or `linux_arm64`, to `{"urls": [...], "sha256": "..."}` of the archive that
            `@rules_hyp//tools/release` builds.
    """
    prebuilt_tools("hyp_prebuilt_tools", {
        platform: struct(urls = archive["urls"], sha256 = archive["sha256"])
        for platform, archive in archives.items()
    })
    native.register_toolchains("@hyp_prebuilt_tools//:all")
