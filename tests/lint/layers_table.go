// SPDX-License-Identifier: Apache-2.0

package lint

// stacks are the packages of internal/ that programs are made of, in layers,
// each from the ground up. What is in no layer is for tests, see testPackages.
// A package may be listed before it exists.
//
// A package imports those of the lowest two layers, if they are below it; elfobj,
// when it is above that; and of other layers below it those that arrows lists.
var stacks = [][]layer{
	{
		{
			"identifiers of errors, which everything may have",
			[]string{"errcode"},
		},
		{
			"the ground, which imports nothing else of ours",
			[]string{"arena", "bfdorder", "cmdline", "depfile", "dsse", "execlog", "fileio", "glob", "kallsyms", "linediff", "machine", "nametable", "parallel", "symbolize", "textline", "vary", "version", "vmlinuz", "xxh"},
		},
		{
			"the formats: an ELF object, a linker script",
			[]string{"elfobj", "ldscript"},
		},
		{
			"stages and views of one object; a compiler run; apt's metadata; a run of Bazel",
			[]string{"archive", "bazelrun", "compile", "debian", "elftext", "hyprel", "layout", "lineinfo", "rename"},
		},
		{
			"what puts those together",
			[]string{"check", "compare", "debkernel", "explain", "image", "inputs", "link", "provenance", "sizes"},
		},
		{
			"an audit of builds; pages to look at",
			[]string{"picture", "rebuild"},
		},
	},
	// Kernel trees are an island: nothing here knows of ELF, and no other package of this.
	{
		{
			"the words of commands",
			[]string{"kernel/shell"},
		},
		{
			"what a tree looks like; hand edits of a BUILD file",
			[]string{"kernel/keep", "kernel/reference", "kernel/stamp", "kernel/tree", "kernel/undefined"},
		},
		{
			"kbuild's dry run, and what comes before it; Bazel's files that are not from it",
			[]string{"kernel/kbuild", "kernel/prepare", "kernel/workspace"},
		},
		{
			"what is written from it",
			[]string{"kernel/buildfile", "kernel/clangd", "kernel/headers"},
		},
		{
			"all of it, for a program",
			[]string{"kernel/generate"},
		},
	},
}

// groundHeight is the highest layer that everything above it may import.
const groundHeight = 1

// arrows lists what a package imports besides the ground and elfobj.
var arrows = map[string][]string{
	"check":     {"hyprel", "layout", "ldscript", "lineinfo", "rename"},
	"compare":   {"hyprel", "layout"},
	"debkernel": {"debian"},
	"image":     {"layout"},
	"inputs":    {"archive"},
	"layout":    {"ldscript"},
	"link":      {"ldscript"},
	"picture":   {"compare", "hyprel", "layout", "sizes"},
	"rebuild":   {"archive", "bazelrun", "compare"},
	"sizes":     {"hyprel", "layout"},

	"kernel/buildfile": {"kernel/kbuild"},
	"kernel/clangd":    {"kernel/kbuild", "kernel/tree"},
	"kernel/generate":  {"kernel/buildfile", "kernel/clangd", "kernel/headers", "kernel/kbuild", "kernel/reference", "kernel/stamp", "kernel/tree", "kernel/undefined"},
	"kernel/headers":   {"kernel/kbuild", "kernel/stamp"},
	"kernel/kbuild":    {"kernel/shell"},
	"kernel/prepare":   {"kernel/shell", "kernel/tree"},
	"kernel/tree":      {"kernel/shell"},
	"kernel/workspace": {"kernel/keep", "kernel/shell"},
}

// testPackages are helpers of tests. They and files *_test.go may import all of
// internal/ and tests/; nothing else may import them.
var testPackages = []string{"execlog/execlogtest", "golden", "rename/renametest"}

type layer struct {
	what     string
	packages []string // below internal/
}
