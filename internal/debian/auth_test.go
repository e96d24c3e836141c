// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The same as in tests/toolchain/mirrors for rules/private/debian_auth.bzl.
func TestAuth(t *testing.T) {
	auth := parseAuth(`# machine example.com login no password no
machine example.com/debian	login apt password de#bian
machine  example.org:8080
	login other
	password two
machine http://example.org login plain password three extra word
machine example.com login late password four
`)
	for _, test := range []struct{ url, name, password string }{
		{"https://example.com/debian/pool/x.deb", "apt", "de#bian"},
		{"https://example.com/debian-security/pool/x.deb", "apt", "de#bian"},
		{"https://example.com/other/pool/x.deb", "late", "four"},
		{"https://example.com:443/other", "late", "four"},
		{"tor+https://example.com/other", "late", "four"},
		{"http://example.com/debian/pool/x.deb", "", ""},
		{"https://example.org:8080/debian", "other", "two"},
		{"https://example.org/debian", "", ""},
		{"http://example.org/debian", "plain", "three"},
		{"tor+http://example.org/debian", "", ""},
		{"http://" + "example.org.example/debian", "", ""},
		{"https://" + "me:mine@example.com/debian", "", ""},
	} {
		request, err := http.NewRequest(http.MethodHead, test.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		auth.authorize(request)
		name, password, ok := request.BasicAuth()
		if name != test.name || password != test.password || ok != (test.name != "") {
			t.Errorf("%s: got %q, %q, want %q, %q", test.url, name, password, test.name, test.password)
		}
	}
	for _, text := range []string{"", "login apt password x", "machine"} {
		if got := parseAuth(text); len(got) != 0 {
			t.Errorf("%q: got %d entries", text, len(got))
		}
	}
}

// auth.conf comes first, then the files of auth.conf.d by their names. What cannot be read is left out.
func TestReadAuth(t *testing.T) {
	directory := t.TempDir()
	if got := ReadAuth(directory); len(got) != 0 {
		t.Errorf("without files: got %d entries", len(got))
	}
	writeFiles(t, directory, map[string]string{
		"auth.conf": "machine a", "auth.conf.d/c.conf": "machine c\n", "auth.conf.d/b.conf": "machine b login", "auth.conf.d/b.conf.bak": "machine no", "auth.conf.d/x": "machine no",
		"auth.conf.d/directory.conf/x.conf": "machine no",
	})
	if err := os.Symlink("none", filepath.Join(directory, "auth.conf.d", "d.conf")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range ReadAuth(directory) {
		got = append(got, l.machine)
	}
	if want := []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// guarded is a server for a user, which counts those who come with other words. It redirects /to/ADDRESS to that address.
type guarded struct {
	*httptest.Server
	user, password string
	foreign        []string
	asked          int
}

func guard(t *testing.T, start func(http.Handler) *httptest.Server, user, password string) *guarded {
	t.Helper()
	g := &guarded{user: user, password: password}
	g.Server = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.asked++
		name, word, ok := r.BasicAuth()
		switch {
		case ok && (name != g.user || word != g.password):
			g.foreign = append(g.foreign, name+":"+word)
			fallthrough
		case !ok && g.user != "":
			w.WriteHeader(http.StatusUnauthorized)
		case strings.HasPrefix(r.URL.Path, "/to/"):
			http.Redirect(w, r, strings.TrimPrefix(r.URL.Path, "/to/"), http.StatusFound)
		default:
			fmt.Fprint(w, "deb")
		}
	}))
	t.Cleanup(g.Close)
	return g
}

// A password goes to the machine of its entry, and nowhere else: after a redirection, each machine gets its own or none.
func TestRedirections(t *testing.T) {
	first := guard(t, httptest.NewServer, "first", "one")
	second := guard(t, httptest.NewServer, "second", "two")
	open := guard(t, httptest.NewServer, "", "")
	const file = "/pool/main/x/x_1_all.deb"
	p := Package{Name: "x", Version: "1", Path: file[1:], Size: 3}
	entries := "machine " + first.URL + " login first password one\n"
	both := entries + "machine " + second.URL + " login second password two\n"
	withUser := strings.Replace(first.URL, "//", "//first:one@", 1)
	for _, test := range []struct {
		name, auth, base string
		want             Place
	}{
		{"no entry", "", first.URL, Gone},
		{"an entry", entries, first.URL, AtPath},
		{"to itself", entries, first.URL + "/to/" + first.URL, AtPath},
		{"to another port without a password", entries, first.URL + "/to/" + open.URL, AtPath},
		{"to another port with an entry", both, first.URL + "/to/" + second.URL, AtPath},
		{"to another port without an entry", entries, first.URL + "/to/" + second.URL, Gone},
		{"the URL's user, to another port", both, withUser + "/to/" + second.URL, AtPath},
		{"the URL's user, without the other's entry", "", withUser + "/to/" + open.URL, AtPath},
	} {
		f := &Finder{Client: &http.Client{}, Mirrors: []string{test.base}, Auth: parseAuth(test.auth)}
		got, err := f.Find(context.Background(), p)
		if got != test.want || (err != nil) != (test.want == Gone) {
			t.Errorf("%s: got %v, %v, want %v", test.name, got, err, test.want)
		}
		if err != nil {
			noSecrets(t, err.Error(), "first:", "one@", "second", "two")
		}
	}
	for _, g := range []*guarded{first, second, open} {
		if len(g.foreign) != 0 || g.asked == 0 {
			t.Errorf("%s, asked %d times, got %q", g.user, g.asked, g.foreign)
		}
	}
}

// An entry without a protocol is for https, and not for http on the same machine.
func TestProtocols(t *testing.T) {
	secure := guard(t, httptest.NewTLSServer, "apt", "secret")
	plain := guard(t, httptest.NewServer, "", "")
	f := &Finder{Client: secure.Client(), Auth: parseAuth("machine 127.0.0.1 login apt password secret")}
	for base, want := range map[string]bool{secure.URL: true, secure.URL + "/to/" + plain.URL: true, plain.URL: true} {
		if ok, err := f.exists(context.Background(), base+"/x", 3); ok != want || err != nil {
			t.Errorf("%s: got %v, %v", base, ok, err)
		}
	}
	if len(plain.foreign) != 0 {
		t.Errorf("http got %q", plain.foreign)
	}
}

func noSecrets(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%q has %q", text, s)
		}
	}
}

// Errors have no user names and no passwords, of URLs in settings and of those that a server sends.
func TestErrorsWithoutUsers(t *testing.T) {
	target := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusFound)
	}))
	defer s.Close()
	withUser := strings.Replace(s.URL, "//", "//someone:secret@", 1)
	for _, test := range []struct{ base, target, want string }{
		{withUser, "http://" + "someone:secret@example.com:port/", "http://example.com:port/"},
		{withUser, "other://" + "someone:secret@example.com/", "unsupported protocol scheme"},
		{withUser, withUser + "/", "10 redirections"},
		{strings.Replace(s.URL, "//", "//someone:se/cret@", 1), "", "not a URL; correct apt's sources"},
		{strings.Replace(s.URL, "//", "//someone:secret%@", 1), "", "not a URL; correct apt's sources"},
		{"http://" + "someone:secret@127.0.0.1:1", "", "connect"},
	} {
		target = test.target
		f := &Finder{Client: &http.Client{}, Mirrors: []string{test.base}}
		_, err := f.Find(context.Background(), pinned)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.base, err, test.want)
			continue
		}
		noSecrets(t, err.Error(), "someone", "secret", "cret@")
	}
}
