// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"unicode"

	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// module is a Go module that is pinned by version.
type module struct{ path, version string }

// parseModules reads go.sum, or a lock of bazelw in the same format: module, version and hash. Hashes of go.mod files alone are left out.
func parseModules(text string) ([]module, error) {
	var modules []module
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		if len(words) != 3 {
			return nil, errcode.LockMalformed.Errorf("line %d: got %q, want MODULE VERSION HASH", i+1, line)
		}
		if !strings.HasSuffix(words[1], "/go.mod") {
			modules = append(modules, module{words[0], words[1]})
		}
	}
	return modules, nil
}

// proxies returns the module proxies that the machine is configured for, without trailing slashes.
func proxies() []string {
	setting := os.Getenv("GOPROXY")
	if setting == "" {
		if out, err := exec.Command("go", "env", "GOPROXY").Output(); err == nil {
			setting = strings.TrimSpace(string(out))
		}
	}
	var found []string
	for _, word := range strings.FieldsFunc(setting, func(r rune) bool { return r == ',' || r == '|' || unicode.IsSpace(r) }) {
		if strings.Contains(word, ":") {
			found = append(found, strings.TrimRight(word, "/"))
		}
	}
	return found
}

// escapeModule is the proxy protocol's: an upper-case letter is a ! and the lower-case one.
func escapeModule(path string) string {
	var b strings.Builder
	for _, r := range path {
		if unicode.IsUpper(r) {
			b.WriteByte('!')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// modules looks for Go modules on the proxies.
func (c *checker) modules(ctx context.Context, pinned []module) *report {
	answers := make([]string, len(pinned))
	each(len(pinned), func(i int) { answers[i] = c.module(ctx, pinned[i]) })
	r := &report{}
	for i, m := range pinned {
		if answers[i] == "" {
			r.places[debian.AtPath]++
			continue
		}
		r.bad = append(r.bad, fmt.Sprintf("%s %s: %s; set GOPROXY to a proxy that has it, or pin another version", m.path, m.version, answers[i]))
	}
	return r
}

// module returns "" if a proxy has a module, otherwise what the last of them said.
func (c *checker) module(ctx context.Context, m module) string {
	said := "no module proxy is configured"
	for _, base := range c.proxies {
		address := fmt.Sprintf("%s/%s/@v/%s.zip", base, escapeModule(m.path), escapeModule(m.version))
		if path, ok := strings.CutPrefix(address, "file://"); ok {
			if _, err := os.Stat(path); err == nil {
				return ""
			}
			said = "no such file"
			continue
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
		if err != nil {
			said = "the proxy's address is not a URL"
			continue
		}
		response, err := c.finder.Client.Do(request)
		if err != nil {
			// The error has the address, and that may have a password.
			said = "the proxy does not answer"
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return ""
		}
		said = cmp.Or(response.Status, "no status")
	}
	return said
}
