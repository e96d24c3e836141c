# SPDX-License-Identifier: Apache-2.0

"""hyp_cc_object: sources to an object, in one target."""

load("//rules:providers.bzl", "HypLinkerScriptInfo")
load(":library.bzl", "hyp_library")
load(":linker_script.bzl", "hyp_linker_script")
load(":object.bzl", "hyp_object")
load(":toolchains.bzl", "exec_properties_of")

_SCRIPT_ENDINGS = [".lds.S", ".lds", ".ld"]

_SECTIONS = [".text", ".rodata", ".data", ".bss"]

_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

def _sections_script_impl(ctx):
    lines = ["SECTIONS {"]
    for name in ctx.attr.sections:
        if not name.startswith(".") or [c for c in name.elems() if c not in _NAME_CHARACTERS]:
            fail("%s: sections: got %r, want the start of input sections' names, such as .text; for patterns, write a script [E9213]" % (ctx.label, name))
        out = ctx.attr.section_prefix + name
        lines += [
            "\t%s : {" % out,
            "\t\t__hyp_section_%s = .;" % out if ctx.attr.hyp_relocations else None,
            "\t\t*(%s %s.*)" % (name, name),
            "\t}",
        ]
    script = ctx.actions.declare_file(ctx.label.name + "/sections.lds")
    ctx.actions.write(script, "\n".join([line for line in lines if line] + ["}", ""]))
    return [
        DefaultInfo(files = depset([script])),
        HypLinkerScriptInfo(script = script, source = script),
    ]

_sections_script = rule(
    implementation = _sections_script_impl,
    attrs = {
        "hyp_relocations": attr.bool(),
        "section_prefix": attr.string(),
        "sections": attr.string_list(),
    },
    provides = [HypLinkerScriptInfo],
)

# Attributes of hyp_library, and of all three rules; all others are hyp_object's.
_LIBRARY = [
    "additional_compiler_inputs",
    "data",
    "defines",
    "features",
    "implementation_deps",
    "includes",
    "local_defines",
    "object_suffix",
    "per_file_copts",
    "toolchain_flags",
    "toolchains",
    "tree",
]
_ALL = ["exec_compatible_with", "target_compatible_with", "testonly"]

def _is_file(script):
    return type(script) != "select" and [e for e in _SCRIPT_ENDINGS if str(script).endswith(e)] != []

def cc_object_error(script, script_copts, sections, others):
    """Returns what is wrong with arguments of hyp_cc_object, for a test; None if nothing is.

    Args:
      script: as of hyp_cc_object.
      script_copts: as of hyp_cc_object.
      sections: as of hyp_cc_object.
      others: dict of the arguments that have no name there.

    Returns:
      A string, without the target's name and the error's identifier.
    """
    if script and sections != None:
        return "got script and sections; the script says which sections there are"
    if "linker_script" in others:
        return "got linker_script; it is called script here"
    if type(script) == "select" and [e for e in _SCRIPT_ENDINGS if e + "\"" in str(script)]:
        return "script: got a select() of files; give each a hyp_linker_script, and select that"
    if script_copts and not (_is_file(script) and str(script).endswith(".S")):
        return "script_copts: got options for the preprocessor, but script is not a .lds.S"
    return None

