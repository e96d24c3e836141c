# SPDX-License-Identifier: Apache-2.0

"""The programs of a packaged GCC, the file groups of its actions, and its toolchains."""

load("@rules_cc//cc/toolchains:cc_toolchain.bzl", "cc_toolchain")
load(":cc_toolchain_config.bzl", "packaged_toolchain_config")
load(":host_paths.bzl", "LOADERS")
load(":packaged_tool.bzl", "packaged_tool")

_BINUTILS = {
    "ar": "ar",
    "as": "as",
    "ld": "ld.bfd",
    "nm": "nm",
    "objcopy": "objcopy",
    "objdump": "objdump",
    "readelf": "readelf",
    "strip": "strip",
}

# The binary tools that actions of a toolchain run.
_ACTION_TOOLS = ["ar", "objcopy", "strip"]

_GCC_INCLUDE = "usr/lib/gcc-cross/aarch64-linux-gnu/%s/include"
_LIBC_INCLUDE = "usr/aarch64-linux-gnu/include"

def _file_groups(repository, systems, tags):
    """The launcher of a tool and its settings alone, and groups that add the files that each kind of action reads.

    Each has the lock of the packages: what a program is from can be told from the actions alone.
    """
    for tool in _ACTION_TOOLS + ["gcc"]:
        native.filegroup(
            name = tool + "_start",
            srcs = [":" + tool],
            output_group = "start_files",
            tags = tags,
        )
    for tool in _ACTION_TOOLS:
        native.filegroup(
            name = tool + "_files",
            srcs = [
                ":%s_start" % tool,
                repository + "binutils_libraries",
                repository + "packages.lock.json",
                repository + "usr/bin/aarch64-linux-gnu-" + tool,
            ],
            tags = tags,
        )
    native.filegroup(
        name = "bare_compiler_files",
        srcs = [":gcc_start", repository + "compiler_files", repository + "packages.lock.json"],
        tags = tags,
    )
    native.filegroup(
        name = "bare_linker_files",
        srcs = [":gcc_start", repository + "linker_files", repository + "packages.lock.json"],
        tags = tags,
    )

    # What the rules' compiles read. Bazel's own actions have a group each, but a rule in Starlark gets `all_files` only, and a remote worker
    # downloads whatever is in it.
    native.filegroup(
        name = "bare_all_files",
        srcs = [":gcc_start", repository + "c_compiler_files", repository + "packages.lock.json"],
        tags = tags,
    )
    if "linux" in systems:
        native.filegroup(
            name = "linux_compiler_files",
            srcs = [":bare_compiler_files", repository + "libc_headers"],
            tags = tags,
        )
        native.filegroup(
            name = "linux_linker_files",
            srcs = [":bare_linker_files", repository + "libc_linker_files"],
            tags = tags,
        )
        native.filegroup(
            name = "linux_all_files",
            srcs = [":%s_files" % tool for tool in _ACTION_TOOLS] + [
                ":linux_compiler_files",
                ":linux_linker_files",
            ],
            tags = tags,
        )

def gcc_toolchains(repository, version, systems, merged_usr = True, host = "x86_64", tags = []):
    """Declares the programs of a packaged GCC for aarch64, and the cc_toolchains `bare` and `linux`.

    Args:
        repository: the label of the packages' repository, up to the name of a target: `@NAME//:`. toolchain/gcc_arm64/repository.BUILD is its BUILD
            file.
        version: GCC's major version, as in the names of its files.
        systems: `bare` for a toolchain without an operating system, `linux` for static programs for Linux, which needs the packages of the C library.
        merged_usr: whether the packages have the C library that the programs run with below usr/lib, not lib: Debian since 13.
        host: the CPU of the machines that the programs run on, `aarch64` or `x86_64`.
        tags: tags of all targets.
    """
    libraries = ["%s/%s-linux-gnu" % (directory, host) for directory in (["usr/lib"] if merged_usr else ["lib", "usr/lib"])]
    loader = libraries[0] + "/" + LOADERS[host]
    compatible = ["@platforms//cpu:" + host]
    driver = repository + "usr/bin/aarch64-linux-gnu-gcc-" + version
    packaged_tool(
        name = "gcc",
        files = [repository + "compiler_files", repository + "linker_files"],
        headers = "aarch64-linux-gnu/%s/include" % version if host == "aarch64" else "",
        kind = "gcc",
        libraries = libraries,
        loader = loader,
        program = driver,
        tags = tags,
        target_compatible_with = compatible,
    )
    for tool, program in _BINUTILS.items():
        packaged_tool(
            name = tool,
            files = [repository + "binutils_libraries"],
            libraries = libraries,
            loader = loader,
            program = repository + "usr/bin/aarch64-linux-gnu-" + program,
            tags = tags,
            target_compatible_with = compatible,
        )
    _file_groups(repository, systems, tags)
    for system in systems:
        packaged_toolchain_config(
            name = system + "_config",
            ar = ":ar",
            bare = system == "bare",
            compiler = "gcc",
            driver = ":gcc",
            include_directories = [_GCC_INCLUDE % version] + ([] if system == "bare" else [_LIBC_INCLUDE]),
            objcopy = ":objcopy",
            root = driver,
            strip = ":strip",
            tags = tags,
        )
        cc_toolchain(
            name = system,
            all_files = ":%s_all_files" % system,
            ar_files = ":ar_files",
            as_files = ":%s_compiler_files" % system,
            compiler_files = ":%s_compiler_files" % system,
            dwp_files = ":bare_linker_files",
            linker_files = ":%s_linker_files" % system,
            objcopy_files = ":objcopy_files",
            strip_files = ":strip_files",
            supports_header_parsing = False,
            supports_param_files = True,
            tags = tags,
            toolchain_config = ":%s_config" % system,
        )
