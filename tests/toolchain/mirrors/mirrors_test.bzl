# SPDX-License-Identifier: Apache-2.0

"""Unit tests of finding mirrors in apt's sources."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//rules/private:debian.bzl", "debian_urls")
load("//rules/private:debian_mirrors.bzl", "parse_deb822_sources", "parse_one_line_sources")

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
        ("deb mirror+file:/etc/apt/mirrors.txt stable main", []),
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
        (stanza.format("http://example.com/d") + "Enabled: yes\n", ["http://example.com/d"]),
        (stanza.format("http://example.com/d").replace("Types: deb", "Types: deb-src"), []),
        (stanza.format("http://example.com/d").replace("Types: deb", "Types: deb deb-src"), ["http://example.com/d"]),
        (stanza.format("http://example.com/d").replace("main", "contrib non-free"), []),
        (stanza.format("http://example.com/d").replace("URIs", "uris"), ["http://example.com/d"]),
        (stanza.format("cdrom:[Debian]/"), []),
    ]:
        asserts.equals(env, want, parse_deb822_sources(text), text)
    return unittest.end(env)

_deb822_test = unittest.make(_deb822_impl)

def _urls_impl(ctx):
    env = unittest.begin(ctx)
    mirrors = ["http://example.org/debian-security", "http://example.com/debian"]
    asserts.equals(
        env,
        ["http://example.com/debian/pool/main/x/x_1.deb", "http://example.org/debian-security/pool/main/x/x_1.deb"],
        debian_urls(mirrors, "pool/main/x/x_1.deb"),
    )
    asserts.equals(
        env,
        ["http://example.org/debian-security/pool/updates/x_1.deb", "http://example.com/debian/pool/updates/x_1.deb"],
        debian_urls(mirrors, "pool/updates/x_1.deb"),
    )
    asserts.equals(env, ["http://example.com/d/pool/libx%2B%2B_1%2Bb1.deb"], debian_urls(["http://example.com/d"], "pool/libx++_1+b1.deb"))
    return unittest.end(env)

_urls_test = unittest.make(_urls_impl)

def mirrors_test_suite(name):
    unittest.suite(name, _one_line_test, _deb822_test, _urls_test)