def hyp_cc_object(
        name,
        srcs,
        hdrs = [],
        deps = [],
        copts = [],
        asmopts = [],
        script = None,
        script_copts = [],
        sections = None,
        symbol_prefix = "",
        hyp_relocations = False,
        hyp_section_prefix = ".hyp",
        tags = [],
        visibility = None,
        **kwargs):
    """Compiles C and assembly, links it and gives it a namespace: `NAME/hyp.o`, from one target.

    It is a hyp_library `NAME.lib`, with the sources; unless `script` is a target, a linker script `NAME.lds`; and a hyp_object `NAME`, with its providers, output
    groups and checks. The first two are private and have the tag `manual`: `NAME` builds them for its platform. For more than one object from the same sources, or
    options of single rules, use the three rules.

    Without a script, the output sections are `.hyp.text`, `.hyp.rodata`, `.hyp.data` and `.hyp.bss`, and each has the input sections of its kind: `.text` and
    `.text.*` are in `.hyp.text`. With `hyp_relocations`, each begins with the symbol `__hyp_section_SECTION` that the table counts from. A section of another kind that
    is loaded fails the check. A host that maps `.hyp.text` and `.hyp.bss` alone needs `sections = [".text", ".bss"]`; per-CPU data or symbols at the ends of sections need a script.

    Args:
      name: string, the name of the hyp_object.
      srcs: list of labels, as of hyp_library.
      hdrs: list of labels, as of hyp_library. A script that is preprocessed has the same headers, includes and defines as dependents.
      deps: list of labels, as of hyp_library: the objects of hyp_library targets are linked after those of `srcs`.
      copts: list of string, options for each `.c`, as of hyp_library.
      asmopts: list of string, options for each `.S` and `.s`.
      script: a linker script instead of the sections above: a file, `.lds.S` to be preprocessed or `.lds`, or a hyp_linker_script. The values of a select() are hyp_linker_script targets.
      script_copts: list of string, options for the preprocessor of a `.lds.S`.
      sections: list of string, the kinds of sections that the object has instead of `.text`, `.rodata`, `.data` and `.bss`, in the order of the object.
      symbol_prefix: string, the prefix of all symbols.
      hyp_relocations: bool, whether the object has `.hyp.reloc`, as of hyp_object.
      hyp_section_prefix: string, the prefix of the output sections.
      tags: list of string, for all targets.
      visibility: list of labels, of the hyp_object.
      **kwargs: `additional_compiler_inputs`, `data`, `defines`, `features`, `implementation_deps`, `includes`, `local_defines`, `object_suffix`, `per_file_copts`, `toolchain_flags`,
        `toolchains` and `tree` of hyp_library (the last three are the script's as well), `exec_compatible_with`, `exec_properties` (of the execution groups of any rule), `target_compatible_with` and `testonly`, and all other attributes of
        hyp_object, such as `allowed_undefined`, `additional_inputs`, `platform`.
    """
    wrong = cc_object_error(script, script_copts, sections, kwargs)
    if wrong:
        fail("hyp_cc_object %s: %s [E9213]" % (name, wrong))
    properties = exec_properties_of(kwargs.pop("exec_properties", {}))
    both = {k: kwargs.pop(k) for k in _ALL if k in kwargs}
    own = {k: kwargs.pop(k) for k in _LIBRARY if k in kwargs}
    private = both | {"tags": tags + ["manual"], "visibility": ["//visibility:private"]}
    hyp_library(
        name = name + ".lib",
        srcs = srcs,
        hdrs = hdrs,
        asmopts = asmopts,
        copts = copts,
        deps = deps,
        exec_properties = properties.library,
        **(own | private)
    )
    is_file = _is_file(script)
    if is_file:
        preprocessed = {k: own[k] for k in ["toolchain_flags", "toolchains", "tree"] if k in own}
        hyp_linker_script(
            name = name + ".lds",
            src = script,
            copts = script_copts,
            deps = [":%s.lib" % name],
            exec_properties = properties.script,
            **(preprocessed | private)
        )
    elif not script:
        _sections_script(
            name = name + ".lds",
            hyp_relocations = hyp_relocations,
            section_prefix = hyp_section_prefix,
            sections = _SECTIONS if sections == None else sections,
            **private
        )
    hyp_object(
        name = name,
        exec_properties = properties.object,
        hyp_relocations = hyp_relocations,
        hyp_section_prefix = hyp_section_prefix,
        linker_script = script if script and not is_file else ":%s.lds" % name,
        symbol_prefix = symbol_prefix,
        tags = tags,
        visibility = visibility,
        deps = [":%s.lib" % name],
        **(kwargs | both)
    )
