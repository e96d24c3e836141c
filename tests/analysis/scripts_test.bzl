# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of several linker scripts, of what they include, and of hyp_cc_object."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts", "unittest")
load("//rules:defs.bzl", "hyp_cc_object", "hyp_linker_script", "hyp_object")
load("//rules:providers.bzl", "HypObjectInfo")
load("//rules/private:cc_object.bzl", "cc_object_error")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_fails", "assert_has", "assert_has_not", "basenames", "options_of")

_TOOLCHAIN_ONLY = {k: v for k, v in ON_ARM64.items() if not k.endswith(":platforms")}

def _scripts_of(action):
    return [a.split("/")[-1] for a in action.argv if a.startswith("--script=")]

def _several_impl(ctx):
    env = analysistest.begin(ctx)
    for mnemonic in ["HypPartialLink", "HypCheck"]:
        action = actions_of(env, mnemonic)[0]
        asserts.equals(env, ["script.lds", "plain.lds"], _scripts_of(action), mnemonic)
        inputs = [a.split("/")[-1] for a in action.argv if a.startswith("--script-input=")]
        asserts.equals(env, ["header.h", "script.lds"], inputs, mnemonic)
        assert_has(env, basenames(action.inputs), ["script.lds", "plain.lds", "header.h"])
    target = analysistest.target_under_test(env)
    info = target[HypObjectInfo]
    asserts.equals(env, "script.lds", info.linker_script.basename)
    asserts.equals(env, ["script.lds", "plain.lds"], basenames(info.linker_scripts))
    asserts.equals(env, ["header.h", "script.lds"], basenames(info.script_inputs))
    asserts.equals(env, ["script.lds", "plain.lds"], basenames(target[OutputGroupInfo].linker_script))
    return analysistest.end(env)

several_test = analysistest.make(_several_impl, config_settings = _TOOLCHAIN_ONLY)

def _object_impl(ctx):
    env = analysistest.begin(ctx)
    link = actions_of(env, "HypPartialLink")[0]
    asserts.equals(env, [ctx.attr.script], _scripts_of(link))
    asserts.equals(env, ["second.hyp.o", "first-one.hyp.o", "twin.hyp.o"], [a.split("/")[-1] for a in link.argv if a.endswith(".hyp.o")])
    for option in ctx.attr.options:
        assert_has(env, actions_of(env, "HypCheck")[0].argv, [option])
    target = analysistest.target_under_test(env)
    asserts.equals(env, ["hyp.o"], basenames(target[DefaultInfo].files))
    asserts.equals(env, ["undefined.txt"], basenames(target[DefaultInfo].default_runfiles.files))
    return analysistest.end(env)

object_test = analysistest.make(
    _object_impl,
    attrs = {"options": attr.string_list(), "script": attr.string()},
    config_settings = _TOOLCHAIN_ONLY,
)

def _library_impl(ctx):
    env = analysistest.begin(ctx)
    assembly, c = [options_of(a) for a in actions_of(env, "HypCompile")]
    assert_has(env, c, ["-DDEFINE", "-DLOCAL", "-DC=" + "tests/analysis/fixtures/undefined.txt"])
    assert_has_not(env, c, ["-DASM"])
    assert_has(env, assembly, ["-DDEFINE", "-DLOCAL", "-DASM"])
    return analysistest.end(env)

library_test = analysistest.make(_library_impl, config_settings = ON_ARM64)

def _preprocessed_impl(ctx):
    env = analysistest.begin(ctx)
    action = actions_of(env, "HypLinkerScript")[0]
    assert_has(env, options_of(action), ["-DDEFINE", "-DSCRIPT"])
    assert_has_not(env, options_of(action), ["-DLOCAL", "-DASM"])
    assert_has(env, basenames(action.inputs), ["script.lds.S", "header.h"])
    return analysistest.end(env)

preprocessed_test = analysistest.make(_preprocessed_impl, config_settings = ON_ARM64)

def _contents_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ctx.attr.contents, analysistest.target_actions(env)[0].content)
    return analysistest.end(env)

contents_test = analysistest.make(_contents_impl, attrs = {"contents": attr.string()})

sections_test = analysistest.make(
    assert_fails("sections: got \"*(.text)\", want the start of input sections' names, such as .text"),
    expect_failure = True,
)

# Arguments, and a part of the error.
_WRONG = [
    (dict(script = ":a", sections = [".text"]), "got script and sections"),
    (dict(others = {"linker_script": ":a"}), "it is called script here"),
    (dict(script = select({"//conditions:default": "a.lds.S"})), "got a select() of files"),
    (dict(script = select({"//conditions:default": ":a"})), None),
    (dict(script = ":a", script_copts = ["-DA"]), "script is not a .lds.S"),
    (dict(script = "a.lds", script_copts = ["-DA"]), "script is not a .lds.S"),
    (dict(script_copts = ["-DA"]), "script is not a .lds.S"),
    (dict(script = "//b:a.lds.S", script_copts = ["-DA"]), None),
    (dict(script = Label("//b:a.lds.S"), script_copts = ["-DA"]), None),
    (dict(sections = []), None),
]

