"""What a WORKSPACE file calls: the repositories of rules_hyp and its toolchains."""

load("//rules/private:dependencies.bzl", _rules_hyp_dependencies = "rules_hyp_dependencies")
load("//rules/private:linux_repository.bzl", "linux_repository")
load("//toolchain:repositories.bzl", "gcc_arm64_repository", "peers_repositories")

# The headers that the nVHE folder of the default kernel reads.
_DEFAULT_LINUX = {"headers": Label("//kernels/6.1:headers.txt")}

rules_hyp_dependencies = _rules_hyp_dependencies

def rules_hyp_repositories(linux = _DEFAULT_LINUX):
    """Declares what rules_hyp fetches: the default cross compiler, the tests' peers and the default kernel.

    A repository that the WORKSPACE file has declared before keeps its meaning. Nothing is fetched before a build needs it.

    Args:
        linux: attributes of `linux_repository` for `@linux`, for example `{"path": "../linux"}` for a prepared tree of your own.
            The default kernel by default.
    """
    existing = native.existing_rules()
    if "hyp_gcc_arm64" not in existing:
        gcc_arm64_repository(name = "hyp_gcc_arm64")
    if "hyp_peers_qemu" not in existing:
        peers_repositories(
            llvm = "hyp_peers_llvm",
            qemu = "hyp_peers_qemu",
        )
    if "linux" not in existing:
        linux_repository(name = "linux", **linux)

def rules_hyp_register_toolchains():
    """Registers hyplink and the default cross compiler. Toolchains that the WORKSPACE file has registered before come first."""
    native.register_toolchains(
        "@rules_hyp//toolchain:all",
        "@rules_hyp//toolchain/hyplink:all",
    )
