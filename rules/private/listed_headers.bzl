# SPDX-License-Identifier: Apache-2.0

"""Lists of the headers of a kernel tree whose other headers are optional inputs."""

load(":paths.bzl", "PATH_MAPPING", "add_mapped")
load(":toolchains.bzl", "COMPILE")

# Options that say, or may say, where headers are, by their starts; and those whose directory is the next word.
_SEARCH = ["-I", "-i", "-Wa,", "-Wp,", "-internal-", "-c-isystem", "--include-", "@"]
_NO_OWN = "-nostdinc"
_FILES = ["-include", "-imacros"]
_DIRECTORY_FOLLOWS = ["-I", "-iquote", "-isystem", "-idirafter"]

def list_headers(ctx, cc_info, toolchain, tree, hypcc, sources, options):
    """Writes the lists of headers of a tree whose other headers are optional inputs.

    A header that is added to the manifest, or removed from it, is readable before and after. So the list of headers is a file that compiles do not
    count as read, and not part of their command line: otherwise each change of the manifest would compile all. What may change the meaning of an
    `#include` is another header that it may find too: `names` has the headers that share a name below the include directories, or next to a file
    (internal/compile/names.go), and always counts as read.

    Args:
      ctx: the rule's context.
      cc_info: CcInfo with the headers.
      toolchain: CcToolchainInfo, whose headers may have the same names.
      tree: HypTreeInfo.
      hypcc: the program.
      sources: list of File, what is compiled.
      options: list of lists of string, the options of each source.

    Returns:
      struct with the Files `headers` and `names`.
    """
    context = cc_info.compilation_context
    headers = ctx.actions.declare_file(ctx.label.name + "/headers.list")
    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    if tree.regenerate:
        # In this file, which does not count as read: a compile must not depend on a message.
        lines.add("# regenerate: " + tree.regenerate.replace("\n", " "))
    lines.add_all(context.headers, map_each = _source_path, expand_directories = False)
    ctx.actions.write(headers, lines)

    names = ctx.actions.declare_file(ctx.label.name + "/headers.names")
    command = ctx.actions.args()
    command.add("header-names")
    command.add(names)
    directories = ctx.actions.args()
    directories.add("--")
    add_mapped(ctx, directories, names, _search_options(options))
    for option, values in {
        "-iquote": context.quote_includes,
        "-I": context.includes,
        "-isystem": depset(transitive = [context.system_includes, context.external_includes]),
    }.items():
        add_mapped(ctx, directories, names, values, format = option + "%s")
    ctx.actions.run(
        executable = hypcc,
        arguments = [
            command,
            _list(ctx, [context.headers, tree.optional, sources, getattr(ctx.files, "additional_compiler_inputs", [])]),
            _list(ctx, [toolchain.all_files]),
            directories,
        ],
        outputs = [names],
        mnemonic = "HypHeaderNames",
        progress_message = "Looking for headers of the same name %{label}",
        execution_requirements = PATH_MAPPING,
        exec_group = COMPILE,
    )
    return struct(headers = headers, names = names)

def _list(ctx, files):
    """Returns the paths of lists and depsets of File in a parameter file."""
    args = ctx.actions.args()
    args.use_param_file("%s", use_always = True)
    args.set_param_file_format("multiline")
    for some in files:
        args.add_all(some, expand_directories = False)
    return args

def _source_path(file):
    return file.path if file.is_source else None

def _search_options(lists):
    """Returns those of the options that say where headers are, each once: others must not make the list again."""
    found = {}

    # It hides the compiler's own headers, if all sources are compiled with it.
    if not [options for options in lists if _NO_OWN not in options]:
        found[(_NO_OWN,)] = None
    for options in lists:
        for i, option in enumerate(options):
            if option in _DIRECTORY_FOLLOWS:
                found[(option, options[i + 1] if i + 1 < len(options) else "")] = None
            elif option not in _FILES and [start for start in _SEARCH if option.startswith(start)]:
                found[(option,)] = None
    return [word for words in found for word in words]
