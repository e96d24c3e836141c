# SPDX-License-Identifier: Apache-2.0

"""The repositories of the toolchains and of the tests' peers. Each is fetched when a build first needs it."""

load("//kernels:versions.bzl", "KERNELS")
load("//toolchain/gcc_arm64:packages.bzl", GCC_ARM64_KEEP = "KEEP", GCC_ARM64_REPLACE = "REPLACE", GCC_ARM64_TREES = "TREES")
load(
    "//toolchain/gcc_arm64_on_arm64:packages.bzl",
    GCC_ARM64_ON_ARM64_COPY = "COPY",
    GCC_ARM64_ON_ARM64_KEEP = "KEEP",
    GCC_ARM64_ON_ARM64_REPLACE = "REPLACE",
    GCC_ARM64_ON_ARM64_TREES = "TREES",
)
load("//toolchain/kbuild:packages.bzl", "KBUILD_COPY", "KBUILD_ROOTS")
load("//toolchain/peers:packages.bzl", "LLVM_KEEP", "LLVM_TREES", "QEMU_KEEP", "QEMU_SYSTEM_KEEP", "QEMU_SYSTEM_TREES", "QEMU_TREES")
load("//toolchain/private:clang_packages.bzl", "clang_packages")
load("//toolchain/private:gcc_packages.bzl", "bare_gcc_packages", "gcc_substitutions")
load("//toolchain/private:host_paths.bzl", "LOADER_REPLACE")
load("//toolchain/private:package_root.bzl", "package_root")

def gcc_arm64_repository(name):
    """Declares the default cross compiler for aarch64.

    Args:
        name: the repository's name. The toolchains of this package use `hyp_gcc_arm64`.
    """
    package_root(
        name = name,
        build_file = Label("//toolchain/gcc_arm64:repository.BUILD"),
        keep = GCC_ARM64_KEEP,
        lock = Label("//toolchain/gcc_arm64:packages.lock.json"),
        replace = GCC_ARM64_REPLACE,
        substitutions = gcc_substitutions("12", libexec = "lib/gcc-cross", libc = "lib/x86_64-linux-gnu", libraries = True, sframe = "0"),
        trees = GCC_ARM64_TREES,
    )

def gcc_arm64_on_arm64_repository(name):
    """Declares the default compiler for hosts of 64-bit Arm.

    Args:
        name: the repository's name. The toolchains of this package use `hyp_gcc_arm64_on_arm64`.
    """
    package_root(
        name = name,
        build_file = Label("//toolchain/gcc_arm64:repository.BUILD"),
        copy = GCC_ARM64_ON_ARM64_COPY,
        keep = GCC_ARM64_ON_ARM64_KEEP,
        lock = Label("//toolchain/gcc_arm64_on_arm64:packages.lock.json"),
        replace = GCC_ARM64_ON_ARM64_REPLACE,
        substitutions = gcc_substitutions(
            "12",
            host = "aarch64",
            libc = "lib/aarch64-linux-gnu",
            libexec = "null/gc",
            libraries = False,
            sframe = "0",
        ),
        trees = GCC_ARM64_ON_ARM64_TREES,
    )

def gcc14_arm64_repository(name):
    """Declares GCC 14 for aarch64 without an operating system.

    Args:
        name: the repository's name. The toolchains of this package use `hyp_gcc14_arm64`.
    """
    _bare_gcc(name, "14", sframe = "1")

def gcc16_arm64_repository(name):
    """Declares GCC 16 for aarch64 without an operating system.

    Args:
        name: the repository's name. The toolchains of this package use `hyp_gcc16_arm64`.
    """
    _bare_gcc(name, "16", sframe = "3")

def _bare_gcc(name, version, sframe):
    packages = bare_gcc_packages(version, sframe)
    package_root(
        name = name,
        build_file = Label("//toolchain/gcc_arm64:repository.BUILD"),
        keep = packages.keep,
        lock = Label("//toolchain/gcc{}_arm64:packages.lock.json".format(version)),
        replace = packages.replace,
        substitutions = packages.substitutions,
        trees = packages.trees,
    )

def clang14_arm64_repository(name):
    """Declares clang 14 for aarch64 without an operating system.

    Args:
        name: the repository's name. The toolchains of this package use `hyp_clang14_arm64`.
    """
    _clang(name, "14", clang_packages("14", "14.0.6", icu = "72", merged_usr = False))

def clang19_arm64_repository(name):
    """Declares clang 19 for aarch64 without an operating system.

    Args:
        name: the repository's name. The toolchains of this package use `hyp_clang19_arm64`.
    """
    _clang(name, "19", clang_packages("19", "19", zstd = True))

def _clang(name, version, packages):
    package_root(
        name = name,
        build_file = Label("//toolchain/clang14_arm64:repository.BUILD"),
        keep = packages.keep,
        lock = Label("//toolchain/clang{}_arm64:packages.lock.json".format(version)),
        replace = packages.replace,
        substitutions = packages.substitutions,
        trees = packages.trees,
    )

def peers_repositories(qemu, llvm):
    """Declares the tests' peers: an emulator, and LLVM's compiler, linker and binary tools.

    Args:
        qemu: the name of the emulator's repository. `//toolchain/peers` uses `hyp_peers_qemu`.
        llvm: the name of LLVM's repository. `//toolchain/peers` uses `hyp_peers_llvm`.
    """
    package_root(
        name = qemu,
        build_file = Label("//toolchain/peers:qemu.BUILD"),
        keep = QEMU_KEEP,
        lock = Label("//toolchain/peers:qemu.lock.json"),
        replace = LOADER_REPLACE,
        trees = QEMU_TREES,
    )
    package_root(
        name = llvm,
        build_file = Label("//toolchain/peers:llvm.BUILD"),
        keep = LLVM_KEEP,
        lock = Label("//toolchain/peers:llvm.lock.json"),
        replace = LOADER_REPLACE,
        trees = LLVM_TREES,
    )

def boot_repositories(qemu):
    """Declares what boot tests need: an emulator, KBUILD_ROOTS, and `hyp_linux_source_VERSION` for the kernels in `//kernels`.

    Args:
        qemu: the name of the emulator's repository. `//toolchain/peers` uses `hyp_peers_qemu_system`.
    """
    package_root(
        name = qemu,
        build_file = Label("//toolchain/peers:qemu_system.BUILD"),
        keep = QEMU_SYSTEM_KEEP,
        lock = Label("//toolchain/peers:qemu_system.lock.json"),
        replace = LOADER_REPLACE,
        trees = QEMU_SYSTEM_TREES,
    )
    for name, root in KBUILD_ROOTS.items():
        package_root(
            name = name,
            build_file = Label("//toolchain/kbuild:repository.BUILD"),
            copy = KBUILD_COPY,
            lock = Label("//toolchain/kbuild:" + root.lock),
            trees = root.trees,
        )
    for version in KERNELS:
        package_root(
            name = "hyp_linux_source_" + version,
            build_file = Label("//toolchain/kbuild:source.BUILD"),
            lock = Label("//kernels/{}/boot:source.lock.json".format(version)),
            trees = {"linux-source-" + version: ["usr/src -> ."]},
        )
