# SPDX-License-Identifier: Apache-2.0

"""parity_test: compares a hyp_object with what kbuild's programs make of the same inputs."""

load("@io_bazel_rules_go//go:def.bzl", "go_test")
load(":reference.bzl", "gnu_reference")

_DOT = "dot-counts-from-section"

def parity_test(name, object, tolerances = {}, **kwargs):
    """Compares each stage of a hyp_object with that of GNU's programs, as readelf prints them.

    Args:
      name: string.
      object: label of a hyp_object.
      tolerances: dict from stage (`partial`, `relocated`, `prefixed`) to a list of IDs of docs/divergences.md. An ID that a stage does
        not need fails the test. `dot-counts-from-section` changes the input of GNU ld, and has the key `script`.
      **kwargs: common attributes of tests, such as `size` and `tags`.
    """
    script = tolerances.get("script", [])
    if [id for id in script if id != _DOT]:
        fail("tolerances: got %s for the script, want %s only" % (script, _DOT))
    gnu_reference(
        name = name + "_gnu",
        testonly = True,
        object = object,
        tags = ["manual"],
        zero_addresses = _DOT in script,
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
            "TOLERANCES": json.encode({stage: ids for stage, ids in tolerances.items() if stage != "script"}),
        },
        rundir = ".",
        deps = [
            "//tests/divergences",
            "//tests/elfdump",
        ],
        **kwargs
    )
