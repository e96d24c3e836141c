package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// configSuffix is what the name of a copy's settings file has behind the copy's name.
const configSuffix = ".launch.json"

// Place is where Bazel keeps one thing, in its two layouts.
type Place struct {
	// Exec is the path below the execution root, the working folder of every action.
	Exec string `json:"exec"`
	// Runfiles is the path below a runfiles folder, the layout that tests and `bazel run` see.
	Runfiles string `json:"runfiles"`
}

// Config says what one copy of launch starts. toolchain/private/packaged_tool.bzl writes it.
type Config struct {
	// Kind is "gcc" for a driver of GCC's, "program" for anything else.
	Kind string `json:"kind"`
	// Self is the copy itself; it serves to find the root where the working folder does not tell.
	Self Place `json:"self"`
	// Root is the folder that the packages are unpacked in.
	Root Place `json:"root"`
	// Program, Loader and Libraries are paths below the root: what to start, the ld.so to start it with, the folders to find its
	// shared libraries in.
	Program   string   `json:"program"`
	Loader    string   `json:"loader"`
	Libraries []string `json:"libraries"`
	// Args are arguments to put before the caller's. "%ROOT%" in them stands for the root.
	Args []string `json:"args"`
}

// parseConfig reads and checks a settings file.
func parseConfig(data []byte) (*Config, error) {
	var c Config
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return nil, err
	}
	if c.Kind != "gcc" && c.Kind != "program" {
		return nil, fmt.Errorf("kind: got %q, want gcc or program", c.Kind)
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
			return nil, fmt.Errorf("%s: got nothing, want a path", field.name)
		}
	}
	if len(c.Libraries) == 0 {
		return nil, fmt.Errorf("libraries: got none, want the folders of the program's shared libraries")
	}
	return &c, nil
}
