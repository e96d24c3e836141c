"""Compiles one source to NAME.hyp.o, or preprocesses one, with actions of our own.

The actions are not cc_library's: each option that reaches EL2 code is known and in a known order, the object has a name of its
own, and a header that a source does not read does not cause a compile.
"""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:find_cc_toolchain.bzl", "CC_TOOLCHAIN_TYPE")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load(":flags.bzl", "drop_forbidden")
load(":toolchains.bzl", "cc_toolchain", "hyplink_tools")

# What the compiler driver is asked to do for a source, by the source's extension.
ACTIONS = {
    "c": ACTION_NAMES.c_compile,
    "S": ACTION_NAMES.preprocess_assemble,
    "s": ACTION_NAMES.assemble,
}

# Toolchain features that instrument code or add outputs which no action here declares; drop_forbidden takes what a toolchain adds
# under other names.
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

def compiler_for(ctx):
    """Collects what all compile actions of a target share.

    Args:
      ctx: the rule's context; it has the attributes `toolchain_flags`, `deps`, `hdrs`, `includes` and `defines`.

    Returns:
      struct, to be passed to the other functions of this file.
    """
    toolchain = cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features + _UNSUPPORTED_FEATURES +
                               ([] if ctx.attr.toolchain_flags else ["default_compile_flags"]),
    )
    cc_info = _cc_info(ctx)
    return struct(
        toolchain = toolchain,
        features = features,
        variables = cc_common.create_compile_variables(
            cc_toolchain = toolchain,
            feature_configuration = features,
        ),
        hypcc = hyplink_tools(ctx).hypcc,
        cc_info = cc_info,
        inputs = depset(transitive = [toolchain.all_files, cc_info.compilation_context.headers]),
    )

def _cc_info(ctx):
    """Returns the CcInfo of the target itself: its headers, includes and defines, and those of its deps."""
    root = ctx.label.workspace_root
    package = _join(root, ctx.label.package)
    bin_dir = ctx.bin_dir.path
    includes = []
    for include in ctx.attr.includes:
        if include.startswith("/") or ".." in include.split("/"):
            fail("%s: includes: got %r, want a folder below this package; name the package that owns it in deps" % (ctx.label, include))
        folder = _join(package, "" if include == "." else include)
        includes += [folder or ".", _join(bin_dir, folder)]
    own = CcInfo(compilation_context = cc_common.create_compilation_context(
        headers = depset(ctx.files.hdrs),
        includes = depset(includes),
        quote_includes = depset([root or ".", _join(bin_dir, root)] if ctx.attr.toolchain_flags else []),
        defines = depset(ctx.attr.defines),
    ))
    return cc_common.merge_cc_infos(
        direct_cc_infos = [own],
        cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
    )

def _join(*parts):
    return "/".join([p for p in parts if p])

def toolchain_options(ctx, compiler, action_name):
    """Finds the toolchain's options and the command line's for one kind of source, without those that must not reach EL2.

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
        flags = flags + ctx.fragments.cpp.copts
        if action_name == ACTION_NAMES.c_compile:
            flags = flags + ctx.fragments.cpp.conlyopts
    return drop_forbidden(flags)

def compiler_path(compiler, action_name):
    """Returns the compiler driver's path, relative to the execution root."""
    return cc_common.get_tool_for_action(feature_configuration = compiler.features, action_name = action_name)

def context_args(ctx, compiler):
    """Puts the defines and include folders of the target and its deps on the command line; no depset is flattened.

    Args:
      ctx: the rule's context.
      compiler: struct of compiler_for.

    Returns:
      Args.
    """
    args = ctx.actions.args()
    for flag, values in context_options(compiler.cc_info.compilation_context):
        args.add_all(values, format_each = flag + "%s")
    return args

def context_options(context):
    """Returns [(option, depset of its values)] of a compilation context, in the order of the command line."""
    return [
        ("-D", context.defines),
        ("-iquote", context.quote_includes),
        ("-I", context.includes),
        ("-isystem", context.system_includes),
        ("-isystem", context.external_includes),
    ]

def run_compiler(ctx, compiler, action_name, source, output, options, mnemonic, progress_message, more_inputs = depset()):
    """Registers one action of the compiler.

    Args:
      ctx: the rule's context.
      compiler: struct of compiler_for.
      action_name: string, one of ACTIONS.
      source: File, the source.
      output: File, what the compiler writes.
      options: list of string and Args: everything behind the compiler's name, but for `-o` and the source.
      mnemonic: string, the action's mnemonic.
      progress_message: string, what Bazel shows while the action runs.
      more_inputs: depset of File, further inputs, which always count as read.
    """
    path = compiler_path(compiler, action_name)
    command = ctx.actions.args()
    command.add("-o", output)
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

    unused = ctx.actions.declare_file(output.basename + ".unused", sibling = output)
    wrapper = ctx.actions.args()
    wrapper.add(unused, format = "--unused=%s")
    headers = ctx.actions.args()
    headers.use_param_file("--headers=%s", use_always = True)
    headers.set_param_file_format("multiline")
    headers.add_all(compiler.cc_info.compilation_context.headers, expand_directories = False)
    arguments = [wrapper, headers, "--", path]

    # Plain strings stand in one Args, so that Bazel keeps them once for all actions of a target.
    for option in options:
        arguments.append(option)
    ctx.actions.run(
        executable = compiler.hypcc,
        arguments = arguments + [command],
        inputs = inputs,
        outputs = [output, unused],
        unused_inputs_list = unused,
        env = env,
        execution_requirements = requirements,
        mnemonic = mnemonic,
        progress_message = progress_message,
        toolchain = CC_TOOLCHAIN_TYPE,
    )
