"""Unit tests of how mirrors are found in apt's sources."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//rules/private:debian.bzl", "debian_urls")
load("//rules/private:debian_mirrors.bzl", "parse_deb822_sources", "parse_one_line_sources")

def _one_line_impl(ctx):
    env = unittest.begin(ctx)
    for text, want in [
        ("", []),
        ("deb http://mirror.example/debian bookworm main", ["http://mirror.example/debian"]),
        ("  deb\thttps://mirror.example/debian/  bookworm  contrib main  # ours", ["https://mirror.example/debian"]),
        ("deb [arch=amd64] http://a.example/d stable main", ["http://a.example/d"]),
        ("deb [ arch=amd64 signed-by=/k.gpg ] http://a.example/d stable main", ["http://a.example/d"]),
        ("# deb http://off.example/debian stable main", []),
        ("deb-src http://sources.example/debian stable main", []),
        ("deb http://other.example/repo stable contrib", []),
        ("deb http://flat.example/repo ./", []),
        ("deb cdrom:[Debian]/ stable main", []),
        ("deb mirror+file:/etc/apt/mirrors.txt stable main", []),
        ("deb file:/srv/debian stable main", ["file:/srv/debian"]),
        (
            "deb http://a.example/d stable main\ndeb http://b.example/d stable-security main",
            ["http://a.example/d", "http://b.example/d"],
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
        (stanza.format("http://a.example/d/"), ["http://a.example/d"]),
        (stanza.format("http://a.example/d https://b.example/d"), ["http://a.example/d", "https://b.example/d"]),
        (stanza.format("\n http://a.example/d\n\thttp://b.example/d"), ["http://a.example/d", "http://b.example/d"]),
        (stanza.format("http://a.example/d") + "\n" + stanza.format("http://b.example/d"), ["http://a.example/d", "http://b.example/d"]),
        ("# a comment\n" + stanza.format("http://a.example/d") + "# another\nSigned-By:\n -----BEGIN\n .\n", ["http://a.example/d"]),
        (stanza.format("http://a.example/d") + "Enabled: no\n", []),
        (stanza.format("http://a.example/d") + "Enabled: yes\n", ["http://a.example/d"]),
        (stanza.format("http://a.example/d").replace("Types: deb", "Types: deb-src"), []),
        (stanza.format("http://a.example/d").replace("Types: deb", "Types: deb deb-src"), ["http://a.example/d"]),
        (stanza.format("http://a.example/d").replace("main", "contrib non-free"), []),
        (stanza.format("http://a.example/d").replace("URIs", "uris"), ["http://a.example/d"]),
        (stanza.format("cdrom:[Debian]/"), []),
    ]:
        asserts.equals(env, want, parse_deb822_sources(text), text)
    return unittest.end(env)

_deb822_test = unittest.make(_deb822_impl)

def _urls_impl(ctx):
    env = unittest.begin(ctx)
    mirrors = ["http://security.example/debian-security", "http://a.example/debian"]
    asserts.equals(
        env,
        ["http://a.example/debian/pool/main/x/x_1.deb", "http://security.example/debian-security/pool/main/x/x_1.deb"],
        debian_urls(mirrors, "pool/main/x/x_1.deb"),
    )
    asserts.equals(
        env,
        ["http://security.example/debian-security/pool/updates/x_1.deb", "http://a.example/debian/pool/updates/x_1.deb"],
        debian_urls(mirrors, "pool/updates/x_1.deb"),
    )
    asserts.equals(env, ["http://a.example/d/pool/libx%2B%2B_1%2Bb1.deb"], debian_urls(["http://a.example/d"], "pool/libx++_1+b1.deb"))
    return unittest.end(env)

_urls_test = unittest.make(_urls_impl)

def mirrors_test_suite(name):
    unittest.suite(name, _one_line_test, _deb822_test, _urls_test)
