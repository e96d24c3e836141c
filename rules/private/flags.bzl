# SPDX-License-Identifier: Apache-2.0

"""Compiler options that must not reach EL2 code: recognizing, removing and rejecting them.

EL2 code runs in its own address space. It breaks, usually silently and at run time, if the compiler calls out of a function (to a tracer, a
sanitizer runtime or a coverage counter), keeps state in a register that the hypervisor does not set up (x18, for the shadow call stack), reads a
stack canary from kernel memory, or emits something other than machine code (LTO). arch/arm64/kvm/hyp/nvhe/Makefile removes the same options one
by one.
"""

# A family is an option that can be switched on and off; as for the compiler, the last one on the command line wins. `exact` and
# `prefixes` switch it on, `off` switches it off.
_FAMILIES = [
    struct(
        name = "ftrace",
        exact = ["-pg", "-mfentry", "-mrecord-mcount", "-mnop-mcount", "-p"],
        prefixes = [],
        off = [],
        reason = "every function would call the kernel's tracer",
    ),
    struct(
        name = "patchable function entries",
        exact = [],
        prefixes = ["-fpatchable-function-entry="],
        off = ["-fpatchable-function-entry=0", "-fpatchable-function-entry=0,0"],
        reason = "ftrace patches calls to the kernel's tracer into the entries",
    ),
    struct(
        name = "function instrumentation",
        exact = ["-finstrument-functions", "-finstrument-functions-after-inlining", "-fxray-instrument"],
        prefixes = [],
        off = ["-fno-instrument-functions", "-fno-xray-instrument"],
        reason = "every function would call out",
    ),
    struct(
        name = "link-time optimization",
        exact = ["-flto", "-ffat-lto-objects", "-fwhole-program-vtables"],
        prefixes = ["-flto="],
        off = ["-fno-lto"],
        reason = "the objects would be bitcode, which hyplink cannot link",
    ),
    struct(
        name = "profiles",
        exact = ["-fprofile-arcs", "-fbranch-probabilities", "-fcs-profile-generate", "-fauto-profile"],
        prefixes = ["-fprofile-generate", "-fprofile-use", "-fprofile-instr-", "-fprofile-sample-use", "-fcs-profile-generate=", "-fauto-profile="],
        off = [
            "-fno-profile-arcs",
            "-fno-profile-generate",
            "-fno-profile-use",
            "-fno-profile-instr-generate",
            "-fno-profile-instr-use",
            "-fno-profile-sample-use",
            "-fno-branch-probabilities",
            "-fno-auto-profile",
        ],
        reason = "counters need a runtime, and a profile of the host kernel does not apply to EL2 code",
    ),
    struct(
        name = "coverage",
        exact = ["--coverage", "-coverage", "-ftest-coverage", "-fcoverage-mapping"],
        prefixes = ["-fsanitize-coverage="],
        off = ["-fno-test-coverage", "-fno-coverage-mapping", "-fno-sanitize-coverage"],
        reason = "its counters and callbacks are in the kernel",
    ),
    struct(
        name = "stack protector",
        exact = ["-fstack-protector", "-fstack-protector-all", "-fstack-protector-strong", "-fstack-protector-explicit"],
        prefixes = [],
        off = ["-fno-stack-protector"],
        reason = "the canary and __stack_chk_fail are in the kernel",
    ),
]

# A hash is checked at the call, with a branch and a trap: nothing is called.
_TRAPPING_SANITIZERS = ["kcfi", "kcfi-arity"]

# These always need a runtime or a reserved register. UBSan's are fine if they trap.
_RUNTIME_SANITIZERS = [
    "address",
    "dataflow",
    "fuzzer",
    "fuzzer-no-link",
    "hwaddress",
    "kernel-address",
    "kernel-hwaddress",
    "kernel-memory",
    "leak",
    "memory",
    "memtag",
    "memtag-heap",
    "memtag-stack",
    "realtime",
    "safe-stack",
    "shadow-call-stack",
    "thread",
    "type",
]

