# SPDX-License-Identifier: Apache-2.0

"""Repositories of prebuilt programs, from the archives that //tools/release builds."""

# The programs that an archive must have.
PROGRAMS = ["hypcc", "hyplink", "launch"]

# Those of the toolchains. A build that makes no statement needs no hypaudit.
_TOOLCHAIN_PROGRAMS = PROGRAMS + ["hypaudit"]

# The programs of an archive that people run.
_COMMANDS = ["hypaudit", "hypgen", "hyplink"]

# Platforms, as Go names them, and their constraint values.
PLATFORMS = {
    "linux_amd64": ["@platforms//os:linux", "@platforms//cpu:x86_64"],
    "linux_arm64": ["@platforms//os:linux", "@platforms//cpu:aarch64"],
}

def _archive_impl(rctx):
    rctx.download_and_extract(rctx.attr.urls, sha256 = rctx.attr.sha256)
    missing = [program for program in PROGRAMS if not rctx.path(program).exists]
    if missing:
        fail("{}: no {} in the archive; give the URL of an archive that @rules_hyp//tools/release built [E9003]".format(
            rctx.attr.urls[0],
            ", ".join(missing),
        ))

    # An archive for actions only needs no others.
    programs = sorted({program: None for program in PROGRAMS + _COMMANDS if rctx.path(program).exists})
    rctx.file("BUILD.bazel", "exports_files({})\n".format(programs), executable = False)

_prebuilt_archive = repository_rule(
    implementation = _archive_impl,
    doc = "The programs for one platform.",
    attrs = {
        "sha256": attr.string(mandatory = True),
        "urls": attr.string_list(mandatory = True),
    },
)

def _toolchains_impl(rctx):
    text = 'load("{}", "hyp_prebuilt_toolchains")\n'.format(Label("//rules:toolchains.bzl"))
    for platform in rctx.attr.platforms:
        text += """
hyp_prebuilt_toolchains(
    name = "{platform}",
    constraints = {constraints},
""".format(platform = platform, constraints = PLATFORMS[platform])
        for program in _TOOLCHAIN_PROGRAMS:
            text += '    {program} = "@{repository}//:{program}",\n'.format(program = program, repository = _archive_name(rctx.attr.prefix, platform))
        text += ")\n"
    text += _commands(rctx.attr.prefix, rctx.attr.platforms)
    rctx.file("BUILD.bazel", text, executable = False)

def _commands(prefix, platforms):
    """Returns aliases of the programs that people run, for `bazel run`, by the platform that they run on."""
    text = ""
    for platform in platforms:
        text += """
config_setting(
    name = "is_{platform}",
    constraint_values = {constraints},
)
""".format(platform = platform, constraints = PLATFORMS[platform])
    for program in _COMMANDS:
        text += """
alias(
    name = "{program}",
    actual = select({{
{cases}    }}, no_match_error = "no prebuilt {program} for this platform: it is none of {platforms}"),
    visibility = ["//visibility:public"],
)
""".format(
            cases = "".join([
                '        ":is_{platform}": "@{repository}//:{program}",\n'.format(platform = platform, program = program, repository = _archive_name(prefix, platform))
                for platform in platforms
            ]),
            platforms = ", ".join(platforms),
            program = program,
        )
    return text

# Of all platforms: registering its toolchains downloads no archive.
_prebuilt_toolchains = repository_rule(
    implementation = _toolchains_impl,
    doc = "The toolchains of the programs for all platforms.",
    attrs = {
        "platforms": attr.string_list(mandatory = True),
        "prefix": attr.string(mandatory = True),
    },
)

def _archive_name(prefix, platform):
    return prefix + "_" + platform

def prebuilt_tools(name, archives):
    """Declares the repositories of prebuilt programs.

    Args:
        name: the name of the repository with the toolchains.
        archives: dict from platform, one of PLATFORMS, to a struct with the `urls` and the `sha256` of its archive.
    """
    for platform, archive in archives.items():
        if platform not in PLATFORMS:
            fail("prebuilt programs: platform: got {}, want one of {} [E9003]".format(repr(platform), ", ".join(PLATFORMS)))
        if not archive.urls:
            fail("prebuilt programs for {}: no urls; give the URL of an archive that @rules_hyp//tools/release built [E9003]".format(platform))
        if len(archive.sha256) != 64:
            fail("prebuilt programs for {}: sha256: got {}, want 64 hexadecimal digits [E9003]".format(platform, repr(archive.sha256)))
        _prebuilt_archive(name = _archive_name(name, platform), sha256 = archive.sha256, urls = archive.urls)
    _prebuilt_toolchains(name = name, platforms = sorted(archives), prefix = name)
