// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"slices"
	"strings"
)

// goodPage is a page that agrees with tree.
const goodPage = `# Architecture

stage.bzl makes .o

` + passesHeading + "\n| pass | what it does |\n|---|---|\n| `collect` | `x` |\n| `place` | y |\n\n" + layersHeading + "\nelfobj  link  kernel/tree  `rename/renametest`, `//tests/lint`, `.text`\n\n" +
	placesHeading + "\n| what | where |\n|---|---|\n| a | `.bazelrc` |\n| b | `internal/elfobj/`: like `internal/elfobj/a.go` |\n"

// tree makes a repository with a page on its architecture, and more files.
func tree(page string, more ...string) []File {
	return slices.Concat(files(architecturePage, page,
		passesFile, "package link\n\nfunc Link() {\n\tfor _, pass := range []func() error{\n\t\tfunc() error { return l.collect(objects) },\n\t\tl.place,\n\t} {\n\t\tl.no()\n\t}\n}\n",
		"internal/elfobj/a.go", "", "internal/kernel/tree/a.go", "", "internal/rename/renametest/a_test.go", "", "tests/lint/lint.go", "",
		".bazelrc", "", "rules/private/stage.bzl", ""), files(more...))
}

// edited is the good page with one text replaced by another.
func edited(old, text string) string {
	before, after, found := strings.Cut(goodPage, old)
	if !found {
		panic(old + " is not in the page")
	}
	return before + text + after
}

var architectureCases = []ruleCase{
	{"architecture", "as it is", tree(goodPage), nil},
	{"architecture", "path", tree(edited("`//tests/lint`", "`tests/gone/x.go`")), []string{
		"docs/architecture.md:14: tests/gone/x.go does not exist; name what does",
	}},
	{"architecture", "file of a rule", tree(edited("stage.bzl", "other.bzl")), []string{
		"docs/architecture.md:3: rules/private/other.bzl does not exist; name what does",
	}},
	{"architecture", "place without a slash", tree(edited("`.bazelrc`", "`.remoterc`")), []string{
		"docs/architecture.md:20: .remoterc does not exist; name what does",
	}},
	{"architecture", "no place", tree(edited("`.bazelrc`", "somewhere")), []string{
		"docs/architecture.md:20: no path for a; name one",
	}},
	{"architecture", "package", tree(goodPage, "internal/novel/a.go", ""), []string{
		"docs/architecture.md: says nothing about internal/novel; put it in its layer",
	}},
	{"architecture", "no package", tree(edited("elfobj  link", "elfobj  check  link")), []string{
		"docs/architecture.md: has internal/check in a layer, which does not exist; take it out",
	}},
	{"architecture", "passes", tree(edited("| `place` | y |\n", "")), []string{
		"docs/architecture.md: the passes of a link are collect; but those of internal/link/link.go are collect, place",
	}},
	{"architecture", "no passes", files(architecturePage, goodPage, passesFile, "package link\n", "internal/elfobj/a.go", "",
		"internal/kernel/tree/a.go", "", "internal/rename/renametest/a_test.go", "", "tests/lint/lint.go", "", ".bazelrc", "", "rules/private/stage.bzl", ""), []string{
		"docs/architecture.md: the passes of a link are collect, place; but those of internal/link/link.go are ",
	}},
}
