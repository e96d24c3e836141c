// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Variables that override the machine's settings, as in rules/private/debian_mirrors.bzl and tools/bazelw.
const (
	// MirrorVariable has mirrors to use instead of those of the machine's apt.
	MirrorVariable = "RULES_HYP_DEBIAN_MIRROR"
	// SnapshotVariable has archives that keep old versions.
	SnapshotVariable = "RULES_HYP_DEBIAN_SNAPSHOT"
	// KeyringVariable has the file with the keys of Debian's archive.
	KeyringVariable = "RULES_HYP_DEBIAN_KEYRING"
)

// AptDirectory has the settings of the machine's apt.
const AptDirectory = "/etc/apt"

// keyring returns the file with the keys of Debian's archive.
func keyring() string {
	if file := os.Getenv(KeyringVariable); file != "" {
		return file
	}
	const stem = "/usr/share/keyrings/debian-archive-keyring"
	for _, file := range []string{stem + ".gpg", stem + ".pgp"} {
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	// apt says that it is missing.
	return stem + ".gpg"
}

// Snapshots returns the base URLs of the archives that keep old versions: those of the variable.
func Snapshots() []string {
	return trimmed(strings.Fields(os.Getenv(SnapshotVariable)))
}

// Mirrors returns the base URLs of the archives that the machine is configured for, without trailing slashes: those of the variable, or else of the
// sources in a directory of apt's settings. apt itself lists only those whose metadata it has, which in the root directory of bazelw is none. To have no
// mirror is an error.
func Mirrors(directory string) ([]string, error) {
	if given := strings.Fields(os.Getenv(MirrorVariable)); len(given) > 0 {
		return trimmed(given), nil
	}
	files := []string{filepath.Join(directory, "sources.list")}
	below, err := filepath.Glob(filepath.Join(directory, "sources.list.d", "*"))
	if err != nil {
		return nil, err
	}
	var uris []string
	for _, file := range append(files, below...) {
		parse := oneLineURIs
		switch filepath.Ext(file) {
		case ".list":
		case ".sources":
			parse = deb822URIs
		default:
			continue
		}
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		uris = append(uris, parse(string(text))...)
	}
	found, err := expandLists(uris)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errcode.NoMirror.Errorf("%s: apt has no sources; set %s to the base URL of a Debian mirror", directory, MirrorVariable)
	}
	return trimmed(found), nil
}

// oneLine matches a source of binary packages in apt's one-line format (sources.list(5)). That a source does not have a suite is found out later.
var oneLine = regexp.MustCompile(`(?m)^[ \t]*deb[ \t]+(?:\[[^]\n]*\][ \t]+)?([a-z0-9+]+:[^ \t\n#]+)[ \t]`)

func oneLineURIs(text string) []string {
	var uris []string
	for _, match := range oneLine.FindAllStringSubmatch(text, -1) {
		uris = append(uris, match[1])
	}
	return uris
}

// deb822URIs returns the sources of binary packages in apt's deb822 format, without those that are disabled.
func deb822URIs(text string) []string {
	var uris []string
	fields := map[string][]string{}
	name := ""
	for _, line := range append(strings.Split(text, "\n"), "") {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			if slices.Contains(fields["types"], "deb") && !disabled(fields["enabled"]) {
				uris = append(uris, fields["uris"]...)
			}
			fields, name = map[string][]string{}, ""
		case line[0] == ' ' || line[0] == '\t':
			fields[name] = append(fields[name], strings.Fields(line)...)
		default:
			before, after, _ := strings.Cut(line, ":")
			name = strings.ToLower(strings.TrimSpace(before))
			fields[name] = strings.Fields(after)
		}
	}
	return uris
}

// disabled tells whether the field Enabled says so, with one of apt's words for no.
func disabled(words []string) bool {
	return len(words) > 0 && slices.Contains([]string{"no", "false", "without", "off", "disable", "0"}, strings.ToLower(words[0]))
}

// expandLists replaces each mirror+file:LIST by the URIs in that list (apt-transport-mirror(1)), and leaves out discs.
func expandLists(uris []string) ([]string, error) {
	var out []string
	for _, uri := range uris {
		list, isList := strings.CutPrefix(uri, "mirror+file:")
		switch {
		case strings.HasPrefix(uri, "cdrom:"):
		case isList:
			text, err := os.ReadFile(filepath.Clean(list))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", uri, err)
			}
			for _, line := range strings.Split(string(text), "\n") {
				if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
					out = append(out, words[0])
				}
			}
		default:
			out = append(out, uri)
		}
	}
	return out, nil
}

// trimmed removes trailing slashes and repeated URLs, and keeps the order.
func trimmed(urls []string) []string {
	var out []string
	for _, u := range urls {
		if u = strings.TrimRight(u, "/"); !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}
