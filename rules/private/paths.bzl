# SPDX-License-Identifier: Apache-2.0

"""Paths on the command lines of actions, which Bazel may map.

With `--experimental_output_paths=strip` an action that allows it sees `bazel-out/cfg/bin/FILE` instead of `bazel-out/CONFIGURATION/bin/FILE`, so that
configurations whose actions do not differ share cache entries. Bazel maps Files in Args by itself. Paths in strings are mapped here: include
directories, the compiler's path, options with `$(execpath)`.
"""

# For `execution_requirements` of actions all of whose paths are Files in Args, or go through add_mapped. What they write must not depend on the
# configuration's directory.
PATH_MAPPING = {"supports-path-mapping": "1"}

# The directory that Bazel puts in place of the configuration's.
_MAPPED = "cfg"

def has_output_path(ctx, text):
    """Returns whether a text has a path that Bazel could map.

    Args:
      ctx: the rule's context.
      text: string, for example an option.

    Returns:
      bool.
    """
    return ctx.bin_dir.path.partition("/")[0] + "/" in text

def add_mapped(ctx, args, anchor, values, format = "%s"):
    """Adds strings with paths to Args. Their paths are mapped if Bazel maps those of the action.

    Args:
      ctx: the rule's context.
      args: Args.
      anchor: File, an output of this target: its path tells whether paths are mapped.
      values: list or depset of string. A list without paths of outputs costs nothing.
      format: string, for each value; `%s` is replaced by it.
    """
    if type(values) == "list" and not [v for v in values if has_output_path(ctx, v)]:
        args.add_all(values, format_each = format)
        return
    bin_dir = ctx.bin_dir.path

    def expand(anchor):
        # In this function, and nowhere else, Bazel maps the paths of Files.
        root = anchor.root.path
        strings = values if type(values) == "list" else values.to_list()
        return [format % (v if root == bin_dir else _map(v, root)) for v in strings]

    args.add_all([anchor], map_each = expand, allow_closure = True, expand_directories = False)

def _starts_path(before):
    """Returns whether a path may start after a text: at its start, after a character that no path has, or after an option such as `-I`."""
    word = ""
    for character in before.elems():
        word = word + character if character.isalnum() or character in "_-./" else ""
    return not word or word[0] == "-" and word[1:].isalpha()

def _map(text, root):
    """Replaces the configuration's directory in each path of an output; root is a mapped `bazel-out/CONFIGURATION/bin`."""
    outputs, configuration = root.split("/")[:2]
    before, separator, after = text.partition(outputs + "/")
    result = before
    for _ in range(len(text)):
        if not separator:
            break
        directory, slash, rest = after.partition("/")
        result += separator + (configuration if _starts_path(before) and slash else directory) + slash
        before, separator, after = rest.partition(outputs + "/")
        result += before
    return result

def output_prefix_maps(root):
    """Returns compiler options that map paths of outputs in debug information and in __FILE__ as Bazel does.

    Args:
      root: string, the path of an output's root, `bazel-out/CONFIGURATION/bin`.

    Returns:
      list of string: the options, so that objects have the same bytes whether Bazel maps the paths or not.
    """
    outputs, configuration = root.split("/")[:2]

    # gcc writes ./ before the path of a file that -include names.
    return [
        "-ffile-prefix-map=%s%s/%s/=%s%s/%s/" % (before, outputs, configuration, before, outputs, _MAPPED)
        for before in ["", "./"]
    ]

def add_output_prefix_maps(ctx, args, anchor):
    """Adds output_prefix_maps to Args, unless Bazel maps the paths.

    Args:
      ctx: the rule's context.
      args: Args.
      anchor: File, an output of this target.
    """
    bin_dir = ctx.bin_dir.path

    def expand(anchor):
        return output_prefix_maps(bin_dir) if anchor.root.path == bin_dir else []

    args.add_all([anchor], map_each = expand, allow_closure = True, expand_directories = False)
