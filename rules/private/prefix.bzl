# SPDX-License-Identifier: Apache-2.0

"""Stage 3: adds a prefix or a suffix to every symbol name, and does the other renames."""

load(":paths.bzl", "PATH_MAPPING")
load(":toolchains.bzl", "ONE_PROCESSOR", "PREFIX", "hyplink_tools")

# Values of `prefix_classes`, as for `hyplink prefix --prefix-class`.
_CLASSES = ["all", "defined", "undefined", "local", "global", "weak", "common", "file", "mapping"]

RENAME_ATTRS = {
    "symbol_prefix": attr.string(
        doc = "A prefix for every symbol, defined or not, such as `__kvm_nvhe_`. Empty for none.",
    ),
    "symbol_suffix": attr.string(
        doc = "The same at the end of the name.",
    ),
    "prefix_classes": attr.string_list(
        doc = "The symbols that get prefix and suffix: any of %s. Empty for all, as with objcopy." % ", ".join(["`%s`" % c for c in _CLASSES]),
    ),
    "keep_mapping_symbols": attr.bool(
        doc = "Do not rename `$x` and `$d` (AAELF64 5.5.5), so that disassemblers can tell code from data.",
    ),
    "redefine_syms": attr.string_dict(
        doc = "Renames single symbols, before the prefix is added. Each side may have one `*`.",
    ),
    "redefine_after_prefix": attr.string_dict(doc = "The same, after the prefix is added: the old name has it, and the new one gets none."),
    "redefine_syms_files": attr.label_list(
        doc = "Files with lines `OLD NEW`, as for objcopy's --redefine-syms.",
        allow_files = True,
    ),
    "section_prefix": attr.string(doc = "A prefix for every section name."),
    "alloc_section_prefix": attr.string(doc = "A prefix for the name of every loaded section, instead of `section_prefix`."),
    "rename_sections": attr.string_dict(doc = "Renames single sections. Unlike objcopy's option, it takes no flags."),
    "remove_sections": attr.string_list(doc = "Patterns of sections to remove, for example `.comment`; `!PATTERN` exempts some."),
    "relative_sections": attr.string_list(
        doc = """Patterns of sections, by their names in the sources, whose 64-bit addresses become relative to their places, as the kernel's relacheck
makes those of `.rodata.prel64`.""",
    ),
    "localize": attr.string_list(doc = "Patterns of symbols to make local. Names are those of the result, prefix included; `!PATTERN` exempts some."),
    "keep_global": attr.string_list(doc = "Patterns of symbols that stay global; all other defined symbols become local."),
    "globalize": attr.string_list(doc = "Patterns of local symbols to make global."),
    "weaken": attr.string_list(doc = "Patterns of global symbols to make weak."),
    "localize_hidden": attr.bool(doc = "Make hidden and internal symbols local."),
    "strip_debug": attr.bool(doc = "Remove debug information."),
    "strip_unneeded": attr.bool(doc = "Remove debug information, and symbols that no relocation needs."),
}

# Attributes and options; each entry of an attribute becomes one option.
_VALUES = [
    ("symbol_prefix", "--symbol-prefix"),
    ("symbol_suffix", "--symbol-suffix"),
    ("section_prefix", "--section-prefix"),
    ("alloc_section_prefix", "--alloc-section-prefix"),
]
_SWITCHES = [
    ("keep_mapping_symbols", "--keep-mapping-symbols"),
    ("localize_hidden", "--localize-hidden"),
    ("strip_debug", "--strip-debug"),
    ("strip_unneeded", "--strip-unneeded"),
]
_LISTS = [
    ("remove_sections", "--remove-section"),
    ("relative_sections", "--relative-section"),
    ("localize", "--localize-symbol"),
    ("keep_global", "--keep-global-symbol"),
    ("globalize", "--globalize-symbol"),
    ("weaken", "--weaken-symbol"),
]
_DICTS = [
    ("redefine_syms", "--redefine-sym"),
    ("redefine_after_prefix", "--redefine-after-prefix"),
    ("rename_sections", "--rename-section"),
]

# Attributes with prefixes, and the characters that none may have. hyplink also refuses white space and control characters beyond ASCII.
_PREFIXES = ["symbol_prefix", "symbol_suffix", "section_prefix", "alloc_section_prefix", "hyp_section_prefix"]
_NOT_IN_PREFIXES = " \t\n\r\v\f\"'\\`*?[](){};,=#!&|<>"

def check_prefixes(ctx):
    """Fails if a prefix is misspelled.

    Args:
      ctx: the rule's context; it has the attributes of RENAME_ATTRS, and may have those of CHECK_ATTRS.
    """
    for name in _PREFIXES:
        prefix = getattr(ctx.attr, name, "")
        for c in prefix.elems():
            if c in _NOT_IN_PREFIXES:
                fail("%s: %s: got %r, which has a %r; want letters, digits, dots and underscores, so remove it [E9303]" % (ctx.label, name, prefix, c))

def _options(ctx):
    """Returns the options for the attributes; none if there is nothing to rename."""
    options = []
    for name, option in _VALUES:
        if getattr(ctx.attr, name):
            options.append("%s=%s" % (option, getattr(ctx.attr, name)))
    if ctx.attr.prefix_classes:
        for c in ctx.attr.prefix_classes:
            if c not in _CLASSES:
                fail("%s: prefix_classes: got %r, want any of %s [E9304]" % (ctx.label, c, ", ".join(_CLASSES)))
        options.append("--prefix-class=" + ",".join(ctx.attr.prefix_classes))
    for name, option in _DICTS:
        # The order does not matter to hyplink, but would be part of the action key.
        options += ["%s=%s=%s" % (option, old, new) for old, new in sorted(getattr(ctx.attr, name).items())]
    for name, option in _LISTS:
        options += ["%s=%s" % (option, value) for value in getattr(ctx.attr, name)]
    for name, option in _SWITCHES:
        if getattr(ctx.attr, name):
            options.append(option)
    return options

def has_prefix_stage(ctx):
    """Returns whether any attribute needs the stage.

    Args:
      ctx: the rule's context; it has the attributes of RENAME_ATTRS.

    Returns:
      bool.
    """
    return bool(_options(ctx) or ctx.files.redefine_syms_files)

def prefix_symbols(ctx, object, output):
    """Registers the action HypPrefix.

    Args:
      ctx: the rule's context; it has the attributes of RENAME_ATTRS.
      object: File, the object with the source's symbol names.
      output: File, the renamed object.
    """
    args = ctx.actions.args()
    args.add("prefix")
    args.add_all(_options(ctx))
    args.add_all(ctx.files.redefine_syms_files, format_each = "--redefine-syms=%s")
    args.add("-o", output)
    args.add(object)
    ctx.actions.run(
        executable = hyplink_tools(ctx, PREFIX).hyplink,
        arguments = [args],
        inputs = [object] + ctx.files.redefine_syms_files,
        outputs = [output],
        mnemonic = "HypPrefix",
        progress_message = "Prefixing the symbols of %{label}",
        env = ONE_PROCESSOR,
        exec_group = PREFIX,
        execution_requirements = PATH_MAPPING,
    )
