# SPDX-License-Identifier: Apache-2.0

"""What is unpacked from the packages of the tests' peers."""

_HOST = "lib/x86_64-linux-gnu"
_USER = "usr/lib/x86_64-linux-gnu"

QEMU_TREES = {
    "libc6": [_HOST],
    "libcapstone4": [_USER],
    "libffi8": [_USER],
    "libgcc-s1": [_HOST],
    "libglib2.0-0": [_USER],
    "libgmp10": [_USER],
    "libgnutls30": [_USER],
    "libhogweed6": [_USER],
    "libidn2-0": [_USER],
    "libnettle8": [_USER],
    "libnuma1": [_USER],
    "libp11-kit0": [_USER],
    "libpcre2-8-0": [_USER],
    "libtasn1-6": [_USER],
    "libunistring2": [_USER],
    "liburing2": [_USER],
    "qemu-user": ["usr/bin"],
    "zlib1g": [_HOST],
}

QEMU_KEEP = {
    "usr/bin": ["qemu-aarch64"],
}

# The emulator of whole machines. Without graphics and network it reads no files of data: the firmware of disks and networks is in qemu-system-data.
QEMU_SYSTEM_TREES = {
    "libaio1": [_USER],
    "libblkid1": [_USER],
    "libbpf1": [_USER],
    "libc6": [_HOST],
    "libcapstone4": [_USER],
    "libdaxctl1": [_USER],
    "libelf1": [_USER],
    "libfdt1": [_USER],
    "libffi8": [_USER],
    "libfuse3-3": [_HOST],
    "libgcc-s1": [_HOST],
    "libglib2.0-0": [_USER],
    "libgmp10": [_USER],
    "libgnutls30": [_USER],
    "libhogweed6": [_USER],
    "libibverbs1": [_USER],
    "libidn2-0": [_USER],
    "libjpeg62-turbo": [_USER],
    "libkmod2": [_USER],
    "liblzma5": [_HOST],
    "libmount1": [_USER],
    "libndctl6": [_USER],
    "libnettle8": [_USER],
    "libnl-3-200": [_HOST],
    "libnl-route-3-200": [_USER],
    "libnuma1": [_USER],
    "libp11-kit0": [_USER],
    "libpcre2-8-0": [_USER],
    "libpixman-1-0": [_USER],
    "libpmem1": [_USER],
    "libpng16-16": [_USER],
    "librdmacm1": [_USER],
    "libsasl2-2": [_USER],
    "libseccomp2": [_USER],
    "libselinux1": [_HOST],
    "libslirp0": [_USER],
    "libssl3": [_USER],
    "libtasn1-6": [_USER],
    "libudev1": [_USER],
    "libunistring2": [_USER],
    "liburing2": [_USER],
    "libuuid1": [_USER],
    "libvdeplug2": [_USER],
    "libzstd1": [_USER],
    "qemu-system-arm": ["usr/bin"],
    "zlib1g": [_HOST],
}

QEMU_SYSTEM_KEEP = {
    "usr/bin": ["qemu-system-aarch64"],
}

LLVM_TREES = {
    "clang-14": ["usr/lib/llvm-14/bin"],
    "libbsd0": [_USER],
    "libc6": [_HOST],
    "libclang-common-14-dev": ["usr/lib/llvm-14/lib/clang/14.0.6/include"],
    "libclang-cpp14": ["usr/lib/llvm-14/lib", _USER],
    "libedit2": [_USER],
    "libffi8": [_USER],
    "libgcc-s1": [_HOST],
    "libicu72": [_USER],
    "libllvm14": [_USER],
    "liblzma5": [_HOST],
    "libmd0": [_USER],
    "libstdc++6": [_USER],
    "libtinfo6": [_HOST],
    "libxml2": [_USER],
    "libz3-4": [_USER],
    "lld-14": ["usr/lib/llvm-14/bin"],
    "llvm-14": ["usr/lib/llvm-14/bin"],
    "musl-dev": ["usr/include/x86_64-linux-musl", "usr/lib/x86_64-linux-musl"],
    "zlib1g": [_HOST],
}

LLVM_KEEP = {
    "usr/lib/llvm-14/bin": [
        "clang",
        "ld.lld",
        "lld",
        "llvm-ar",
        "llvm-dwarfdump",
        "llvm-nm",
        "llvm-objcopy",
        "llvm-objdump",
        "llvm-readelf",
        "llvm-readobj",
    ],
    "usr/lib/x86_64-linux-musl": ["crt1.o", "crti.o", "crtn.o", "libc.a"],
}
