# SPDX-License-Identifier: Apache-2.0

"""Unit tests of finding mirrors in apt's sources."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//rules/private:debian.bzl", "debian_download", "debian_urls")
load("//rules/private:debian_auth.bzl", "auth_for", "parse_auth")
load("//rules/private:debian_mirrors.bzl", "expand_lists", "parse_deb822_sources", "parse_one_line_sources", "without_user")
load("//rules/private:debian_snapshot.bzl", "snapshot_query", "snapshot_urls")

def _one_line_impl(ctx):
    env = unittest.begin(ctx)
    for text, want in [
        ("", []),
        ("deb http://example.com/debian bookworm main", ["http://example.com/debian"]),
        ("  deb\thttps://example.com/debian/  bookworm  contrib main  # ours", ["https://example.com/debian"]),
        ("deb [arch=amd64] http://example.com/d stable main", ["http://example.com/d"]),
        ("deb [ arch=amd64 signed-by=/k.gpg ] http://example.com/d stable main", ["http://example.com/d"]),
        ("# deb http://example.com/debian stable main", []),
        ("deb-src http://example.com/debian stable main", []),
        ("deb http://example.com/repo stable contrib", []),
        ("deb http://example.com/repo ./", []),
        ("deb cdrom:[Debian]/ stable main", []),
        ("deb mirror+file:/etc/apt/mirrors.txt stable main", ["mirror+file:/etc/apt/mirrors.txt"]),
        ("deb file:/srv/debian stable main", ["file:/srv/debian"]),
        (
            "deb http://example.com/d stable main\ndeb http://example.org/d stable-security main",
            ["http://example.com/d", "http://example.org/d"],
        ),
    ]:
        asserts.equals(env, want, parse_one_line_sources(text), text)
    return unittest.end(env)

_one_line_test = unittest.make(_one_line_impl)

def _deb822_impl(ctx):
    env = unittest.begin(ctx)
    stanza = "Types: deb\nURIs: {}\nSuites: bookworm\nComponents: main\n"
    for text, want in [
        ("", []),
        (stanza.format("http://example.com/d/"), ["http://example.com/d"]),
        (stanza.format("http://example.com/d https://example.org/d"), ["http://example.com/d", "https://example.org/d"]),
        (stanza.format("\n http://example.com/d\n\thttp://example.org/d"), ["http://example.com/d", "http://example.org/d"]),
        (stanza.format("http://example.com/d") + "\n" + stanza.format("http://example.org/d"), ["http://example.com/d", "http://example.org/d"]),
        ("# a comment\n" + stanza.format("http://example.com/d") + "# another\nSigned-By:\n -----BEGIN\n .\n", ["http://example.com/d"]),
        (stanza.format("http://example.com/d") + "Enabled: no\n", []),
        (stanza.format("http://example.com/d") + "Enabled: False\n", []),
        (stanza.format("http://example.com/d") + "Enabled: yes\n", ["http://example.com/d"]),
        (stanza.format("http://example.com/d") + "Enabled:\n", ["http://example.com/d"]),
        (stanza.format("http://example.com/d").replace("Types: deb", "Types: deb-src"), []),
        (stanza.format("http://example.com/d").replace("Types: deb", "Types: deb deb-src"), ["http://example.com/d"]),
        (stanza.format("http://example.com/d").replace("main", "contrib non-free"), []),
        (stanza.format("http://example.com/d").replace("URIs", "uris"), ["http://example.com/d"]),
        (stanza.format("cdrom:[Debian]/"), []),
    ]:
        asserts.equals(env, want, parse_deb822_sources(text), text)
    return unittest.end(env)

_deb822_test = unittest.make(_deb822_impl)

def _lists_impl(ctx):
    env = unittest.begin(ctx)
    files = {"/etc/apt/mirrors.txt": "# ours\nhttp://example.com/d/\tpriority:1\n\n  https://example.org/d priority:2\nftp://example.net/d\n"}
    read = lambda path: files.get(path, "")
    for base in ["mirror+file:/etc/apt/mirrors.txt", "mirror+file:///etc/apt/mirrors.txt"]:
        asserts.equals(
            env,
            ["http://example.org/first", "http://example.com/d", "https://example.org/d"],
            expand_lists(["http://example.org/first", base], read),
            base,
        )
    asserts.equals(env, [], expand_lists(["mirror+file:/nothing"], read))
    return unittest.end(env)

_lists_test = unittest.make(_lists_impl)

def _without_user_impl(ctx):
    env = unittest.begin(ctx)
    for url, want in [
        ("http://" + "user:p@ss@example.com/a@b", "http://example.com/a@b"),
        ("https://example.com", "https://example.com"),
        ("file:/srv/debian", "file:/srv/debian"),
    ]:
        asserts.equals(env, want, without_user(url))
    return unittest.end(env)

_without_user_test = unittest.make(_without_user_impl)

def _urls_impl(ctx):
    env = unittest.begin(ctx)
    mirrors = ["http://example.org/debian-security", "http://example.com/debian"]
    asserts.equals(
        env,
        [
            "http://example.com/debian/pool/main/x/x_1.deb",
            "http://example.org/debian-security/pool/main/x/x_1.deb",
            "http://example.com/debian/pool/updates/main/x/x_1.deb",
            "http://example.org/debian-security/pool/updates/main/x/x_1.deb",
        ],
        debian_urls(mirrors, "pool/main/x/x_1.deb"),
    )
    asserts.equals(
        env,
        [
            "http://example.org/debian-security/pool/updates/main/x_1.deb",
            "http://example.com/debian/pool/updates/main/x_1.deb",
            "http://example.org/debian-security/pool/main/x_1.deb",
            "http://example.com/debian/pool/main/x_1.deb",
        ],
        debian_urls(mirrors, "pool/updates/main/x_1.deb"),
    )
    asserts.equals(env, "http://example.com/d/pool/libx%2B%2B_1%2Bb1.deb", debian_urls(["http://example.com/d"], "pool/libx++_1+b1.deb")[0])
    return unittest.end(env)

_urls_test = unittest.make(_urls_impl)

def _snapshot_impl(ctx):
    env = unittest.begin(ctx)
    base = "http://example.com/old"
    package = struct(name = "libx++", version = "1:2+b1", path = "pool/main/x/libx++_2+b1_amd64.deb")
    asserts.equals(env, "http://example.com/old/mr/binary/libx%2B%2B/1%3A2%2Bb1/binfiles?fileinfo=1", snapshot_query(base, package))
    place = {"archive_name": "debian", "first_seen": "20250102T030405Z", "path": "/pool/main/x"}
    answer = json.encode({"fileinfo": {
        "0a": [dict(place, name = "libx++_2+b1_arm64.deb")],
        "0b": [dict(place, name = "libx++_2+b1_amd64.deb")],
    }})
    asserts.equals(
        env,
        ["http://example.com/old/archive/debian/20250102T030405Z/pool/main/x/libx%2B%2B_2%2Bb1_amd64.deb"],
        snapshot_urls(base, package, answer),
    )
    for answer in ["<html>", "[]", "{}"]:
        asserts.equals(env, [], snapshot_urls(base, package, answer))
    return unittest.end(env)

_snapshot_test = unittest.make(_snapshot_impl)

def _auth_impl(ctx):
    env = unittest.begin(ctx)
    text = """# machine example.com login no password no
