# SPDX-License-Identifier: Apache-2.0

"""The transition of hyp_object to its platform, so that `bazel build` needs no flags on any host."""

_PLATFORMS = "//command_line_option:platforms"

def _to_platform(settings, attr):
    # A transition to the current platform gives the same configuration, so nothing is built twice.
    if attr.keep_platform:
        return {_PLATFORMS: settings[_PLATFORMS]}
    return {_PLATFORMS: [str(attr.platform)]}

to_platform = transition(
    implementation = _to_platform,
    inputs = [_PLATFORMS],
    outputs = [_PLATFORMS],
)