_SANITIZE = "-fsanitize="
_NO_SANITIZE = "-fno-sanitize="
_TRAP = "-fsanitize-trap="
_TRAP_ALL = ["-fsanitize-trap", "-fsanitize-undefined-trap-on-error", "-fsanitize-trap=all", "-fsanitize-trap=undefined"]

def _family_of(flag):
    """Returns (family, whether the flag switches it on), or (None, False)."""
    for family in _FAMILIES:
        if flag in family.off:
            return family, False
        if flag in family.exact:
            return family, True
        for prefix in family.prefixes:
            if flag.startswith(prefix):
                return family, True
    return None, False

def _bad_sanitizers(flags):
    """Returns [(flag, reason)] of the enabled sanitizers that call out."""
    enabled = {}
    trapping = {}
    for flag in flags:
        if flag.startswith(_SANITIZE):
            for kind in flag[len(_SANITIZE):].split(","):
                enabled[kind] = flag
        elif flag.startswith(_NO_SANITIZE):
            for kind in flag[len(_NO_SANITIZE):].split(","):
                if kind == "all":
                    enabled.clear()
                else:
                    enabled.pop(kind, None)
        elif flag in _TRAP_ALL:
            trapping["all"] = True
        elif flag.startswith(_TRAP):
            for kind in flag[len(_TRAP):].split(","):
                trapping[kind] = True
    bad = []
    for kind, flag in enabled.items():
        if kind in _TRAPPING_SANITIZERS:
            continue
        if kind in _RUNTIME_SANITIZERS:
            bad.append((flag, "%s needs a runtime or a register that EL2 does not have" % kind))
        elif not ("all" in trapping or kind in trapping):
            bad.append((flag, "%s calls a handler in the kernel; add -fsanitize-trap=%s to make it trap" % (kind, kind)))
    return bad

def find_forbidden(flags):
    """Finds the options that are in effect and must not reach EL2 code.

    Args:
      flags: list of string, the options in command-line order. An option that a later one switches off
        (`-fstack-protector-strong … -fno-stack-protector`, as from kbuild) is not in effect.

    Returns:
      list of (option, reason), in a fixed order.
    """
    state = {}
    for flag in flags:
        # Skip most options by their first letters.
        if flag[:2] not in ("-f", "-p", "-m", "-c", "--"):
            continue
        family, on = _family_of(flag)
        if family:
            state[family.name] = (flag, family.reason) if on else None
    found = [entry for entry in state.values() if entry]
    return found + _bad_sanitizers(flags)

def drop_forbidden(flags):
    """Removes the options that must not reach EL2 code, looking at each one alone.

    Args:
      flags: list of string, from the toolchain or the command line. `-Xclang OPTION` counts as one.

    Returns:
      list of string: the others, in the same order.
    """
    kept = []
    previous = None
    for flag in flags:
        out = _without(flag)
        if out == None and previous == "-Xclang":
            kept.pop()
        if out != None:
            kept.append(out)
        previous = flag
    return kept

def _without(flag):
    """Returns the flag, a part of it (a list of sanitizers), or None if it must be removed."""
    if flag.startswith(_SANITIZE):
        kinds = [k for k in flag[len(_SANITIZE):].split(",") if k in _TRAPPING_SANITIZERS]
        return _SANITIZE + ",".join(kinds) if kinds else None
    _, on = _family_of(flag)
    return None if on else flag

def refuse_forbidden(flags, label, where):
    """Fails if options from a BUILD file must not reach EL2 code.

    Args:
      flags: list of string, all options that the target sets for one source, in order.
      label: Label of the target, for the message.
      where: string, the attributes that the options come from, for the message.
    """
    found = find_forbidden(flags)
    if found:
        fail("%s: %s: got %s, which must not reach EL2 code: %s; remove it, or switch it off with a later option [E9211]" % (
            label,
            where,
            found[0][0],
            found[0][1],
        ))
