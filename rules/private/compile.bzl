# SPDX-License-Identifier: Apache-2.0

"""Compiles one source to an object, or preprocesses one.

The actions differ from cc_library's: every option that reaches EL2 code is known, in a known order; the caller names the object;
and a changed header recompiles only the sources that include it.
"""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("//rules:providers.bzl", "HypTreeInfo")
load(":context.bzl", "contexts_of")
load(":flags.bzl", "drop_forbidden")
load(":listed_headers.bzl", "list_headers")
load(":paths.bzl", "PATH_MAPPING", "add_mapped", "add_output_prefix_maps", "has_output_path")
load(":toolchains.bzl", "COMPILE", "compile_tools")

# The compiler driver's action for a source, by extension.
ACTIONS = {
    "c": ACTION_NAMES.c_compile,
    "S": ACTION_NAMES.preprocess_assemble,
    "s": ACTION_NAMES.assemble,
}

# Toolchain features that instrument code or add outputs that no action here declares. What a toolchain adds under other names is removed
# by drop_forbidden.
_UNSUPPORTED_FEATURES = [
    "asan",
    "autofdo",
    "coverage",
    "fdo_instrument",
    "fdo_optimize",
    "gcc_coverage_map_format",
    "layering_check",
    "llvm_coverage_map_format",
    "module_maps",
    "per_object_debug_info",
    "pic",
    "supports_pic",
    "thin_lto",
    "tsan",
    "ubsan",
]

# Nothing unwinds EL2 code. Without these, each C object has an .eh_frame, which no script of the kernel places.
_NO_UNWIND_TABLES = ["-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]

def compiler_for(ctx, sources, options, private_headers = []):
    """Collects what a target's compile actions have in common.

    Args:
      ctx: the rule's context; it has the attributes `toolchain_flags` and `tree`, and those of contexts_of.
      sources: list of File, what is compiled.
      options: list of lists of string, the target's options for each source, which have its include directories.
      private_headers: list of File, headers for this target only.

    Returns:
      struct, for the other functions of this file.
    """
    toolchain, tools = compile_tools(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features + _UNSUPPORTED_FEATURES +
                               ([] if ctx.attr.toolchain_flags else ["default_compile_flags"]),
    )
    contexts = contexts_of(ctx, private_headers)
    cc_info = contexts.own
    tree = ctx.attr.tree[HypTreeInfo] if ctx.attr.tree and HypTreeInfo in ctx.attr.tree else None
    archive = tree.archive if tree else None
    variables = cc_common.create_compile_variables(
        cc_toolchain = toolchain,
        feature_configuration = features,
    )
    listed = None
    if archive:
        flags = {kind: toolchain_options(ctx, struct(features = features, variables = variables), action) for kind, action in ACTIONS.items()}
        listed = list_headers(ctx, cc_info, toolchain, tree, tools.hypcc, sources, [
            flags[source.extension] + own
            for source, own in zip(sources, options)
        ])
    return struct(
        toolchain = toolchain,
        features = features,
        variables = variables,
        hypcc = tools.hypcc,
        # A tree that is an output has maps of its own, which these would override: the last one counts.
        map_outputs = not tree or not has_output_path(ctx, tree.root),
        cc_info = cc_info,
        # For dependents.
        public_cc_info = contexts.public,
        local_defines = contexts.local_defines,
        archive = archive,
        listed = listed,
        inputs = depset(
            ([tree.checked] if tree else []) + ([archive, listed.headers, listed.names] if archive else []),
            transitive = [toolchain.all_files, cc_info.compilation_context.headers],
        ),
    )

def _generated_path(file):
    return None if file.is_source else file.path

def toolchain_options(ctx, compiler, action_name):
    """Returns the options of the toolchain and of `--copt` for one kind of source, without those that must not reach EL2, and without unwind tables.

    Args:
      ctx: the rule's context.
      compiler: struct of compiler_for.
      action_name: string, one of ACTIONS.

    Returns:
      list of string.
    """
    flags = cc_common.get_memory_inefficient_command_line(
        feature_configuration = compiler.features,
        action_name = action_name,
        variables = compiler.variables,
    )
    if ctx.attr.toolchain_flags:
        if action_name == ACTION_NAMES.c_compile:
            flags = flags + _NO_UNWIND_TABLES
        flags = flags + ctx.fragments.cpp.copts
        if action_name == ACTION_NAMES.c_compile:
            flags = flags + ctx.fragments.cpp.conlyopts
    return drop_forbidden(flags)

def compiler_path(compiler, action_name):
    """Returns the compiler driver's path, relative to the execution root."""
    return cc_common.get_tool_for_action(feature_configuration = compiler.features, action_name = action_name)

def run_compiler(ctx, compiler, action_name, source, output, options, mnemonic, progress_message, more_inputs = depset()):
    """Registers one action of the compiler.

    Args:
      ctx: the rule's context.
      compiler: struct of compiler_for.
      action_name: string, one of ACTIONS.
      source: File, the source.
      output: File, what the compiler writes.
      options: list of Args: the compiler's arguments except `-o` and the source.
      mnemonic: string, the action's mnemonic.
      progress_message: string, the action's progress message.
      more_inputs: depset of File, further inputs, which always count as used.
    """
    program = ctx.actions.args()
    program.add("--")
    add_mapped(ctx, program, output, [compiler_path(compiler, action_name)])
    command = ctx.actions.args()
    command.add("-o", output)
    if compiler.map_outputs:
        add_output_prefix_maps(ctx, command, output)
    command.add(source)
    inputs = depset([source], transitive = [compiler.inputs, more_inputs])
    env = cc_common.get_environment_variables(
        feature_configuration = compiler.features,
        action_name = action_name,
        variables = compiler.variables,
    )
    requirements = {r: "" for r in cc_common.get_execution_requirements(
        feature_configuration = compiler.features,
        action_name = action_name,
    )}

    # Nothing maps paths in the environment.
    if not [v for v in env.values() if has_output_path(ctx, v)]:
        requirements |= PATH_MAPPING

    unused = ctx.actions.declare_file(output.basename + ".unused", sibling = output)
    wrapper = ctx.actions.args()
    wrapper.add(unused, format = "--unused=%s")
    add_mapped(ctx, wrapper, output, compiler.toolchain.built_in_include_directories, format = "--system-include=%s")
    headers = ctx.actions.args()
    if compiler.archive:
        wrapper.add(compiler.archive, format = "--archive=%s")
        wrapper.add(compiler.listed.headers, format = "--headers=%s")

        # The paths of outputs, which Bazel maps on command lines alone. There are few.
        headers.add_all(
            compiler.cc_info.compilation_context.headers,
            map_each = _generated_path,
            format_each = "--generated=%s",
            expand_directories = False,
        )
    else:
        headers.set_param_file_format("multiline")
        headers.use_param_file("--headers=%s", use_always = True)
        headers.add_all(compiler.cc_info.compilation_context.headers, expand_directories = False)
    ctx.actions.run(
        executable = compiler.hypcc,
        arguments = [wrapper, headers, program] + options + [command],
        inputs = inputs,
        outputs = [output, unused],
        unused_inputs_list = unused,
        env = env,
        execution_requirements = requirements,
        mnemonic = mnemonic,
        progress_message = progress_message,
        exec_group = COMPILE,
    )
