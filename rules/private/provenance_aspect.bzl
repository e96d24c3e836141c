# SPDX-License-Identifier: Apache-2.0

"""The aspect that makes an in-toto statement of what a target was made from."""

load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "HypProvenanceInfo")
load(":toolchains.bzl", "AUDIT_TOOLCHAINS", "audit_tool")

_ActionsInfo = provider(
    doc = "The actions of a target and of its dependencies.",
    fields = {"actions": "depset of struct: `label`; `actions`, a tuple of Action; `headers`, a depset of File that the target's compiles may read."},
)

# How many actions one target may need. Starlark has no loop without a bound.
_MAX_ACTIONS = 1000000

def _dependencies(rule):
    """Returns the targets in a rule's attributes."""
    found = []
    for name in dir(rule.attr):
        value = getattr(rule.attr, name)
        if type(value) == "Target":
            found.append(value)
        elif type(value) == "list":
            found += [v for v in value if type(v) == "Target"]
        elif type(value) == "dict":
            found += [v for v in value.keys() + value.values() if type(v) == "Target"]
    return found

# Bazel finds the headers of these actions while it runs them: at analysis, they are not among the inputs.
_FINDS_HEADERS = ["CppCompile", "ObjcCompile"]

def _headers(target, rule, deps):
    """Returns the headers that the compiles of a cc_library, or another rule of Bazel's own, may read."""
    own = [getattr(rule.files, name) for name in ["srcs", "hdrs", "textual_hdrs"] if hasattr(rule.files, name)]
    return depset(
        [f for files in own for f in files],
        transitive = [t[CcInfo].compilation_context.headers for t in deps + [target] if CcInfo in t],
    )

def _is_exec(path):
    """Returns whether a path of an output is one of an execution platform, whose configurations are named CPU-MODE-exec, with a suffix."""
    parts = path.split("/")
    return len(parts) > 1 and "-exec-" in parts[1] + "-"

def _collect_impl(target, ctx):
    # What runs during the build is a tool of the actions: its digest says what it is.
    if _is_exec(ctx.bin_dir.path):
        return []
    deps = _dependencies(ctx.rule)
    return [_ActionsInfo(actions = depset(
        [struct(label = target.label, actions = tuple(target.actions), headers = _headers(target, ctx.rule, deps))],
        transitive = [dep[_ActionsInfo].actions for dep in deps if _ActionsInfo in dep],
    ))]

_collect = aspect(
    implementation = _collect_impl,
    attr_aspects = ["*"],
    doc = "Collects the actions of a target and of its dependencies.",
    provides = [],
)

def _command(action):
    """Returns an action's command; that of a compile without the headers that it may read, but with the name of a file of them."""
    argv = action.argv
    if argv[0].endswith("/hypcc") and "--" in argv:
        end = argv.index("--")
        return [argv[0]] + [a for a in argv[:end] if a.startswith("--unused=") or a.startswith("--headers=")] + argv[end:]
    return argv

def _inputs(action, group):
    """Returns what an action may read."""
    if action.mnemonic in _FINDS_HEADERS:
        return depset(transitive = [action.inputs, group.headers])
    return action.inputs

def _needed(groups, outputs):
    """Walks back from outputs: returns the actions with a command that they need, as structs for the record."""
    producers = {}
    for group in groups:
        for action in group.actions:
            for output in action.outputs.to_list():
                producers[output] = (group, action)
    queue = [output for output in outputs if not output.is_source]
    seen = {output: True for output in queue}
    needed = []
    known = {}
    for i in range(_MAX_ACTIONS):
        if i == len(queue):
            break
        if queue[i] not in producers:
            # Bazel writes the workspace's status by itself.
            if not queue[i].path.endswith("-status.txt"):
                fail("hyp_provenance: no target in the attributes of the rules makes %s; the statement would not say what it is from [E9501]" % queue[i].path)
            continue
        group, action = producers[queue[i]]
        key = action.outputs.to_list()[0]
        if key in known:
            continue
        known[key] = True
        inputs = _inputs(action, group)
        if action.argv != None:
            needed.append(struct(
                mnemonic = action.mnemonic,
                label = str(group.label),
                command = _command(action),
                env = action.env,
                inputs = inputs,
                outputs = action.outputs,
            ))
        for file in inputs.to_list():
            if file not in seen and not file.is_source and not _is_exec(file.path):
                seen[file] = True
                queue.append(file)
    return needed

def _line(action):
    return json.encode({
        "mnemonic": action.mnemonic,
        "label": action.label,
        "command": action.command,
        "env": action.env,
        "inputs": [f.path for f in action.inputs.to_list()],
        "outputs": [f.path for f in action.outputs.to_list()],
    })

def _statement_impl(target, ctx):
    outputs = target[DefaultInfo].files.to_list()
    if _ActionsInfo not in target or not outputs:
        fail("%s: hyp_provenance needs a target that makes files, and is not built for an execution platform [E9501]" % target.label)
    actions = _needed(target[_ActionsInfo].actions.to_list(), outputs)
    made = {f: True for a in actions for f in a.outputs.to_list()}
    subjects = [f for f in outputs if f in made]
    if not subjects:
        fail("%s: no action with a command makes its files; name a target that is built [E9501]" % target.label)

    directory = target.label.name + ".provenance"
    record = ctx.actions.declare_file(directory + "/actions.jsonl")
    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    lines.add_all(actions, map_each = _line)
    ctx.actions.write(record, lines)

    statement = ctx.actions.declare_file(directory + "/statement.json")
    sbom = ctx.actions.declare_file(directory + "/sbom.cdx.json")
    args = ctx.actions.args()
    args.add("attest")
    args.add("--unsigned")
    args.add(record, format = "--record=%s")
    args.add_all(subjects, format_each = "--subject=%s", expand_directories = False)
    args.add(sbom, format = "--sbom=%s")
    args.add("-o", statement)
    args.add(str(target.label))
    unused = depset([f for f in made if f.extension in ["d", "unused"]])
    ctx.actions.run(
        arguments = [args],
        inputs = depset([record], transitive = [a.inputs for a in actions] + [a.outputs for a in actions]),
        outputs = [statement, sbom],
        mnemonic = "HypProvenance",
        progress_message = "Making the statement of %{label}",
        env = {},
        **audit_tool(ctx, target.label)
    )
    return [
        HypProvenanceInfo(statement = statement, sbom = sbom, unused = unused),
        OutputGroupInfo(
            hyp_provenance = depset([statement]),
            hyp_sbom = depset([sbom]),
            hyp_unused = unused,
        ),
    ]

hyp_provenance_aspect = aspect(
    implementation = _statement_impl,
    doc = """Makes the statement of any target whose files are made by actions: for each, an action `HypProvenance`.

```
bazel build --aspects=@rules_hyp//rules:defs.bzl%hyp_provenance_aspect --output_groups=+hyp_provenance //PACKAGE:NAME
```

Output groups: `hyp_provenance`, the statement; `hyp_sbom`, the bill of materials; `hyp_unused`, the lists of headers that compiles did not read, and the
dependency files of those of other rules, which `hypaudit attest --execution-log` needs. An output that the target needs and that none of its dependencies makes, as of a toolchain that is
not built for the execution platform, is an error.""",
    toolchains = AUDIT_TOOLCHAINS,
    requires = [_collect],
)