def _errors_impl(ctx):
    env = unittest.begin(ctx)
    for arguments, want in _WRONG:
        got = cc_object_error(**(dict(script = None, script_copts = [], sections = None, others = {}) | arguments))
        asserts.true(env, want in got if got and want else got == want, "%s: got %s, want %s" % (arguments, got, want))
    return unittest.end(env)

errors_test = unittest.make(_errors_impl)

_DEFAULT = """SECTIONS {
	.hyp.text : {
		__hyp_section_.hyp.text = .;
		*(.text .text.*)
	}
	.hyp.rodata : {
		__hyp_section_.hyp.rodata = .;
		*(.rodata .rodata.*)
	}
	.hyp.data : {
		__hyp_section_.hyp.data = .;
		*(.data .data.*)
	}
	.hyp.bss : {
		__hyp_section_.hyp.bss = .;
		*(.bss .bss.*)
	}
}
"""

_OWN = """SECTIONS {
	.island.text : {
		*(.text .text.*)
	}
	.island.data..percpu : {
		*(.data..percpu .data..percpu.*)
	}
}
"""

def _cc_object(name, **kwargs):
    hyp_cc_object(
        name = name,
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        hdrs = ["fixtures/header.h"],
        asmopts = ["-DASM"],
        copts = ["-DC=$(rootpath fixtures/undefined.txt)"],
        data = ["fixtures/undefined.txt"],
        defines = ["DEFINE"],
        local_defines = ["LOCAL"],
        tags = ["manual"],
        deps = [":attributes_other"],
        **kwargs
    )

def _subjects():
    manual = ["manual"]
    hyp_linker_script(name = "scripts_first", src = "fixtures/script.lds.S", hdrs = ["fixtures/header.h"], tags = manual)
    hyp_object(
        name = "scripts_several",
        additional_inputs = ["fixtures/header.h", ":scripts_first"],
        linker_script = ":scripts_first",
        more_linker_scripts = [":object_plain_script"],
        tags = manual,
        deps = [":object_library"],
    )
    _cc_object("cc_default", hyp_relocations = True, symbol_prefix = "__p_")
    _cc_object("cc_sections", hyp_section_prefix = ".island", sections = [".text", ".data..percpu"])
    _cc_object("cc_script", script = "fixtures/script.lds.S", script_copts = ["-DSCRIPT"])
    _cc_object("cc_plain", allowed_sections = [".init.x"], script = "fixtures/plain.lds")
    _cc_object("cc_target", script = ":scripts_first")
    _cc_object("cc_pattern", sections = ["*(.text)"])

    # Bazel rejects a property of a group that the rule does not have.
    _cc_object(
        "cc_properties",
        exec_properties = {group + ".memory": "1" for group in ["compile", "link", "relocations", "prefix", "check", "page"]} | {"memory": "2"},
        script = "fixtures/script.lds.S",
    )

def scripts_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    _subjects()
    tests = [
        ("several", several_test, ":scripts_several", {}),
        ("cc_default", object_test, ":cc_default", {
            "options": ["--symbol-prefix=__p_", "--hyp-relocations=required", "--section-prefix=.hyp"],
            "script": "sections.lds",
        }),
        ("cc_library", library_test, ":cc_default.lib", {}),
        ("cc_default_script", contents_test, ":cc_default.lds", {"contents": _DEFAULT}),
        ("cc_sections", object_test, ":cc_sections", {"options": ["--section-prefix=.island"], "script": "sections.lds"}),
        ("cc_sections_script", contents_test, ":cc_sections.lds", {"contents": _OWN}),
        ("cc_script", object_test, ":cc_script", {"script": "script.lds"}),
        ("cc_preprocessed", preprocessed_test, ":cc_script.lds", {}),
        ("cc_plain", object_test, ":cc_plain", {"options": ["--allowed-section=.init.x"], "script": "plain.lds"}),
        ("cc_target", object_test, ":cc_target", {"script": "script.lds"}),
        ("cc_pattern", sections_test, ":cc_pattern.lds", {}),
        ("cc_properties", object_test, ":cc_properties", {"script": "script.lds"}),
    ]
    for test, rule, subject, attributes in tests:
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject, **attributes)
    errors_test(name = name + "_errors_test", size = "small")
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t[0]) for t in tests] + [name + "_errors_test"])
