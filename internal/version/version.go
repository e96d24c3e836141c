// SPDX-License-Identifier: Apache-2.0

// Package version has the version that the programs report.
package version

// Number is the version of rules_hyp. //tests/lint checks that MODULE.bazel, CHANGELOG.md
// and the others that repeat it have the same.
const Number = "0.1.0"

// Text is what a program prints for --version.
func Text(program string) string { return program + " (rules_hyp) " + Number }
