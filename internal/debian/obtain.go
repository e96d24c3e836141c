// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Place says where a pinned package can be had.
type Place int

// The places, in the order in which they are tried.
const (
	// Gone is a package that is nowhere.
	Gone Place = iota
	// AtPath is one that a mirror has at the path in the lock.
	AtPath
	// Moved is one that a mirror has at the other path of security updates and the main archive.
	Moved
	// Kept is one that only an archive of old versions has.
	Kept
)

func (p Place) String() string {
	return [...]string{"gone", "on a mirror", "on a mirror at another path", "in the archive of old versions only"}[p]
}

// Finder asks archives whether they have packages. It downloads no package.
type Finder struct {
	Client *http.Client
	// Mirrors are base URLs of Mirrors, Snapshots those of Snapshots.
	Mirrors, Snapshots []string
	// Auth is what ReadAuth returns.
	Auth Auth
}

// Find finds a package of a lock. An archive that does not answer is an error, unless another has the package.
func (f *Finder) Find(ctx context.Context, p Package) (Place, error) {
	var failures []error
	for _, u := range URLs(f.Mirrors, p.Path) {
		ok, err := f.exists(ctx, u, p.Size)
		switch {
		case err != nil:
			failures = append(failures, err)
		case ok && strings.HasSuffix(u, escape(p.Path)):
			return AtPath, nil
		case ok:
			return Moved, nil
		}
	}
	for _, base := range f.Snapshots {
		u, err := f.snapshotURL(ctx, base, p)
		if err == nil && u != "" {
			var ok bool
			if ok, err = f.exists(ctx, u, p.Size); ok {
				return Kept, nil
			}
		}
		if err != nil {
			failures = append(failures, err)
		}
	}
	return Gone, errors.Join(failures...)
}

// URLs returns the URLs at which a path of a Debian archive may be found, the likeliest first, as debian_urls in rules/private/debian.bzl.
func URLs(mirrors []string, path string) []string {
	var security, other []string
	for _, base := range mirrors {
		if strings.Contains(base, "security") {
			security = append(security, base)
		} else {
			other = append(other, base)
		}
	}
	ordered := append(slices.Clone(other), security...)
	// A security update moves to the main archive with the next point release; until then, and sometimes after it, it is in the other.
	moved := "pool/updates/" + strings.TrimPrefix(path, "pool/")
	if rest, ok := strings.CutPrefix(path, SecurityPool); ok {
		ordered = append(slices.Clone(security), other...)
		moved = "pool/" + rest
	}
	var urls []string
	for _, at := range []string{path, moved} {
		for _, base := range ordered {
			urls = append(urls, base+"/"+escape(at))
		}
	}
	return urls
}

// escape escapes what some servers read in a path as something else.
func escape(path string) string {
	return strings.NewReplacer("+", "%2B", ":", "%3A").Replace(path)
}

// snapshotURL asks an archive of old versions for the URL of a package, by name and version; "" if it has none.
func (f *Finder) snapshotURL(ctx context.Context, base string, p Package) (string, error) {
	data, err := f.get(ctx, fmt.Sprintf("%s/mr/binary/%s/%s/binfiles?fileinfo=1", base, escape(p.Name), escape(p.Version)))
	if err != nil || data == nil {
		return "", err
	}
	var answer struct {
		FileInfo map[string][]struct {
			Archive   string `json:"archive_name"`
			FirstSeen string `json:"first_seen"`
			Name      string `json:"name"`
			Path      string `json:"path"`
		} `json:"fileinfo"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return "", fmt.Errorf("%s: not the answer of an archive of old versions: %w; correct %s", withoutUser(base), err, SnapshotVariable)
	}
	file := p.Path[strings.LastIndexByte(p.Path, '/')+1:]
	for _, places := range answer.FileInfo {
		for _, at := range places {
			if at.Name == file {
				return fmt.Sprintf("%s/archive/%s/%s%s/%s", base, at.Archive, at.FirstSeen, escape(at.Path), escape(at.Name)), nil
			}
		}
	}
	return "", nil
}

// exists tells whether there is a file of a size, in bytes, at a URL; 0 is any size.
func (f *Finder) exists(ctx context.Context, address string, size int64) (bool, error) {
	if path, ok := localPath(address); ok {
		info, err := os.Stat(path)
		return err == nil && (size == 0 || info.Size() == size), nil
	}
	response, err := f.ask(ctx, http.MethodHead, address)
	if err != nil || response == nil {
		return false, err
	}
	response.Body.Close()
	return size == 0 || response.ContentLength < 0 || response.ContentLength == size, nil
}

// get returns what is at a URL; nil if there is nothing.
func (f *Finder) get(ctx context.Context, address string) ([]byte, error) {
	if path, ok := localPath(address); ok {
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
		return data, err
	}
	response, err := f.ask(ctx, http.MethodGet, address)
	if err != nil || response == nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

// maxRedirections is how often a request follows a redirection, as many times as net/http does by itself.
const maxRedirections = 10

// ask sends a request, and returns nil if the server says that there is no such file.
func (f *Finder) ask(ctx context.Context, method, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, errcode.DownloadFailed.Errorf("%s: not a URL; correct apt's sources, %s or %s", redact(address), MirrorVariable, SnapshotVariable)
	}
	f.Auth.authorize(request)
	client := *f.Client
	client.CheckRedirect = func(next *http.Request, before []*http.Request) error {
		if len(before) >= maxRedirections {
			return errcode.DownloadFailed.Errorf("%d redirections", len(before))
		}
		f.Auth.authorize(next)
		return nil
	}
	response, err := client.Do(request)
	if err != nil {
		// It begins with the URL.
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, errcode.DownloadFailed.Errorf("%s: %s", withoutUser(address), redact(err.Error()))
	}
	switch response.StatusCode {
	case http.StatusOK:
		return response, nil
	case http.StatusNotFound, http.StatusGone:
		response.Body.Close()
		return nil, nil
	}
	response.Body.Close()
	advice := ""
	if response.StatusCode == http.StatusUnauthorized {
		advice = "; correct the entry for it in apt's auth.conf (for http, its machine begins with http://), or let the user read that file"
	}
	return nil, errcode.DownloadFailed.Errorf("%s: %s%s", withoutUser(address), response.Status, advice)
}

// localPath returns the file of a file: URL.
func localPath(address string) (string, bool) {
	path, ok := strings.CutPrefix(address, "file:")
	if !ok {
		return "", false
	}
	if path, _ = strings.CutPrefix(path, "//"); !strings.Contains(path, "%") {
		return path, true
	}
	plain, err := url.PathUnescape(path)
	return plain, err == nil
}

// withoutUser removes user name and password from a URL, for messages.
func withoutUser(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, path, _ := strings.Cut(rest, "/")
	return scheme + "://" + host[strings.LastIndexByte(host, '@')+1:] + "/" + path
}