machine example.com/debian	login apt password de#bian
machine  example.org:8080
	login other
	password two
machine http://example.org login plain password three extra word
machine example.com login late password four
"""
    entries = parse_auth(text)
    asserts.equals(
        env,
        ["example.com/debian", "example.org:8080", "http://example.org", "example.com"],
        [entry["machine"] for entry in entries],
    )
    for url, want in [
        ("https://example.com/debian/pool/x.deb", ("apt", "de#bian")),
        ("https://example.com/debian-security/pool/x.deb", ("apt", "de#bian")),
        ("https://example.com/other/pool/x.deb", ("late", "four")),
        ("https://example.com:443/other", ("late", "four")),
        ("http://example.com/debian/pool/x.deb", None),
        ("https://example.org:8080/debian", ("other", "two")),
        ("https://example.org/debian", None),
        ("http://example.org/debian", ("plain", "three")),
        ("http://" + "example.org.example/debian", None),
        ("https://example.org/debian", None),
        ("https://" + "me:mine@example.com/debian", None),
        ("file:/srv/debian", None),
    ]:
        got = auth_for(entries, [url])
        asserts.equals(env, {url: {"login": want[0], "password": want[1], "type": "basic"}} if want else {}, got, url)
    for text in ["", "login apt password x", "machine"]:
        asserts.equals(env, [], parse_auth(text), text)
    return unittest.end(env)

_auth_test = unittest.make(_auth_impl)

def _fake(environment, files, served, calls):
    """Returns a repository context with some of apt's files, None for one that the user may not read, and a downloader that finds some URLs."""

    def path(name):
        return struct(
            basename = name.rpartition("/")[2],
            exists = name in files or name == "/etc/apt/auth.conf.d",
            readdir = lambda: [path(f) for f in files if f.startswith(name + "/")],
            name = name,
        )

    def execute(arguments):
        text = [files[name] for name in files if '"{}"'.format(name) in arguments[1]][0]
        return struct(return_code = 1 if text == None else 0, stdout = text or "")

    def download(url, auth = {}, block = True, **_others):
        urls = [url] if type(url) == "string" else url
        calls.append((urls, auth))
        result = struct(success = [u for u in urls if u in served] != [])
        return result if block else struct(wait = lambda: result)

    return struct(
        delete = lambda name: None,
        download = download,
        execute = execute,
        getenv = environment.get,
        path = path,
        read = lambda name: served[calls[-1][0][0]],
        report_progress = lambda text: None,
    )

