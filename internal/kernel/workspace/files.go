// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// Mark is in the head of files that belong to hypgen init. Without it, a file is the user's.
const Mark = "Written by hypgen init"

// BazelVersion is the version of Bazel that rules_hyp is tested with, as in its .bazelversion.
const BazelVersion = "7.7.1"

// centralRegistry has the other modules.
const centralRegistry = "https://bcr.bazel.build/"

// Bazelrc returns a .bazelrc. registry is the URL of one that has rules_hyp, "" for none; others have other modules, instead of the Bazel Central
// Registry.
func Bazelrc(registry string, others ...string) []byte {
	var b strings.Builder
	b.WriteString("# " + Mark + ". Settings of one machine go in .bazelrc.user.\n\n" +
		"common --enable_bzlmod --noenable_workspace\n\n" +
		"# Builds use nothing from the host's PATH: the compiler is that of rules_hyp, and the environment of actions is fixed.\n" +
		"common --repo_env=BAZEL_DO_NOT_DETECT_CPP_TOOLCHAIN=1\n" +
		"build --incompatible_strict_action_env\n\n" +
		"# Before a build Bazel looks for changes of the workspace and the kernel tree, and not of the 10,000 files of the compilers that it unpacked itself.\n" +
		"common --noexperimental_check_external_repository_files\n" +
		"# Its 200 threads for that are too many for a few processors.\n" +
		"build --experimental_fsvc_threads=HOST_CPUS*2\n\n")
	if registry != "" {
		if len(others) == 0 {
			others = []string{centralRegistry}
		}
		fmt.Fprintf(&b, "# The first one has rules_hyp.\ncommon --registry=%s\n", registry)
		for _, other := range others {
			fmt.Fprintf(&b, "common --registry=%s\n", other)
		}
		b.WriteString("\n")
	}
	b.WriteString("try-import %workspace%/.bazelrc.user\n")
	return []byte(b.String())
}

// HasRegistry tells whether a .bazelrc names a registry.
func HasRegistry(bazelrc []byte, registry string) bool {
	for _, line := range strings.Split(string(bazelrc), "\n") {
		for _, word := range strings.Fields(line) {
			if value, ok := strings.CutPrefix(word, "--registry="); ok && strings.TrimSuffix(value, "/") == strings.TrimSuffix(registry, "/") {
				return true
			}
		}
	}
	return false
}

// Bazelw returns a script that runs the bazelw of a checkout, absolute or relative to the workspace.
func Bazelw(checkout string) []byte {
	program := shell.Quote([]string{filepath.Join(checkout, "bazelw")})
	if !filepath.IsAbs(checkout) {
		program = `"$root"/` + program
	}
	return []byte("#!/bin/sh\n" +
		"# " + Mark + ". Runs Bazel with rules_hyp's bazelw, which provides one if there is none on PATH, or no access to the public registry.\n" +
		"root=$(cd -P -- \"$(dirname -- \"$0\")\" && pwd) || exit 1\n" +
		"exec " + program + " \"$@\"\n")
}

// Ignore returns a .bazelignore with the directories, relative to the workspace, added to its lines. It returns text if nothing is missing.
func Ignore(text []byte, directories ...string) []byte {
	lines := map[string]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		lines[strings.TrimSuffix(strings.TrimSpace(line), "/")] = true
	}
	for _, directory := range directories {
		if lines[directory] {
			continue
		}
		lines[directory] = true
		if len(text) > 0 && text[len(text)-1] != '\n' {
			text = append(text[:len(text):len(text)], '\n')
		}
		text = append(text[:len(text):len(text)], directory+"\n"...)
	}
	return text
}
