# SPDX-License-Identifier: Apache-2.0

"""Paths of the host in unpacked programs, and what replaces them."""

# The names of the dynamic loaders, by the CPU of the machines that they run on.
LOADERS = {
    "aarch64": "ld-linux-aarch64.so.1",
    "x86_64": "ld-linux-x86-64.so.2",
}

# The dynamic loader has no option against the host's list of libraries to preload. Nothing can be below /dev/null.
LOADER_REPLACE = {
    "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2": ["/etc/ld.so.preload -> /dev/null/disabled"],
}
