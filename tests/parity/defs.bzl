"""parity_test: holds a hyp_object to what kbuild's programs make of the same inputs."""

load("@io_bazel_rules_go//go:def.bzl", "go_test")
load(":reference.bzl", "gnu_reference")

def parity_test(name, object, tolerances = {}, **kwargs):
    """Compares each stage of a hyp_object with GNU's, as readelf sees them.

    Args:
      name: string.
      object: label of a hyp_object.
      tolerances: dict from stage (`partial`, `relocated`, `prefixed`) to a list of IDs of docs/divergences.md. One that a stage does not
        need fails the test.
      **kwargs: attributes of every test, such as `size` and `tags`.
    """
    gnu_reference(
        name = name + "_gnu",
        testonly = True,
        object = object,
        tags = ["manual"],
    )
    go_test(
        name = name,
        srcs = [
            "//tests/parity:parity_test.go",
            "//tests/parity:tamper_test.go",
        ],
        data = [
            name + "_gnu",
            "//toolchain/peers:readelf",
        ],
        env = {
            "READELF": "$(rootpath //toolchain/peers:readelf)",
            "STAGES": "$(rootpath :%s_gnu)" % name,
            "TOLERANCES": json.encode(tolerances),
        },
        rundir = ".",
        deps = [
            "//tests/divergences",
            "//tests/elfdump",
        ],
        **kwargs
    )
