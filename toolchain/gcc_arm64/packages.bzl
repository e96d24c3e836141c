# SPDX-License-Identifier: Apache-2.0

"""What is unpacked from the packages of the default cross compiler."""

load("//toolchain/private:host_paths.bzl", "LOADER_REPLACE")

# The directories to unpack from each package of the lock. Documentation, locales and the rest are not unpacked.
TREES = {
    "binutils-aarch64-linux-gnu": ["usr/bin", "usr/aarch64-linux-gnu/bin", "usr/lib/x86_64-linux-gnu"],
    "cpp-12-aarch64-linux-gnu": ["usr/lib/gcc-cross"],
    "g++-12-aarch64-linux-gnu": ["usr/lib/gcc-cross"],
    "gcc-12-aarch64-linux-gnu": ["usr/bin", "usr/lib/gcc-cross"],
    "libbinutils": ["usr/lib/x86_64-linux-gnu"],
    "libc6": ["lib/x86_64-linux-gnu"],
    "libc6-dev-arm64-cross": ["usr/aarch64-linux-gnu"],
    "libgcc-12-dev-arm64-cross": ["usr/lib/gcc-cross"],
    "libgmp10": ["usr/lib/x86_64-linux-gnu"],
    "libisl23": ["usr/lib/x86_64-linux-gnu"],
    "libjansson4": ["usr/lib/x86_64-linux-gnu"],
    "libmpc3": ["usr/lib/x86_64-linux-gnu"],
    "libmpfr6": ["usr/lib/x86_64-linux-gnu"],
    "libstdc++-12-dev-arm64-cross": ["usr/aarch64-linux-gnu/include", "usr/lib/gcc-cross"],
    "libzstd1": ["usr/lib/x86_64-linux-gnu"],
    "linux-libc-dev-arm64-cross": ["usr/aarch64-linux-gnu/include"],
    "zlib1g": ["lib/x86_64-linux-gnu"],
}

_TOOLS = ["ar", "as", "gcc-12", "ld", "ld.bfd", "nm", "objcopy", "objdump", "readelf", "strip"]

# gcc looks for these by their short names.
_DRIVER_TOOLS = ["as", "ld", "ld.bfd"]

_GCC = "usr/lib/gcc-cross/aarch64-linux-gnu/12"

# Without lto1 and the plugins, since EL2 code is never compiled with LTO, and without the sanitizer libraries.
_GCC_FILES = [
    "cc1",
    "cc1plus",
    "collect2",
    "crtbegin.o",
    "crtbeginS.o",
    "crtbeginT.o",
    "crtend.o",
    "crtendS.o",
    "include",
    "libgcc.a",
    "libgcc_eh.a",
    "libstdc++.a",
]

# For static programs only: tests run them under an emulator, without a root file system of the target.
_LIBC_FILES = ["crt1.o", "crti.o", "crtn.o", "libc.a", "libdl.a", "libm.a", "libpthread.a", "librt.a", "libutil.a"]

_HOST_LIBC = ["ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libz.so.1", "libz.so.1.2.13"]

# What to keep of the directories that have more than is needed.
KEEP = {
    "lib/x86_64-linux-gnu": _HOST_LIBC,
    "usr/aarch64-linux-gnu/bin": _DRIVER_TOOLS,
    "usr/aarch64-linux-gnu/lib": _LIBC_FILES,
    "usr/bin": ["aarch64-linux-gnu-" + tool for tool in _TOOLS],
    _GCC: _GCC_FILES,
}

# What the programs would read from the host, whatever their options are.
REPLACE = LOADER_REPLACE | {
    # Character set converters (-finput-charset), which are shared libraries. Without them, such an option is an error.
    "lib/x86_64-linux-gnu/libc.so.6": ["/usr/lib/x86_64-linux-gnu/gconv -> /dev/null/no-converters-of-host"],
    # The driver always reads the specs file of its installation directory. This copy of the directory's name, of 16 bytes, is only used for that;
    # the name in front of it makes it unique.
    "usr/bin/aarch64-linux-gnu-gcc-12": ["OFFLOAD_TARGET_N/usr/lib/gcc-cro -> OFFLOAD_TARGET_N/dev/null/no-gcc"],
}
