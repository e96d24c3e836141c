# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What hypgen writes for the tree of a kernel for boot tests, in which this runs.
chmod +x /in/hypgen
/in/hypgen -repository="$(cat /in/repository)" -rules=//rules:defs.bzl -compiler=any -out=/in/BUILD.bazel -undefined=/in/undefined.txt \
  /build CROSS_COMPILE=aarch64-linux-gnu- CC="aarch64-linux-gnu-gcc-$GCC" HOSTCC="gcc-$GCC"
