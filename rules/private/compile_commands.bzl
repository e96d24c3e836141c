# SPDX-License-Identifier: Apache-2.0

"""Writes a JSON compilation database, for clangd and similar tools."""

load(":context.bzl", "context_options")
load(":paths.bzl", "output_prefix_maps")

def compile_command(compiler, path, source, output, options):
    """Returns one entry: a struct, which becomes JSON when the database is written.

    Args:
      compiler: struct of compiler_for.
      path: string, the compiler's path.
      source: File, the source.
      output: File, the object.
      options: (list of string, list of string): the options before and after those of the compilation context.

    Returns:
      struct, for the `commands` depset of HypObjectsInfo.
    """

    # Elements of a depset must not be lists.
    return struct(
        compiler = path,
        before = tuple(options[0]),
        context = compiler.cc_info.compilation_context,
        local_defines = compiler.local_defines,
        after = tuple(options[1]),
        source = source,
        output = output,
    )

def _entry(command):
    arguments = [command.compiler] + list(command.before)
    for flag, values in context_options(command.context, command.local_defines):
        arguments += [flag + v for v in values.to_list()]
    arguments += list(command.after) + ["-c", "-o", command.output.path]
    arguments += output_prefix_maps(command.output.root.path) + [command.source.path]
    return json.encode({
        "arguments": arguments,
        "directory": ".",
        "file": command.source.path,
        "output": command.output.path,
    })

def write_compile_commands(ctx, commands, output):
    """Registers the action that writes the database; paths in it are relative to the execution root.

    Args:
      ctx: the rule's context.
      commands: depset of struct, from compile_command.
      output: File, the database.
    """
    content = ctx.actions.args()
    content.set_param_file_format("multiline")
    content.add_joined(
        commands,
        map_each = _entry,
        join_with = ",\n",
        format_joined = "[\n%s\n]",
    )
    ctx.actions.write(output, content)
