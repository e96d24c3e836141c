"""Repositories of prebuilt hyplink, hypcc and launch, from the archives that //tools/release builds."""

# The programs of an archive.
PROGRAMS = ["hypcc", "hyplink", "launch"]

# Platforms, as Go names them, and their constraint values.
PLATFORMS = {
    "linux_amd64": ["@platforms//os:linux", "@platforms//cpu:x86_64"],
    "linux_arm64": ["@platforms//os:linux", "@platforms//cpu:aarch64"],
}

def _archive_impl(rctx):
    rctx.download_and_extract(rctx.attr.urls, sha256 = rctx.attr.sha256)
    missing = [program for program in PROGRAMS if not rctx.path(program).exists]
    if missing:
        fail("{}: no {} in the archive; give the URL of an archive that @rules_hyp//tools/release built".format(
            rctx.attr.urls[0],
            ", ".join(missing),
        ))
    rctx.file("BUILD.bazel", "exports_files({})\n".format(PROGRAMS), executable = False)

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
        for program in PROGRAMS:
            text += '    {program} = "@{repository}//:{program}",\n'.format(program = program, repository = _archive_name(rctx.attr.prefix, platform))
        text += ")\n"
    rctx.file("BUILD.bazel", text, executable = False)

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
            fail("prebuilt programs: platform: got {}, want one of {}".format(repr(platform), ", ".join(PLATFORMS)))
        if not archive.urls:
            fail("prebuilt programs for {}: no urls; give the URL of an archive that @rules_hyp//tools/release built".format(platform))
        if len(archive.sha256) != 64:
            fail("prebuilt programs for {}: sha256: got {}, want 64 hexadecimal digits".format(platform, repr(archive.sha256)))
        _prebuilt_archive(name = _archive_name(name, platform), sha256 = archive.sha256, urls = archive.urls)
    _prebuilt_toolchains(name = name, platforms = sorted(archives), prefix = name)
