# SPDX-License-Identifier: Apache-2.0

"""Configurations of kernels in which the rules' object is compared with kbuild's, `//tests/matrix`.

A configuration NAME of kernel VERSION is `VERSION/NAME` here. kbuild's objects are `//kernels/configurations:VERSION_NAME`, and the package
`//kernels/VERSION/NAME` has what hypgen writes from their dry run.
"""

load(":versions.bzl", "KERNELS", "PLATFORMS", "ROLLING")

# From the version to the packages that kbuild runs in, and the platform with the same compiler. Configurations whose names start with `clang` have the second.
_GCC = {
    "6.1": struct(packages = "bookworm", platform = PLATFORMS["6.1"]),
    "6.12": struct(packages = "trixie", platform = PLATFORMS["6.12"]),
    "7.2": struct(packages = "forky", platform = PLATFORMS["7.2"]),
}
_CLANG = {
    "6.1": struct(packages = "bookworm_clang", platform = "//platforms:arm64_clang14"),
    "6.12": struct(packages = "trixie_clang", platform = "//platforms:arm64_clang19"),
}

# From the configuration to the fragments, files of //kernels/configurations, on top of defconfig.
_FRAGMENTS = {
    "6.1/64k": ["64k.config"],
    "6.1/clang": [],
    "6.1/clang_instrumented": ["instrumented.config"],
    "6.1/defconfig": [],
    "6.1/instrumented": ["instrumented.config"],
    "6.12/clang_instrumented": [
        "cfi.config",
        "instrumented.config",
    ],
    "6.12/defconfig": [],
    "6.12/instrumented": ["instrumented.config"],
    "6.12/trap": ["trap.config"],
    "7.2/defconfig": [],
    "7.2/instrumented": ["instrumented.config"],
}

# Those that are compared in //... : kbuild takes about a minute for each.
_SAMPLE = [
    "6.1/clang",
    "6.1/defconfig",
    "6.1/instrumented",
    "6.12/instrumented",
]

def _configuration(name):
    version, _, rest = name.partition("/")
    compiler = (_CLANG if rest.startswith("clang") else _GCC)[version]
    return struct(
        # clang 14's assembler writes file names into debug information as they are, with Bazel's directories.
        assembly_names = compiler.packages == "bookworm_clang",
        clang = compiler.packages.endswith("_clang"),
        # Of targets, which cannot have a slash if they are to be next to each other.
        target = name.replace("/", "_"),
        fragments = _FRAGMENTS[name],
        headers = "@%s//:headers" % KERNELS[version],
        listed = "//kernels/%s:headers.txt" % version,
        packages = "//toolchain/kbuild:" + compiler.packages,
        platform = compiler.platform,
        source = "@hyp_linux_source_%s//:source" % version,
        # GNU ld 2.47's own section for the stack.
        stack_note = compiler.packages == "forky",
        tags = ["manual"] if version in ROLLING or name not in _SAMPLE else [],
    )

# From `VERSION/NAME` to a struct.
CONFIGURATIONS = {name: _configuration(name) for name in _FRAGMENTS}
