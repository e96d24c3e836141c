// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// MirrorVariable overrides the mirrors of the machine's apt, as in rules/private/debian_mirrors.bzl.
const MirrorVariable = "RULES_HYP_DEBIAN_MIRROR"

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// ToolArch is the architecture of the toolchains' packages.
const ToolArch = "amd64"

// Sources is the name of all suites that the machine's apt has, in place of one of Debian's.
const Sources = "/etc/apt"

// archive is a suite's packages of an architecture.
type archive struct{ suite, arch string }

// Archives is apt's metadata of Debian suites, each downloaded when it is first asked for, into a directory of its own.
type Archives struct {
	Dir string
	// Context ends apt's programs when it is done; nil does not.
	Context context.Context
	loaded  map[archive][]string // apt's options
}

// Show returns the records of a package in a suite; "" is the machine's own suite, and the architecture of the toolchains' packages.
func (s *Archives) Show(suite, arch, spec string) (string, error) {
	if suite == "" {
		if arch != "" && arch != ToolArch {
			name, version, found := strings.Cut(spec, "=")
			spec = name + ":" + arch
			if found {
				spec += "=" + version
			}
		}
		return s.apt("apt-cache", "show", "--all-versions", spec)
	}
	options, err := s.options(archive{suite, cmp.Or(arch, ToolArch)})
	if err != nil {
		return "", err
	}
	return s.apt("apt-cache", append(options, "show", "--all-versions", spec)...)
}

// Download downloads a package of a suite, NAME or NAME=VERSION, to a new file in a directory, and returns the file. apt checks it against the suite's
// signed metadata.
func (s *Archives) Download(suite, arch, spec, dir string) (string, error) {
	options, err := s.options(archive{suite, arch})
	if err != nil {
		return "", err
	}
	target, err := os.MkdirTemp(dir, "download-")
	if err != nil {
		return "", err
	}
	cmd := s.command("apt-get", append(options, "-q", "download", spec)...)
	cmd.Dir = target
	if _, err := output(cmd); err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(target, "*.deb"))
	if err != nil || len(files) != 1 {
		return "", errcode.AptFailed.Errorf("apt-get download %s: got the files %q, want one package", spec, files)
	}
	return files[0], nil
}

// options returns the options with which apt knows a suite.
func (s *Archives) options(a archive) ([]string, error) {
	if options, ok := s.loaded[a]; ok {
		return options, nil
	}
	if s.loaded == nil {
		s.loaded = map[archive][]string{}
	}
	if a.suite == Sources {
		options, err := s.update(filepath.Join(s.Dir, "sources-"+a.arch), a.arch, nil)
		if err == nil {
			s.loaded[a] = options
		}
		return options, err
	}
	mirrors, err := mirrors("/etc/apt")
	if err != nil {
		return nil, err
	}
	var failures []error
	for i, mirror := range mirrors {
		options, err := s.load(filepath.Join(s.Dir, fmt.Sprintf("%s-%s-%d", a.suite, a.arch, i)), a, mirror)
		if err == nil {
			s.loaded[a] = options
			return options, nil
		}
		failures = append(failures, err)
	}
	return nil, errcode.NoMirror.Errorf("no mirror of the machine has the suite %s; set %s to one that has it: %w", a.suite, MirrorVariable, errors.Join(failures...))
}

// load downloads and verifies a suite's metadata, and returns the options with which apt reads it.
func (s *Archives) load(dir string, a archive, mirror string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "sources.list")
	if err := os.WriteFile(list, []byte(source(a.suite, mirror)), 0o644); err != nil {
		return nil, err
	}
	return s.update(dir, a.arch, []string{
		"Dir::Etc::sourcelist=" + list,
		"Dir::Etc::sourceparts=-",
		"Dir::Etc::preferences=-",
		"Dir::Etc::preferencesparts=-",
		// The mirror of a closed network is often an outdated copy.
		"Acquire::Check-Valid-Until=false",
	})
}

// update makes apt download its metadata to a directory, and returns the options with which it reads them: those that keep its state there, apart from
// the machine's, and further settings.
func (s *Archives) update(dir, arch string, settings []string) ([]string, error) {
	for _, below := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, below), 0o755); err != nil {
			return nil, err
		}
	}
	var options []string
	for _, o := range append([]string{
		"Dir::State::lists=" + filepath.Join(dir, "lists"),
		"Dir::State::status=/dev/null",
		"Dir::Cache=" + filepath.Join(dir, "cache"),
		"APT::Architecture=" + arch,
		"APT::Architectures=" + arch,
		"APT::Sandbox::User=",
		"Acquire::Languages=none",
	}, settings...) {
		options = append(options, "-o", o)
	}
	// Without --error-on=any, apt goes on with what it has.
	if _, err := s.apt("apt-get", append(options, "-q", "--error-on=any", "update")...); err != nil {
		return nil, err
	}
	return options, nil
}

// source is the line of sources.list for a suite's main archive.
func source(suite, mirror string) string {
	return fmt.Sprintf("deb [signed-by=%s] %s %s main\n", keyring, strings.TrimRight(mirror, "/"), suite)
}

// mirrors returns the archives that the machine is configured for. apt itself lists only those whose metadata it has, which in the root directory of
// bazelw is none.
func mirrors(directory string) ([]string, error) {
	if given := strings.Fields(os.Getenv(MirrorVariable)); len(given) > 0 {
		return given, nil
	}
	files := []string{filepath.Join(directory, "sources.list")}
	for _, pattern := range []string{"*.list", "*.sources"} {
		below, err := filepath.Glob(filepath.Join(directory, "sources.list.d", pattern))
		if err != nil {
			return nil, err
		}
		files = append(files, below...)
	}
	var found []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, match := range entry.FindAllStringSubmatch(string(text), -1) {
			found = append(found, strings.Fields(match[1]+match[2])...)
		}
	}
	if len(found) == 0 {
		return nil, errcode.NoMirror.Errorf("%s: apt has no sources; set %s to the base URL of a Debian mirror", directory, MirrorVariable)
	}
	return unique(found), nil
}

// entry matches the base URLs in apt's two formats (sources.list(5)). That a source does not have a suite is found out later.
var entry = regexp.MustCompile(`(?mi)^deb[ \t]+(?:\[[^]\n]*\][ \t]+)?([a-z]+:[^ \t\n]+)|^URIs:[ \t]*(.*)$`)

// unique removes repeated words, and keeps the order.
func unique(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// apt runs one of apt's programs and returns its output.
func (s *Archives) apt(program string, args ...string) (string, error) {
	return output(s.command(program, args...))
}

func (s *Archives) command(program string, args ...string) *exec.Cmd {
	ctx := s.Context
	if ctx == nil {
		ctx = context.Background()
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	return cmd
}

func output(cmd *exec.Cmd) (string, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", errcode.AptFailed.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}
