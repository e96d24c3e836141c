# SPDX-License-Identifier: Apache-2.0

"""Finds packages in an archive that keeps old versions, for those that the mirrors no longer have.

Its address is up to the machine, as the mirrors' are. It has the interface of Debian's snapshot service:
`mr/binary/NAME/VERSION/binfiles?fileinfo=1` lists where and when files were in an archive, and `archive/ARCHIVE/TIME/` has the archive as it was then.
"""

SNAPSHOT_VARIABLE = "RULES_HYP_DEBIAN_SNAPSHOT"

def debian_escape(path):
    """Escapes what some servers read in a path as something else: a plus sign, as in libstdc++6, and a colon.

    Args:
        path: a path, or a part of one.

    Returns:
        The path, for a URL.
    """
    return path.replace("+", "%2B").replace(":", "%3A")

def snapshot_bases(rctx):
    """Lists the archives of old versions that the machine is configured to use.

    Args:
        rctx: the repository context.

    Returns:
        Base URLs without trailing slash; none if the variable is not set.
    """
    setting = (rctx.getenv(SNAPSHOT_VARIABLE) or "").replace("\n", " ")
    return [word.rstrip("/") for word in setting.split(" ") if word]

def snapshot_query(base, package):
    """Returns the URL that says where a package is in an archive of old versions.

    Args:
        base: a base URL of `snapshot_bases`.
        package: a struct of `debian_lock`.

    Returns:
        A URL.
    """
    return "{}/mr/binary/{}/{}/binfiles?fileinfo=1".format(base, debian_escape(package.name), debian_escape(package.version))

def snapshot_urls(base, package, answer):
    """Returns the URLs of a package in an archive of old versions.

    Args:
        base: a base URL of `snapshot_bases`.
        package: a struct of `debian_lock`.
        answer: what is at `snapshot_query`, as text.

    Returns:
        A list of URLs, empty if the answer has no file of the package's name or is none.
    """
    decoded = json.decode(answer, default = None)
    if type(decoded) != "dict":
        return []
    file = package.path.rpartition("/")[2]
    urls = []
    for places in decoded.get("fileinfo", {}).values():
        for place in places:
            if place["name"] == file:
                urls.append("{}/archive/{}/{}{}/{}".format(
                    base,
                    place["archive_name"],
                    place["first_seen"],
                    debian_escape(place["path"]),
                    debian_escape(file),
                ))
    return urls
