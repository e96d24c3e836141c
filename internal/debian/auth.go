// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Auth has the user names and passwords of apt's mirrors, in the order in which they are tried (apt_auth.conf(5)).
type Auth []login

// login is an entry of an auth.conf: for a machine [PROTOCOL://]HOST[:PORT][/PATH].
type login struct{ machine, name, password string }

// ReadAuth reads auth.conf and auth.conf.d in a directory of apt's settings, as rules/private/debian_auth.bzl does. Mostly only root may read them: what the
// user may not read is left out.
func ReadAuth(directory string) Auth {
	files := []string{filepath.Join(directory, "auth.conf")}
	// Its only error is a pattern that is none. The names are sorted.
	below, _ := filepath.Glob(filepath.Join(directory, "auth.conf.d", "*.conf"))
	var auth Auth
	for _, file := range append(files, below...) {
		if text, err := os.ReadFile(file); err == nil {
			auth = append(auth, parseAuth(string(text))...)
		}
	}
	return auth
}

// parseAuth parses an auth.conf: words that may be on several lines. A word that is none of the format is left out, as apt does.
func parseAuth(text string) Auth {
	var words []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			words = append(words, strings.Fields(line)...)
		}
	}
	var auth Auth
	for i := 0; i < len(words); i++ {
		token := words[i]
		if token != "machine" && token != "login" && token != "password" {
			continue
		}
		if i++; i == len(words) {
			break
		}
		switch {
		case token == "machine":
			auth = append(auth, login{machine: words[i]})
		case len(auth) == 0:
		case token == "login":
			auth[len(auth)-1].name = words[i]
		default:
			auth[len(auth)-1].password = words[i]
		}
	}
	return auth
}

// matches tells whether an entry is for a URL. Without a protocol it is for those that encrypt.
func (l login) matches(u *url.URL) bool {
	protocol, machine, ok := strings.Cut(l.machine, "://")
	if !ok {
		protocol, machine = "https", l.machine
	}
	if u.Scheme != protocol && (ok || u.Scheme != "tor+https") {
		return false
	}
	wanted, path, hasPath := strings.Cut(machine, "/")
	host := u.Host
	if !strings.Contains(wanted, ":") {
		host = u.Hostname()
	}
	return wanted == host && (!hasPath || strings.HasPrefix(strings.TrimPrefix(u.EscapedPath(), "/"), path))
}

// authorize sets what a request sends to its own URL, and to no other: a request that follows a redirection has the header of the one before. A URL with a
// user name needs no entry.
func (a Auth) authorize(request *http.Request) {
	request.Header.Del("Authorization")
	if request.URL.User != nil {
		return
	}
	for _, l := range a {
		if l.matches(request.URL) {
			request.SetBasicAuth(l.name, l.password)
			return
		}
	}
}

// userInfo matches user names and passwords in what may be URLs.
var userInfo = regexp.MustCompile(`://[^\s"]*@`)

// redact removes user names and passwords from a text with URLs, such as an error of net/http.
func redact(text string) string { return userInfo.ReplaceAllString(text, "://") }
