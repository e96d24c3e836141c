# SPDX-License-Identifier: Apache-2.0

"""User names and passwords of mirrors, from the files in which the machine's apt has them (apt_auth.conf(5))."""

_AUTH = "/etc/apt/auth.conf"
_AUTH_DIRECTORY = "/etc/apt/auth.conf.d"

_TOKENS = ["login", "machine", "password"]

def parse_auth(text):
    """Parses a file of apt's user names and passwords.

    Args:
        text: the contents of an `auth.conf`.

    Returns:
        A list of dicts with `machine`, and `login` and `password` if they are there, in order.
    """
    words = []
    for line in text.split("\n"):
        if not line.strip().startswith("#"):
            words += [word for word in line.replace("\t", " ").strip().split(" ") if word]
    entries = []
    token = None
    for word in words:
        if token == "machine":
            entries.append({token: word})
            token = None
        elif token:
            if entries:
                entries[-1][token] = word
            token = None
        elif word in _TOKENS:
            token = word
    return entries

def _matches(machine, url):
    """Tells whether an entry is for a URL: `[protocol://]host[:port][/path]`, where https is the protocol if none is there."""
    protocol, separator, rest = machine.partition("://")
    if not separator:
        protocol, rest = "https", machine
    scheme, _, address = url.partition("://")
    host, _, path = address.partition("/")
    wanted, slash, start = rest.partition("/")
    if ":" not in wanted:
        host = host.partition(":")[0]
    return protocol == scheme and wanted == host and (not slash or path.startswith(start))

def auth_for(entries, urls):
    """Chooses what to send to each of some URLs, which otherwise would be refused.

    Args:
        entries: what `parse_auth` returned.
        urls: a list of URLs. One with a user name of its own needs no entry.

    Returns:
        A dict for the parameter `auth` of `rctx.download`.
    """
    auth = {}
    for url in urls:
        for entry in entries:
            if "@" not in url.partition("://")[2].partition("/")[0] and _matches(entry["machine"], url):
                auth[url] = {
                    "login": entry.get("login", ""),
                    "password": entry.get("password", ""),
                    "type": "basic",
                }
                break
    return auth

def debian_auth(rctx):
    """Reads apt's user names and passwords, as far as the user may.

    Args:
        rctx: the repository context.

    Returns:
        A list of entries for `auth_for`.
    """
    entries = []
    paths = [rctx.path(_AUTH)]
    directory = rctx.path(_AUTH_DIRECTORY)
    if directory.exists:
        paths += [path for path in sorted(directory.readdir(), key = str) if path.basename.endswith(".conf")]
    for path in paths:
        if path.exists:
            # Mostly only root may read these, and rctx.read would fail.
            result = rctx.execute(["cat", str(path)])
            if result.return_code == 0:
                entries += parse_auth(result.stdout)
    return entries
