// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// configSuffix is appended to the name of a copy for its settings file.
const configSuffix = ".launch.json"

// Place is the path of a file or directory in Bazel's two layouts.
type Place struct {
	// Exec is relative to the execution root, the working directory of every action. That of an output is relative to its configuration's
	// directory, bazel-out/CONFIGURATION/bin, so that configurations share cache entries.
	Exec string `json:"exec"`
	// Runfiles is relative to a runfiles directory, for tests and `bazel run`.
	Runfiles string `json:"runfiles"`
}

// Config says what one copy of launch starts. toolchain/private/packaged_tool.bzl writes it.
type Config struct {
	// Kind is "gcc" for a GCC driver, "clang" for a clang driver, or "program".
	Kind string `json:"kind"`
	// Self is the copy itself, to find the root if the working directory is another one.
	Self Place `json:"self"`
	// Root is the directory that the packages are unpacked in.
	Root Place `json:"root"`
	// Program, Loader and Libraries are relative to the root: the program, the ld.so to start it with, the directories with its shared
	// libraries.
	Program   string   `json:"program"`
	Loader    string   `json:"loader"`
	Libraries []string `json:"libraries"`
	// Headers is the directory of GCC's own headers below usr/lib/gcc-cross in the root, for a driver that does not find them.
	Headers string `json:"headers"`
	// Args are arguments before the caller's. "%ROOT%" in them is the root.
	Args []string `json:"args"`
}

// parseConfig reads and checks a settings file.
func parseConfig(data []byte) (*Config, error) {
	var c Config
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return nil, errcode.LauncherSettings.Errorf("%w", err)
	}
	if c.Kind != "gcc" && c.Kind != "clang" && c.Kind != "program" {
		return nil, errcode.LauncherSettings.Errorf("kind: got %q, want gcc, clang or program", c.Kind)
	}
	for _, field := range []struct{ name, value string }{
		{"self.exec", c.Self.Exec},
		{"self.runfiles", c.Self.Runfiles},
		{"root.exec", c.Root.Exec},
		{"root.runfiles", c.Root.Runfiles},
		{"program", c.Program},
		{"loader", c.Loader},
	} {
		if field.value == "" {
			return nil, errcode.LauncherSettings.Errorf("%s: got nothing, want a path", field.name)
		}
	}
	if len(c.Libraries) == 0 {
		return nil, errcode.LauncherSettings.Errorf("libraries: got none, want the directories of the program's shared libraries")
	}
	return &c, nil
}
