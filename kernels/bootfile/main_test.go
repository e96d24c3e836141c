// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

const sample = `"""What kbuild does."""

load("//rules:defs.bzl", "hyp_library", "hyp_linker_script")

# Options at the start.
TREE_OPTIONS = ["-nostdinc"]

hyp_library(
    name = "nvhe",
    # Link order: do not sort.
    srcs = [
        "@linux//:b.c",
        "@linux//:a.S",
    ],
    asmopts = TREE_OPTIONS + ["-DA=\"@x\""],
    copts = TREE_OPTIONS + ["-O2"],
    per_file_copts = {"b.c": ["-DB"]},
)

hyp_linker_script(
    name = "hyp_lds",
    src = "@linux//:hyp.lds.S",
    copts = TREE_OPTIONS + ["-P"],
)
`

const converted = `"""What kbuild does in arch/arm64/kvm/hyp/nvhe of the kernel for boot tests: its sources, their order and every option.

Generated; do not edit. To regenerate it: bazel run //kernels/0/boot:update
"""

# Options at the start.
TREE_OPTIONS = ["-nostdinc"]

# Link order: do not sort.
SRCS = [
    Label("@linux//:b.c"),
    Label("@linux//:a.S"),
]
ASMOPTS = TREE_OPTIONS + ["-DA=\"@x\""]
COPTS = TREE_OPTIONS + ["-O2"]
PER_FILE_COPTS = {"b.c": ["-DB"]}
LDS = Label("@linux//:hyp.lds.S")
LDS_COPTS = TREE_OPTIONS + ["-P"]
`

func TestConvert(t *testing.T) {
	got, err := convert("BUILD.bazel", []byte(sample), command("kernels/0/boot/kbuild.bzl"))
	if err != nil || string(got) != converted {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, converted)
	}
	for name, text := range map[string]string{
		"no library":         strings.Replace(sample, "hyp_library(", "other(", 1),
		"no options":         strings.Replace(sample, "copts = TREE_OPTIONS + [\"-O2\"],", "", 1),
		"not a BUILD file":   "hyp_library(",
		"two linker scripts": sample + "hyp_linker_script(name = \"more\", src = \"x\", copts = [])\n",
	} {
		if _, err := convert("BUILD.bazel", []byte(text), ""); err == nil || !strings.Contains(err.Error(), "BUILD.bazel") {
			t.Errorf("%s: got error %v, want one that names the file", name, err)
		}
	}
}
