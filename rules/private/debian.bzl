# SPDX-License-Identifier: Apache-2.0

"""Downloads and unpacks pinned Debian packages with Bazel alone: no apt, dpkg, ar, tar or xz from the host."""

load(":debian_mirrors.bzl", "MIRROR_VARIABLE", _debian_mirrors = "debian_mirrors")

debian_mirrors = _debian_mirrors

# Scratch space of a fetch, deleted at its end.
_SCRATCH = "_debian"

_FIELDS = {"name": "string", "version": "string", "path": "string", "sha256": "string", "size": "int"}

def debian_lock(rctx, lock):
    """Reads a lock of Debian packages.

    A lock is JSON: `{"packages": [{"name", "version", "path", "sha256", "size"}]}`, where `path` is the package's path in a Debian
    archive, `pool/…`, and `size` is in bytes.

    Args:
        rctx: the repository context.
        lock: label of the lock.

    Returns:
        A dict from package name to a struct with these five fields, in the order of the lock.
    """
    packages = {}
    for entry in json.decode(rctx.read(lock))["packages"]:
        for field, kind in _FIELDS.items():
            if type(entry.get(field)) != kind:
                fail("{}: package {}: field {}: got {}, want a {}; regenerate the lock [E9008]".format(
                    lock,
                    entry.get("name"),
                    field,
                    repr(entry.get(field)),
                    kind,
                ))
        if not entry["path"].startswith("pool/"):
            fail("{}: package {}: path: got {}, want pool/…; regenerate the lock [E9008]".format(lock, entry["name"], entry["path"]))
        packages[entry["name"]] = struct(**{field: entry[field] for field in _FIELDS})
    return packages

def _deb(package):
    return "{}/{}.deb".format(_SCRATCH, package.name)

def debian_urls(mirrors, path):
    """Returns the URLs at which a path of a Debian archive may be found, the likeliest first.

    Args:
        mirrors: base URLs of `debian_mirrors`.
        path: a path relative to them, `pool/…`.

    Returns:
        A list of URLs.
    """

    # Debian keeps security updates in a separate archive, whose pool starts with pool/updates.
    security = [base for base in mirrors if "security" in base]
    other = [base for base in mirrors if "security" not in base]
    ordered = security + other if path.startswith("pool/updates/") else other + security

    # apt escapes plus signs too, as in libstdc++6; some servers read a bare one as a space.
    return ["{}/{}".format(base, path.replace("+", "%2B")) for base in ordered]

def debian_download(rctx, packages):
    """Downloads packages, in parallel, to a scratch directory of the repository.

    Args:
        rctx: the repository context.
        packages: structs of `debian_lock`.
    """
    mirrors = _debian_mirrors(rctx)
    pending = []
    for package in packages:
        rctx.report_progress("downloading {} {} ({} MB)".format(package.name, package.version, (package.size + 999999) // 1000000))
        pending.append((package, rctx.download(
            url = debian_urls(mirrors, package.path),
            output = _deb(package),
            sha256 = package.sha256,
            allow_fail = True,
            block = False,
        )))
    missing = [package for package, download in pending if not download.wait().success]
    if missing:
        fail("cannot download {} of {} packages, among them {}, from {}; the reason is above; set {} {} [E9009]".format(
            len(missing),
            len(pending),
            ", ".join([package.path for package in missing][:2]),
            " or ".join(mirrors),
            MIRROR_VARIABLE,
            "to the base URL of a Debian mirror that has them",
        ))

def debian_unpack(rctx, package, trees):
    """Unpacks parts of a downloaded package and deletes the download.

    Args:
        rctx: the repository context.
        package: a struct of `debian_lock`, downloaded by `debian_download`.
        trees: a dict from a directory of the package (`usr/lib/gcc-cross`; "" for all of it) to the directory of the repository that
            its contents go to. A directory that the package does not have is an error.
    """
    rctx.report_progress("unpacking {} {}".format(package.name, package.version))
    members = "{}/{}".format(_SCRATCH, package.name)
    rctx.extract(_deb(package), output = members)
    data = [path for path in rctx.path(members).readdir() if path.basename.startswith("data.tar")]
    if len(data) != 1:
        fail("{}: got {} members data.tar*, want 1; this is not a Debian package [E9010]".format(package.path, len(data)))
    for directory, output in trees.items():
        # By position: Bazel 8 renamed the third parameter from stripPrefix to strip_prefix.
        rctx.extract(data[0], output or ".", directory)
    rctx.delete(members)
    rctx.delete(_deb(package))

def debian_extract(rctx, package, trees = {"": ""}):
    """Downloads one package and unpacks parts of it.

    Args:
        rctx: the repository context.
        package: a struct of `debian_lock`.
        trees: as in `debian_unpack`.
    """
    debian_download(rctx, [package])
    debian_unpack(rctx, package, trees)

def debian_done(rctx):
    """Deletes the scratch directory; call this after all packages are unpacked."""
    rctx.delete(_SCRATCH)
