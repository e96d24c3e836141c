// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

var pinned = Package{Name: "libx++", Version: "1:2+b1", Path: "pool/main/x/libx++_2+b1_amd64.deb", Size: 3}

// server serves files, by their escaped paths; others are not found.
func server(t *testing.T, files map[string]string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := files[r.URL.EscapedPath()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return s
}

const answer = `{"fileinfo": {"0a": [{"archive_name": "debian", "first_seen": "20250101T000000Z", "name": "libx++_2+b1_arm64.deb", "path": "/pool/main/x"}],
	"0b": [{"archive_name": "debian-ports", "first_seen": "20250102T000000Z", "name": "libx++_2+b1_amd64.deb", "path": "/pool/main/x"}]}}`

// A mirror moves on: the package is at its path, then in the other archive, then only where old versions are kept, then nowhere.
func TestFindAfterTheMirrorMovedOn(t *testing.T) {
	const path = "/pool/main/x/libx%2B%2B_2%2Bb1_amd64.deb"
	const updates = "/security/pool/updates/main/x/libx%2B%2B_2%2Bb1_amd64.deb"
	const kept = "/archive/debian-ports/20250102T000000Z/pool/main/x/libx%2B%2B_2%2Bb1_amd64.deb"
	const query = "/mr/binary/libx%2B%2B/1%3A2%2Bb1/binfiles"
	for _, test := range []struct {
		name     string
		mirror   map[string]string
		snapshot map[string]string
		want     Place
	}{
		{"at its path", map[string]string{path: "deb", updates: "deb"}, nil, AtPath},
		{"in the security archive", map[string]string{updates: "deb"}, nil, Moved},
		{"of another size", map[string]string{path: "other"}, nil, Gone},
		{"in the archive of old versions", nil, map[string]string{query: answer, kept: "deb"}, Kept},
		{"listed there only", nil, map[string]string{query: answer}, Gone},
		{"nowhere", nil, map[string]string{}, Gone},
	} {
		t.Run(test.name, func(t *testing.T) {
			mirror, snapshot := server(t, test.mirror), server(t, test.snapshot)
			f := &Finder{Client: mirror.Client(), Mirrors: []string{mirror.URL + "/security", mirror.URL}, Snapshots: []string{snapshot.URL}}
			if got, err := f.Find(context.Background(), pinned); got != test.want || err != nil {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

// A server that does not answer is no proof that a package was removed, and its password is not in the error.
func TestFindWithoutAnAnswer(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer broken.Close()
	base := strings.Replace(broken.URL, "//", "//user:secret@", 1)
	f := &Finder{Client: broken.Client(), Mirrors: []string{base}, Snapshots: []string{base}}
	_, err := f.Find(context.Background(), pinned)
	if err == nil || !strings.Contains(err.Error(), "502 Bad Gateway") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want the status and no password", err)
	}
	broken.Close()
	if _, err := f.Find(context.Background(), pinned); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("no server: got %v", err)
	}
	other := server(t, map[string]string{"/mr/binary/libx%2B%2B/1%3A2%2Bb1/binfiles": "<html>"})
	f = &Finder{Client: other.Client(), Snapshots: []string{other.URL}}
	if _, err := f.Find(context.Background(), pinned); err == nil || !strings.Contains(err.Error(), "correct "+SnapshotVariable) {
		t.Errorf("another server: got %v", err)
	}
}

func TestFindInFiles(t *testing.T) {
	directory := t.TempDir()
	writeFiles(t, directory, map[string]string{pinned.Path: "deb"})
	for _, base := range []string{"file:", "file://"} {
		f := &Finder{Mirrors: []string{base + directory}}
		if got, err := f.Find(context.Background(), pinned); got != AtPath || err != nil {
			t.Errorf("%s: got %v, %v", base, got, err)
		}
	}
}

// The same as in tests/toolchain/mirrors for rules/private/debian.bzl.
func TestURLs(t *testing.T) {
	mirrors := []string{"http://example.org/debian-security", "http://example.com/debian"}
	got := URLs(mirrors, "pool/updates/main/x_1+b.deb")
	want := []string{
		"http://example.org/debian-security/pool/updates/main/x_1%2Bb.deb", "http://example.com/debian/pool/updates/main/x_1%2Bb.deb",
		"http://example.org/debian-security/pool/main/x_1%2Bb.deb", "http://example.com/debian/pool/main/x_1%2Bb.deb",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestIndex(t *testing.T) {
	records := "Package: a\nVersion: 1\nDescription: text\n Version: 9\nSHA256: aa\n\nPackage: a\nVersion: 1:0\nSHA256: ab\n"
	s := server(t, map[string]string{
		"/d/dists/forky/main/binary-arm64/Packages": records,
		"/e/dists/forky/main/binary-arm64/Packages": "<html>",
	})
	f := &Finder{Client: s.Client()}
	x, err := f.Index(context.Background(), s.URL+"/d", "forky", "arm64")
	if err != nil || x.Newest("a") != "1:0" || !x.Has(Pin{"a", "1", "aa"}) || x.Has(Pin{"a", "1", "ab"}) || x.Newest("b") != "" {
		t.Errorf("got %v, %v", x, err)
	}
	if x, err := f.Index(context.Background(), s.URL, "forky", "arm64"); x != nil || err != nil {
		t.Errorf("no such suite: got %v, %v", x, err)
	}
	if _, err := f.Index(context.Background(), s.URL+"/e", "forky", "arm64"); err == nil || !strings.Contains(err.Error(), "not an index") {
		t.Errorf("another file: got %v", err)
	}
}

func TestParsePins(t *testing.T) {
	got, err := ParsePins("# comment\na 1 aa\n\nb 2 bb\n")
	if want := []Pin{{"a", "1", "aa"}, {"b", "2", "bb"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := ParsePins("a 1 aa\nb 2\n"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v, want an error of line 2", err)
	}
}

func TestCompareVersions(t *testing.T) {
	ordered := []string{"1.0~~", "1.0~rc1", "1.0", "1.0-1", "1.0-1+b1", "1.0-1+deb12u2", "1.0-1+deb12u14", "1.0a", "1.0+x", "1.2", "1.10", "1:0.1", "2:0"}
	for i, a := range ordered {
		for j, b := range ordered {
			got, want := CompareVersions(a, b), i-j
			if (got < 0) != (want < 0) || (got > 0) != (want > 0) {
				t.Errorf("%s and %s: got %d, want the sign of %d", a, b, got, want)
			}
		}
	}
	if got := CompareVersions("0:1.00-0", "1.0"); got != 0 {
		t.Errorf("an epoch, zeros and a revision of 0: got %d, want 0", got)
	}
}
