// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
)

// driverKept are the only environment variables of a compile: the directory of temporary files, and the time for __DATE__. GCC's manual lists
// a dozen more that add search directories or change the output (3.21, "Environment Variables Affecting GCC"), and clang has some of its own, such as
// CCC_OVERRIDE_OPTIONS; a build must not depend on them.
var driverKept = []string{"TMPDIR", "SOURCE_DATE_EPOCH"}

// driverEnv returns the environment of a compiler driver. Its subprograms inherit it.
func driverEnv(env []string, kind string) []string {
	// For messages and sort orders.
	kept := []string{"LC_ALL=C"}
	dated := false
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		// clang's subprograms find the root as the driver did.
		if slices.Contains(driverKept, name) || kind == "clang" && name == "RUNFILES_DIR" {
			kept = append(kept, entry)
			dated = dated || name == "SOURCE_DATE_EPOCH"
		}
	}
	if !dated {
		// __DATE__ and __TIME__ must not be the time of the build.
		kept = append(kept, "SOURCE_DATE_EPOCH=0")
	}
	return kept
}
