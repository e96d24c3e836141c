"""The last stage: puts a prefix before the name of every symbol, and renames what else is to be renamed."""

load(":toolchains.bzl", "HYPLINK_TOOLCHAIN_TYPE")

# Which symbols `prefix_classes` may name, as `hyplink prefix --prefix-class` does.
_CLASSES = ["all", "defined", "undefined", "local", "global", "weak", "common", "file", "mapping"]

RENAME_ATTRS = {
    "symbol_prefix": attr.string(
        doc = "Put before the name of every symbol, defined or not, such as `__kvm_nvhe_`. Empty for none.",
    ),
    "prefix_classes": attr.string_list(
        doc = "Which symbols get the prefix: any of %s. Empty for all of them, as objcopy does it." % ", ".join(["`%s`" % c for c in _CLASSES]),
    ),
    "keep_mapping_symbols": attr.bool(
        doc = "Leave `$x` and `$d` (AAELF64 5.5.5) their names, so that disassemblers still tell code from data.",
    ),
    "redefine_syms": attr.string_dict(
        doc = "New names of single symbols, given before the prefix. One `*` may stand on each side.",
    ),
    "redefine_after_prefix": attr.string_dict(doc = "The same, after the prefix: the old name is with it, and the new one gets none."),
    "redefine_syms_files": attr.label_list(
        doc = "Files of lines `OLD NEW`, as objcopy's --redefine-syms reads them.",
        allow_files = True,
    ),
    "section_prefix": attr.string(doc = "Put before the name of every section."),
    "alloc_section_prefix": attr.string(doc = "Put before the name of every loaded section, in place of `section_prefix`."),
    "rename_sections": attr.string_dict(doc = "New names of single sections. Unlike objcopy's, they take no flags."),
    "remove_sections": attr.string_list(doc = "Patterns of sections to leave out, for example `.comment`; `!PATTERN` keeps one."),
    "localize": attr.string_list(doc = "Patterns of symbols that become local. Names are those of the result, prefix included; `!PATTERN` exempts some."),
    "keep_global": attr.string_list(doc = "Patterns of the symbols that stay global; every other defined one becomes local."),
    "globalize": attr.string_list(doc = "Patterns of local symbols that become global."),
    "weaken": attr.string_list(doc = "Patterns of global symbols that become weak."),
    "localize_hidden": attr.bool(doc = "Make hidden and internal symbols local."),
    "strip_debug": attr.bool(doc = "Leave out debug information."),
    "strip_unneeded": attr.bool(doc = "Leave out symbols that no relocation needs, and debug information."),
}

# Attribute and option; each entry of the attribute is an option of its own.
_VALUES = [("symbol_prefix", "--symbol-prefix"), ("section_prefix", "--section-prefix"), ("alloc_section_prefix", "--alloc-section-prefix")]
_SWITCHES = [
    ("keep_mapping_symbols", "--keep-mapping-symbols"),
    ("localize_hidden", "--localize-hidden"),
    ("strip_debug", "--strip-debug"),
    ("strip_unneeded", "--strip-unneeded"),
]
_LISTS = [
    ("remove_sections", "--remove-section"),
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

def _options(ctx):
    """Returns the options that the attributes ask for; none when there is nothing to rename."""
    options = []
    for name, option in _VALUES:
        if getattr(ctx.attr, name):
            options.append("%s=%s" % (option, getattr(ctx.attr, name)))
    if ctx.attr.prefix_classes:
        for c in ctx.attr.prefix_classes:
            if c not in _CLASSES:
                fail("%s: prefix_classes: got %r, want any of %s" % (ctx.label, c, ", ".join(_CLASSES)))
        options.append("--prefix-class=" + ",".join(ctx.attr.prefix_classes))
    for name, option in _DICTS:
        # The order of a dict means nothing to hyplink, but it would be part of the action's key.
        options += ["%s=%s=%s" % (option, old, new) for old, new in sorted(getattr(ctx.attr, name).items())]
    for name, option in _LISTS:
        options += ["%s=%s" % (option, value) for value in getattr(ctx.attr, name)]
    for name, option in _SWITCHES:
        if getattr(ctx.attr, name):
            options.append(option)
    return options

def has_prefix_stage(ctx):
    """Says whether any attribute asks for the stage.

    Args:
      ctx: the rule's context; it has the attributes of RENAME_ATTRS.

    Returns:
      bool.
    """
    return bool(_options(ctx) or ctx.files.redefine_syms_files)

def prefix_symbols(ctx, tools, object, output):
    """Registers the action HypPrefix.

    Args:
      ctx: the rule's context; it has the attributes of RENAME_ATTRS.
      tools: HyplinkToolchainInfo.
      object: File, the object whose symbols have their source names.
      output: File, the same with new names.
    """
    args = ctx.actions.args()
    args.add("prefix")
    args.add_all(_options(ctx))
    args.add_all(ctx.files.redefine_syms_files, format_each = "--redefine-syms=%s")
    args.add("-o", output)
    args.add(object)
    ctx.actions.run(
        executable = tools.hyplink,
        arguments = [args],
        inputs = [object] + ctx.files.redefine_syms_files,
        outputs = [output],
        mnemonic = "HypPrefix",
        progress_message = "Prefixing the symbols of %{label}",
        toolchain = HYPLINK_TOOLCHAIN_TYPE,
    )
