# SPDX-License-Identifier: Apache-2.0

"""The programs of a packaged clang, the file groups of its actions, and its toolchain."""

load("@rules_cc//cc/toolchains:cc_toolchain.bzl", "cc_toolchain")
load(":cc_toolchain_config.bzl", "packaged_toolchain_config")
load(":host_paths.bzl", "LOADERS")
load(":packaged_tool.bzl", "packaged_tool")

_TOOLS = ["llvm-ar", "llvm-objcopy", "llvm-strip"]

# clang looks for its linker by this name, next to itself.
_LINKER = "ld.lld"

def clang_toolchains(repository, version, resources, options, merged_usr = True):
    """Declares the programs of a packaged clang, and the cc_toolchain `bare` for aarch64 without an operating system.

    Args:
        repository: the label of the packages' repository, up to the name of a target: `@NAME//:`. toolchain/clang14_arm64/repository.BUILD is its BUILD
            file.
        version: clang's major version.
        resources: the name of its resource directory.
        options: the driver's first options that this version needs.
        merged_usr: whether the packages have the C library that the programs run with below usr/lib, not lib: Debian since 13.
    """
    libraries = [directory + "/x86_64-linux-gnu" for directory in (["usr/lib"] if merged_usr else ["lib", "usr/lib"])]
    loader = libraries[0] + "/" + LOADERS["x86_64"]
    llvm = "usr/lib/llvm-" + version
    resource_directory = "{}/lib/clang/{}".format(llvm, resources)
    compatible = ["@platforms//cpu:x86_64"]
    packaged_tool(
        name = "clang",
        args_before = [
            # As the default compiler's; kbuild says the same.
            "--target=aarch64-linux-gnu",
            # The host's /usr/include and /usr/lib are not searched, nor is a GCC. There is no such directory.
            "--sysroot=%ROOT%/sysroot",
            "-resource-dir=%ROOT%/" + resource_directory,
            # The root's name differs between hosts, between MODULE.bazel and WORKSPACE, and between modules.
            "-ffile-prefix-map=%ROOT%/{}/lib/clang/=clang/".format(llvm),
        ] + options,
        files = [repository + "compiler_files"],
        kind = "clang",
        libraries = libraries,
        loader = loader,
        program = "{}{}/bin/clang".format(repository, llvm),
        target_compatible_with = compatible,
    )
    for tool in _TOOLS + [_LINKER]:
        packaged_tool(
            name = tool,
            files = [repository + "libraries"],
            libraries = libraries,
            loader = loader,
            program = "{}{}/bin/{}".format(repository, llvm, tool),
            target_compatible_with = compatible,
        )
    for tool in _TOOLS + [_LINKER, "clang"]:
        native.filegroup(
            name = tool + "_start",
            srcs = [":" + tool],
            output_group = "start_files",
        )

    # What a program is from can be told from the actions alone.
    lock = repository + "packages.lock.json"
    for tool in _TOOLS:
        native.filegroup(
            name = tool + "_files",
            srcs = [
                ":%s_start" % tool,
                lock,
                repository + "libraries",
                "{}{}/bin/{}".format(repository, llvm, tool),
            ],
        )
    native.filegroup(
        name = "compiler_files",
        srcs = [":clang_start", lock, repository + "compiler_files"],
    )
    native.filegroup(
        name = "linker_files",
        srcs = [":clang_start", ":%s_start" % _LINKER, lock, repository + "linker_files"],
    )
    packaged_toolchain_config(
        name = "bare_config",
        ar = ":llvm-ar",
        bare = True,
        compiler = "clang",
        driver = ":clang",
        include_directories = [resource_directory + "/include"],
        objcopy = ":llvm-objcopy",
        root = "{}{}/bin/clang".format(repository, llvm),
        strip = ":llvm-strip",
    )
    cc_toolchain(
        name = "bare",
        # What the rules' compiles read: a rule in Starlark gets these only.
        all_files = ":compiler_files",
        ar_files = ":llvm-ar_files",
        as_files = ":compiler_files",
        compiler_files = ":compiler_files",
        dwp_files = ":linker_files",
        linker_files = ":linker_files",
        objcopy_files = ":llvm-objcopy_files",
        strip_files = ":llvm-strip_files",
        supports_header_parsing = False,
        supports_param_files = True,
        toolchain_config = ":bare_config",
    )
