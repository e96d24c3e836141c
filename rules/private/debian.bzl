# SPDX-License-Identifier: Apache-2.0

"""Downloads and unpacks pinned Debian packages with Bazel alone: no apt, dpkg, ar, tar or xz from the host."""

load(":debian_auth.bzl", "auth_for", "debian_auth")
load(":debian_mirrors.bzl", "MIRROR_VARIABLE", "without_user", _debian_mirrors = "debian_mirrors")
load(":debian_snapshot.bzl", "SNAPSHOT_VARIABLE", "debian_escape", "snapshot_bases", "snapshot_query", "snapshot_urls")

debian_mirrors = _debian_mirrors

# Security updates are below this, in an archive of their own.
_SECURITY = "pool/updates/"

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
    if path.startswith(_SECURITY):
        ordered = security + other
        moved = "pool/" + path[len(_SECURITY):]
    else:
        ordered = other + security
        moved = _SECURITY + path[len("pool/"):]

    # A security update moves to the main archive with the next point release; until then, and sometimes after it, it is in the other.
    return ["{}/{}".format(base, debian_escape(at)) for at in [path, moved] for base in ordered]

def _old_urls(rctx, package, auth):
    """Asks the archives of old versions for the URLs of a package."""
    urls = []
    for base in snapshot_bases(rctx):
        answer = "{}/{}.json".format(_SCRATCH, package.name)
        query = snapshot_query(base, package)
        if rctx.download(url = query, output = answer, auth = auth_for(auth, [query]), allow_fail = True).success:
            urls += snapshot_urls(base, package, rctx.read(answer))
            rctx.delete(answer)
    return urls

def debian_download(rctx, packages):
    """Downloads packages, in parallel, to a scratch directory of the repository: from the mirrors, or else from an archive of old versions.

    Args:
        rctx: the repository context.
        packages: structs of `debian_lock`.
    """
    mirrors = _debian_mirrors(rctx)
    auth = debian_auth(rctx)
    pending = []
    for package in packages:
        rctx.report_progress("downloading {} {} ({} MB)".format(package.name, package.version, (package.size + 999999) // 1000000))
        urls = debian_urls(mirrors, package.path)
        pending.append((package, rctx.download(
            url = urls,
            output = _deb(package),
            sha256 = package.sha256,
            auth = auth_for(auth, urls),
            allow_fail = True,
            block = False,
        )))
    missing = []
    for package in [package for package, download in pending if not download.wait().success]:
        urls = _old_urls(rctx, package, auth)
        if not urls or not rctx.download(
            url = urls,
            output = _deb(package),
            sha256 = package.sha256,
            auth = auth_for(auth, urls),
            allow_fail = True,
        ).success:
            missing.append(package)
    if missing:
        fail(("cannot download {} of {} packages, among them {}, from {}; the reason is above; set {} to the base URL of an archive of old " +
              "versions, or {} to that of a Debian mirror that has them [E9009]").format(
            len(missing),
            len(pending),
            ", ".join(["{} {} ({})".format(package.name, package.version, package.path) for package in missing][:2]),
            " or ".join([without_user(base) for base in mirrors + snapshot_bases(rctx)]),
            SNAPSHOT_VARIABLE,
            MIRROR_VARIABLE,
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
