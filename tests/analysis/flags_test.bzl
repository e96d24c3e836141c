# SPDX-License-Identifier: Apache-2.0

"""Unit tests of the list of options that must not reach EL2 code."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")

# buildifier: disable=bzl-visibility
load("//rules/private:flags.bzl", "drop_forbidden", "find_forbidden")

# Options that are each rejected.
_REFUSED = [
    "-pg",
    "-mfentry",
    "-mrecord-mcount",
    "-fpatchable-function-entry=2",
    "-fpatchable-function-entry=4,2",
    "-finstrument-functions",
    "-fsanitize=shadow-call-stack",
    "-fsanitize=kernel-address",
    "-fsanitize=kernel-hwaddress",
    "-fsanitize=bounds",
    "-fsanitize-coverage=trace-pc",
    "-flto",
    "-flto=thin",
    "-fprofile-arcs",
    "-fprofile-generate",
    "-fprofile-use=kernel.profdata",
    "-fprofile-sample-use=kernel.afdo",
    "-fbranch-probabilities",
    "-ftest-coverage",
    "--coverage",
    "-fstack-protector",
    "-fstack-protector-strong",
    "-fstack-protector-all",
]

# Options that look like those, but are fine; kbuild has them.
_FINE = [
    "-fno-stack-protector",
    "-mstack-protector-guard=sysreg",
    "-mstack-protector-guard-offset=1272",
    "-fno-lto",
    "-fno-pic",
    "-fpatchable-function-entry=0",
    "-fsanitize=kcfi",
    "-fno-sanitize=all",
    "-fno-profile-use",
    "-pipe",
    "-mgeneral-regs-only",
    "-Wp,-MMD,a.d",
]

def _refused_impl(ctx):
    env = unittest.begin(ctx)
    for flag in _REFUSED:
        found = find_forbidden(["-O2", flag, "-Wall"])
        asserts.equals(env, [flag], [f for f, _ in found], "find_forbidden of " + flag)
        asserts.equals(env, ["-O2", "-Wall"], drop_forbidden(["-O2", flag, "-Wall"]), "drop_forbidden of " + flag)
    return unittest.end(env)

refused_test = unittest.make(_refused_impl)

def _fine_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, [], find_forbidden(_FINE))
    asserts.equals(env, _FINE, drop_forbidden(_FINE))
    return unittest.end(env)

fine_test = unittest.make(_fine_impl)

def _last_one_counts_impl(ctx):
    env = unittest.begin(ctx)
    for flags in [
        ["-fstack-protector-strong", "-fno-stack-protector"],
        ["-fpatchable-function-entry=2", "-fpatchable-function-entry=0"],
        ["-flto=thin", "-fno-lto"],
        ["-fsanitize=shadow-call-stack,bounds", "-fno-sanitize=bounds", "-fno-sanitize=shadow-call-stack"],
        ["-fsanitize=kernel-address", "-fno-sanitize=all"],
    ]:
        asserts.equals(env, [], find_forbidden(flags), "%s ends switched off" % flags)

        # In the other order it stays on.
        asserts.true(env, find_forbidden(flags[1:] + flags[:1]) != [], "%s ends switched on" % (flags[1:] + flags[:1]))
    asserts.equals(
        env,
        ["-fstack-protector"],
        [f for f, _ in find_forbidden(["-fno-stack-protector", "-fstack-protector"])],
    )
    return unittest.end(env)

last_one_counts_test = unittest.make(_last_one_counts_impl)

def _sanitizers_impl(ctx):
    env = unittest.begin(ctx)

    # UBSan's checks may stay if they trap; a sanitizer with a runtime may not.
    asserts.equals(env, [], find_forbidden(["-fsanitize=bounds", "-fsanitize-trap=bounds"]))
    asserts.equals(env, [], find_forbidden(["-fsanitize=bounds,shift", "-fsanitize-undefined-trap-on-error"]))
    asserts.equals(env, 1, len(find_forbidden(["-fsanitize=bounds,shift", "-fsanitize-trap=bounds"])))
    asserts.equals(env, 1, len(find_forbidden(["-fsanitize=kernel-address", "-fsanitize-trap=all"])))
    asserts.equals(env, ["-fsanitize=kcfi"], drop_forbidden(["-fsanitize=shadow-call-stack,kcfi"]))
    return unittest.end(env)

sanitizers_test = unittest.make(_sanitizers_impl)

def _pairs_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, ["-O2", "-g"], drop_forbidden(["-O2", "-Xclang", "-fprofile-arcs", "-g"]))
    asserts.equals(env, ["-Xclang", "-fno-pch-timestamp"], drop_forbidden(["-Xclang", "-fno-pch-timestamp"]))
    return unittest.end(env)

pairs_test = unittest.make(_pairs_impl)

def flags_test_suite(name):
    """Declares the tests of this file.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    unittest.suite(name, refused_test, fine_test, last_one_counts_test, sanitizers_test, pairs_test)
