"""Compares a kernel tree with the one that hypgen's files were generated for."""

# What hypgen writes into a header manifest before the kernel's version and before the fingerprint of its configuration.
_RELEASE = " of Linux "
_CONFIGURATION = "# Configuration: "

def tree_release(makefile):
    """Returns the version of a kernel, such as 6.1.176, from the text of its top Makefile."""
    values = {}
    for line in makefile.split("\n"):
        name, _, value = line.partition("=")
        values.setdefault(name.strip(), value.strip())
    numbers = [values[name] for name in ["VERSION", "PATCHLEVEL", "SUBLEVEL"] if values.get(name)]
    return ".".join(numbers) + values.get("EXTRAVERSION", "")

def fingerprint(config):
    """Returns the number, in hexadecimal, that hypgen makes of all values in the text of a .config."""
    return "%x" % (hash("\n".join([line for line in config.split("\n") if line.startswith("CONFIG_")])) & 0xffffffff)

def tree_difference(manifest, makefile, config):
    """Compares a tree with a header manifest of hypgen.

    Args:
        manifest: the text of the manifest.
        makefile: the text of the tree's top Makefile; empty if the tree has none, as that of Debian's packages.
        config: the text of the tree's .config.

    Returns:
        What is different, or None. Of a manifest that does not say what it is for, nothing is.
    """
    head = [line for line in manifest.split("\n") if line.startswith("#")]
    if makefile and head and _RELEASE in head[0]:
        want = head[0].split(_RELEASE)[1].split(" ")[0]
        got = tree_release(makefile)
        if got != want:
            return "it is Linux {}, and the manifest is for Linux {}".format(got, want)
    for line in head:
        if line.startswith(_CONFIGURATION):
            want = line[len(_CONFIGURATION):].split(",")[0]
            got = fingerprint(config)
            if got != want:
                return "its .config is not the one, or not for the compiler, that the manifest is for (fingerprint {}, want {})".format(got, want)
    return None
