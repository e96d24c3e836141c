# SPDX-License-Identifier: Apache-2.0

"""What is unpacked from the packages of the remote execution engines."""

_LIBRARIES = "usr/lib/x86_64-linux-gnu"

# BuildBox, and bubblewrap, in which it runs actions and is run itself, with the libraries that they load.
BUILDBOX_TREES = {
    "bubblewrap": ["usr/bin"],
    "buildbox": ["usr/bin"],
} | {
    library: [_LIBRARIES]
    for library in [
        "libabsl20260526",
        "libbrotli1",
        "libc6",
        "libcap2",
        "libcares2",
        "libcom-err2",
        "libcurl4t64",
        "libgcc-s1",
        "libgrpc++1.51t64",
        "libgrpc29t64",
        "libgssapi-krb5-2",
        "libidn2-0",
        "libk5crypto3",
        "libkeyutils1",
        "libkrb5-3",
        "libkrb5support0",
        "libldap2",
        "libnghttp2-14",
        "libnghttp3-9",
        "libngtcp2-16",
        "libngtcp2-crypto-ossl0",
        "libpcre2-8-0",
        "libprotobuf32t64",
        "libpsl5t64",
        "libre2-11",
        "libsasl2-2",
        "libselinux1",
        "libssh2-1t64",
        "libssl3t64",
        "libstdc++6",
        "libunistring5",
        "libuuid1",
        "libzstd1",
        "zlib1g",
    ]
}

BUILDBOX_KEEP = {
    "usr/bin": [
        "buildbox-casd",
        "buildbox-run-bubblewrap",
        "bwrap",
    ],
}

_JARS = "usr/share/java"

# Bazel's own worker, the compiler for it, and a shell for actions that need one.
WORKER_TREES = {
    "bash": ["usr/bin"],
    "bazel-bootstrap-data": ["usr/share/bazel"],
    "bazel-bootstrap-source": [
        "usr/src/bazel-bootstrap/src/tools/remote",
        "usr/src/bazel-bootstrap/tools/java",
    ],
    "coreutils": ["usr/bin"],
    # All of it: Bazel makes its absolute symlinks point into the directory that the tree is unpacked to.
    "openjdk-25-jre-headless": [""],
} | {
    library: [_JARS]
    for library in [
        "libeclipse-jdt-core-compiler-batch-java",
        "libgoogle-flogger-java",
        "libgrpc-java",
        "libjsr305-java",
        "libperfmark-java",
        "libreactive-streams-java",
        "librx-java",
    ]
} | {
    library: [_LIBRARIES]
    for library in [
        "libacl1",
        "libattr1",
        "libblake3-0",
        "libc6",
        "libgcc-s1",
        "libpcre2-8-0",
        "libselinux1",
        "libstdc++6",
        "libtinfo6",
        "zlib1g",
    ]
}

WORKER_KEEP = {
    "usr/share/bazel": ["A-server.jar"],
}

# A static emulator, which the kernel can start in an empty root directory.
EMULATOR_TREES = {
    "qemu-user-static": ["usr/bin"],
}

EMULATOR_KEEP = {
    "usr/bin": ["qemu-aarch64-static"],
}
