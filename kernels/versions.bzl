"""The kernels that rules_hyp builds: packages of //kernels, and the repositories with their trees.

internal/kernel/generate/kernels.go has the same list, for hypgen.
"""

# From the version to the apparent name of the repository.
KERNELS = {
    "6.1": "linux",
    "6.12": "linux_6.12",
    "7.2": "linux_7.2",
}
