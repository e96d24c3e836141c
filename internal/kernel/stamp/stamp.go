// SPDX-License-Identifier: Apache-2.0

// Package stamp tells whether a kernel tree is still the one that hypgen's files were generated from.
//
// A stamp is a file that decides what kbuild compiles and with which options, with a fingerprint: .config, and the Makefiles. The header manifest has
// a line of each.
package stamp

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

const (
	// Configuration is the file with the values of Kconfig's options, which name the compiler's version too.
	Configuration = ".config"
	// packages is in a downloaded kernel: the Debian packages that it is from.
	packages = "packages.lock.json"
	// prefix is what a line of a manifest starts with.
	prefix = "# kbuild: "
	// fingerprintSize is the number of bytes of a SHA-256 that are kept.
	fingerprintSize = 8
)

// Stamp is a file, by its path in the tree, and its fingerprint.
type Stamp struct{ Name, Fingerprint string }

// String returns the line of a manifest.
func (s Stamp) String() string { return prefix + s.Name + " " + s.Fingerprint }

// Downloaded reports whether a tree is made of packages, so that it has no configuration of its own.
func Downloaded(root string) bool {
	_, err := os.Stat(filepath.Join(root, packages))
	return err == nil
}

// Of returns the stamps for a directory of a tree, sorted by name: the Makefiles of the directory and of those that it is in. In a tree that is
// configured here, not downloaded, also .config, and the Makefiles of kbuild itself. source is the source tree, objects the object tree.
func Of(source, objects, dir string, configured bool) ([]Stamp, error) {
	var names []string
	for d := path.Clean(dir); d != "." && d != "/"; d = path.Dir(d) {
		// A downloaded kernel has nothing above arch/ARCH/kvm.
		if configured || strings.Count(d, "/") >= 2 {
			names = append(names, path.Join(d, "Makefile"), path.Join(d, "Kbuild"))
		}
	}
	if configured {
		names = append(names, "Makefile", "Kbuild", "scripts/Kbuild.include")
		scripts, err := filepath.Glob(filepath.Join(source, "scripts", "Makefile.*"))
		if err != nil {
			return nil, err
		}
		for _, name := range scripts {
			names = append(names, "scripts/"+filepath.Base(name))
		}
	}
	slices.Sort(names)
	var stamps []Stamp
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(source, name))
		if isAbsent(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		stamps = append(stamps, Stamp{name, fingerprint(name, text)})
	}
	if configured {
		text, err := os.ReadFile(filepath.Join(objects, Configuration))
		if err != nil {
			return nil, err
		}
		stamps = append([]Stamp{{Configuration, fingerprint(Configuration, text)}}, stamps...)
	}
	return stamps, nil
}

// isAbsent reports whether there is no such file. A directory of the name is not one that make reads.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EISDIR)
}

// fingerprint returns the fingerprint of a file. Of .config, comments do not count: they have a date in old kernels.
func fingerprint(name string, text []byte) string {
	if path.Base(name) == Configuration {
		var set []byte
		for line := range bytes.Lines(text) {
			if bytes.HasPrefix(line, []byte("CONFIG_")) {
				set = append(append(set, bytes.TrimRight(line, "\r\n")...), '\n')
			}
		}
		text = set
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:fingerprintSize])
}

// parse returns the stamps of a manifest.
func parse(manifest []byte) ([]Stamp, error) {
	var stamps []Stamp
	lines := bufio.NewScanner(bytes.NewReader(manifest))
	for number := 1; lines.Scan(); number++ {
		rest, ok := strings.CutPrefix(lines.Text(), prefix)
		if !ok {
			continue
		}
		name, fingerprint, ok := strings.Cut(rest, " ")
		if !ok || name == "" || len(fingerprint) != hex.EncodedLen(fingerprintSize) {
			return nil, errcode.ManifestMalformed.Errorf("line %d: got %q, want %sPATH FINGERPRINT; write the manifest with hypgen again", number, lines.Text(), prefix)
		}
		stamps = append(stamps, Stamp{name, fingerprint})
	}
	return stamps, lines.Err()
}

// maxNamed is how many changed files a message names.
const maxNamed = 5

// Check compares a tree with the stamps of a manifest, and returns what is different, as words after the name of the manifest; empty if nothing is. root is the tree's directory,
// and files are the files of the tree that decide what kbuild does, with paths below root; further files do not matter.
func Check(manifest []byte, root string, files []string) (string, error) {
	want, err := parse(manifest)
	if err != nil {
		return "", err
	}
	have := map[string]string{}
	for _, file := range files {
		name, err := filepath.Rel(root, file)
		if err != nil || !filepath.IsLocal(name) {
			return "", errcode.StampOutsideTree.Errorf("%s: not a file of the kernel tree %s", file, root)
		}
		have[filepath.ToSlash(name)] = file
	}
	configured := slices.ContainsFunc(want, func(s Stamp) bool { return s.Name == Configuration })
	if _, downloaded := have[packages]; !downloaded && !configured {
		return "is for a kernel of Debian packages, and this is a tree with a configuration of its own", nil
	}
	var changed []string
	for _, s := range want {
		file, ok := have[s.Name]
		if !ok {
			changed = append(changed, s.Name+" (gone)")
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if fingerprint(s.Name, text) != s.Fingerprint {
			changed = append(changed, s.Name)
		}
	}
	if len(changed) == 0 {
		return "", nil
	}
	named := strings.Join(changed[:min(len(changed), maxNamed)], ", ")
	if more := len(changed) - maxNamed; more > 0 {
		named = fmt.Sprintf("%s and %d more", named, more)
	}
	return "is for other contents of " + named, nil
}
