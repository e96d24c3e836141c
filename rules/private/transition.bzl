"""Moves hyp_object to the platform its code runs on, so that a plain `bazel build` is enough on any host."""

_PLATFORMS = "//command_line_option:platforms"

def _to_platform(settings, attr):
    # Bazel gives a target that asks for the configuration it is in the very same configuration, so nothing is built twice.
    if attr.keep_platform:
        return {_PLATFORMS: settings[_PLATFORMS]}
    return {_PLATFORMS: [str(attr.platform)]}

to_platform = transition(
    implementation = _to_platform,
    inputs = [_PLATFORMS],
    outputs = [_PLATFORMS],
)