def _download_impl(ctx):
    env = unittest.begin(ctx)
    package = struct(name = "x", version = "1", path = "pool/main/x/x_1_all.deb", sha256 = "0", size = 1)
    mirror = "https://example.com/d/"
    old = "https://example.org/old"
    kept = old + "/archive/debian/20250102T030405Z/pool/main/x/x_1_all.deb"
    answer = {"fileinfo": {"0": [{"archive_name": "debian", "first_seen": "20250102T030405Z", "name": "x_1_all.deb", "path": "/pool/main/x"}]}}
    environment = {"RULES_HYP_DEBIAN_MIRROR": mirror, "RULES_HYP_DEBIAN_SNAPSHOT": old}
    files = {
        "/etc/apt/auth.conf": None,
        "/etc/apt/auth.conf.d/a.conf": "machine example.com login apt password one",
        "/etc/apt/auth.conf.d/b.conf": "machine example.org login apt password two",
        "/etc/apt/auth.conf.d/b.conf.bak": "machine example.org login apt password three",
    }
    one = {"login": "apt", "password": "one", "type": "basic"}
    two = {"login": "apt", "password": "two", "type": "basic"}

    # The mirror has it.
    calls = []
    debian_download(_fake(environment, files, {mirror + package.path: ""}, calls), [package])
    asserts.equals(env, [one, one], calls[0][1].values())
    asserts.equals(env, 1, len(calls))

    # Only the archive of old versions has it, which is asked where.
    calls = []
    query = snapshot_query(old, package)
    debian_download(_fake(environment, files, {query: json.encode(answer), kept: ""}, calls), [package])
    asserts.equals(env, [([query], {query: two}), ([kept], {kept: two})], calls[1:])
    return unittest.end(env)

_download_test = unittest.make(_download_impl)

def mirrors_test_suite(name):
    unittest.suite(name, _one_line_test, _deb822_test, _lists_test, _without_user_test, _urls_test, _snapshot_test, _auth_test, _download_test)
