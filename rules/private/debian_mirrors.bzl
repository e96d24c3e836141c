# SPDX-License-Identifier: Apache-2.0

"""Finds the Debian mirrors that the machine is configured to use.

The locks of this repository have paths in a Debian archive (`pool/…`) and no host. Where to download from is up to the machine: an environment
variable, or apt's sources.
"""

MIRROR_VARIABLE = "RULES_HYP_DEBIAN_MIRROR"

_SCHEMES = ["http://", "https://", "file:/"]

_SOURCES_LIST = "/etc/apt/sources.list"
_SOURCES_DIRECTORY = "/etc/apt/sources.list.d"

def _base(uri):
    """Returns a base URL without trailing slashes, or None if Bazel's downloader cannot read it."""
    for scheme in _SCHEMES:
        if uri.startswith(scheme):
            return uri.rstrip("/")
    return None

def _entry(uri, suites, components):
    """Returns the base URL of one source, or None if it does not have Debian's component `main`."""
    if "main" not in components or not suites:
        return None
    return _base(uri)

def parse_one_line_sources(text):
    """Reads apt's one-line format (sources.list(5), "ONE-LINE-STYLE FORMAT").

    Args:
        text: the contents of a `.list` file.

    Returns:
        The base URLs of its binary sources with a component `main`, in order.
    """
    bases = []
    for raw in text.split("\n"):
        words = [word for word in raw.split("#")[0].replace("\t", " ").split(" ") if word]
        if not words or words[0] != "deb":
            continue
        words = words[1:]
        if words and words[0].startswith("["):
            # The options end with the word that ends with a bracket.
            rest = []
            inside = True
            for word in words:
                if not inside:
                    rest.append(word)
                elif word.endswith("]"):
                    inside = False
            words = rest
        if len(words) < 3:
            continue
        base = _entry(words[0], [words[1]], words[2:])
        if base:
            bases.append(base)
    return bases

def _stanza_bases(fields):
    if "deb" not in fields.get("types", []) or fields.get("enabled", ["yes"]) in [["no"], ["false"]]:
        return []
    bases = []
    for uri in fields.get("uris", []):
        base = _entry(uri, fields.get("suites", []), fields.get("components", []))
        if base:
            bases.append(base)
    return bases

def parse_deb822_sources(text):
    """Reads apt's deb822 format (sources.list(5), "DEB822-STYLE FORMAT").

    Args:
        text: the contents of a `.sources` file.

    Returns:
        The base URLs of its enabled binary sources with a component `main`, in order.
    """
    bases = []
    fields = {}
    name = None
    for line in text.split("\n") + [""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            bases += _stanza_bases(fields)
            fields = {}
            name = None
            continue
        if line[0] in " \t":
            value = line
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = []
        if name:
            fields[name] += [word for word in value.replace("\t", " ").strip().split(" ") if word]
    return bases

def _read(rctx, path):
    # Downloads are pinned by SHA-256, so a change of mirror must not trigger a new fetch.
    return rctx.read(path, watch = "no")

def debian_mirrors(rctx):
    """Lists the base URLs below which a Debian archive's `pool/` may be found.

    Args:
        rctx: the repository context.

    Returns:
        Base URLs without trailing slash and without duplicates, in the machine's order. Never empty: having no mirror is an
        error that says what to set.
    """
    given = [word for word in (rctx.getenv(MIRROR_VARIABLE) or "").replace("\n", " ").split(" ") if word]
    if given:
        bases = []
        for uri in given:
            base = _base(uri)
            if not base:
                fail("{}: got {}, want base URLs that start with one of {}; correct it [E9011]".format(
                    MIRROR_VARIABLE,
                    repr(uri),
                    ", ".join(_SCHEMES),
                ))
            bases.append(base)
        return _unique(bases)

    bases = []
    sources_list = rctx.path(_SOURCES_LIST)
    if sources_list.exists:
        bases += parse_one_line_sources(_read(rctx, sources_list))
    directory = rctx.path(_SOURCES_DIRECTORY)
    if directory.exists:
        for path in sorted(directory.readdir(watch = "no"), key = lambda p: p.basename):
            if path.basename.endswith(".list"):
                bases += parse_one_line_sources(_read(rctx, path))
            elif path.basename.endswith(".sources"):
                bases += parse_deb822_sources(_read(rctx, path))
    if not bases:
        fail(("{} and {} name no Debian mirror, and {name} is not set; set it to the base URL of one, the parent of " +
              "pool/ and dists/, for example with --repo_env={name}=URL [E9012]").format(
            _SOURCES_LIST,
            _SOURCES_DIRECTORY,
            name = MIRROR_VARIABLE,
        ))
    return _unique(bases)

def _unique(items):
    return {item: None for item in items}.keys()
