"""What kbuild runs in: make, the compilers of the host and of the kernel, and what their scripts use."""

_BIN = "bin"
_LIB = "lib"
_USR_BIN = "usr/bin"
_USR_LIB = "usr/lib"
_INCLUDE = "usr/include"

# The directories to unpack from each package of the lock.
KBUILD_TREES = {
    "bash": [_BIN, _USR_BIN],
    "bc": [_USR_BIN],
    "binutils": [_USR_BIN, _USR_LIB],
    "binutils-aarch64-linux-gnu": [_USR_BIN, _USR_LIB, "usr/aarch64-linux-gnu/bin"],
    "binutils-x86-64-linux-gnu": [_USR_BIN, _USR_LIB],
    "bison": [_USR_BIN, "usr/share/bison"],
    "coreutils": [_BIN, _USR_BIN],
    "cpp-12": [_USR_BIN, _USR_LIB],
    "cpp-12-aarch64-linux-gnu": [_USR_BIN, _USR_LIB],
    "dash": [_BIN],
    "diffutils": [_USR_BIN],
    "findutils": [_USR_BIN],
    "flex": [_USR_BIN],
    "gcc-12": [_USR_BIN, _USR_LIB],
    "gcc-12-aarch64-linux-gnu": [_USR_BIN, _USR_LIB],
    "grep": [_BIN, _USR_BIN],
    "gzip": [_BIN],
    "libacl1": [_USR_LIB],
    "libattr1": [_USR_LIB],
    "libbinutils": [_USR_LIB],
    "libbz2-1.0": [_LIB],
    "libc6": [_LIB, _USR_LIB],
    "libc6-dev": [_USR_LIB, _INCLUDE],
    "libcrypt1": [_LIB],
    "libctf-nobfd0": [_USR_LIB],
    "libctf0": [_USR_LIB],
    "libgcc-12-dev": [_USR_LIB],
    "libgcc-12-dev-arm64-cross": [_USR_LIB],
    "libgcc-s1": [_LIB],
    "libgmp10": [_USR_LIB],
    "libisl23": [_USR_LIB],
    "libjansson4": [_USR_LIB],
    "liblzma5": [_LIB],
    "libmpc3": [_USR_LIB],
    "libmpfr6": [_USR_LIB],
    "libpcre2-8-0": [_USR_LIB],
    "libreadline8": [_LIB],
    "libselinux1": [_LIB],
    "libstdc++6": [_USR_LIB],
    "libtinfo6": [_LIB, _USR_LIB],
    "libzstd1": [_USR_LIB],
    "linux-libc-dev": [_INCLUDE],
    "m4": [_USR_BIN],
    "make": [_USR_BIN, _INCLUDE],
    "mawk": [_USR_BIN],
    "perl-base": [_USR_BIN, _USR_LIB],
    "sed": [_BIN],
    "tar": [_BIN, _USR_LIB],
    "xz-utils": [_USR_BIN],
    "zlib1g": [_LIB],
}

# Debian's own name for it is a link that the package's installation makes.
KBUILD_COPY = {"usr/bin/awk": "usr/bin/mawk"}
