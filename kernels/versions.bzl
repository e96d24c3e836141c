# SPDX-License-Identifier: Apache-2.0

"""The kernels that rules_hyp builds: packages of //kernels, and the repositories with their trees.

internal/kernel/generate/kernels.go has the same list, for hypgen.
"""

# From the version to the apparent name of the repository.
KERNELS = {
    "6.1": "linux",
    "6.12": "linux_6.12",
    "7.2": "linux_7.2",
}

# From the version to the platform with the compiler that Debian builds the kernel with.
PLATFORMS = {
    "6.1": "//platforms:arm64",
    "6.12": "//platforms:arm64_gcc14",
    "7.2": "//platforms:arm64_gcc16",
}

# Those of a Debian that is not released, whose archive loses packages every few days.
ROLLING = ["7.2"]

def kernel_tags(version):
    """Returns the tags of a target that needs a kernel, its compiler or its images.

    Args:
        version: the kernel's version.

    Returns:
        A list. Patterns such as `//...` leave targets out that Debian's archive may not have the packages for.
    """
    return ["manual"] if version in ROLLING else []
