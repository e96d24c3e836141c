// SPDX-License-Identifier: Apache-2.0

package lint

import "slices"

const (
	entryText = "\n**Cause**: a\n\n**Cure**: b\n"
	someCodes = "package errcode\n\ntype Code string\n\nconst (\n\t// Early is an early end.\n\tEarly Code = \"E1003\"\n)\n"
	someUse   = "package novel\n\nimport \"" + module + "internal/errcode\"\n\nvar a = errcode.Early.Errorf(\"early\")\n"
)

// withCode makes a repository with one code, and more files.
func withCode(more ...string) []File {
	return slices.Concat(files(
		codesDir+"/objects.go", someCodes,
		pagesDir+"/objects.md", "# Objects\n\n## E1003: early end\n"+entryText,
		pagesDir+"/README.md", "## Errors\n",
		"internal/novel/used.go", someUse), files(more...))
}

// goFile makes a Go file of the package novel.
func goFile(body string) string {
	return "package novel\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n\n\t\"" + module + "internal/format\"\n\t\"" + module + "internal/errcode\"\n)\n\n" + body + "\n"
}

const formatError = "package format\n\nimport \"" + module + "internal/errcode\"\n\ntype Error struct {\n\tFile, Section string\n\tCode errcode.Code\n}\n\n" +
	"func (e *Error) Error() string { return \"\" }\n\nfunc (e *Error) ErrorCode() errcode.Code { return e.Code }\n"

var errorCases = []ruleCase{
	{"errors", "with codes", withCode(
		"internal/format/errors.go", formatError,
		"internal/novel/a.go", goFile("func f(err error) []error {\n\treturn []error{fmt.Errorf(\"a\"+\" %w\", err), &format.Error{File: \"a\", Code: errcode.Early}, &format.Error{\"a\", \"b\", errcode.Early}, errors.Join(err)}\n}"),
		"internal/novel/b.go", "package novel\n\ntype numberedError struct {\n\tn int\n\terror\n}\n\nvar b = numberedError{1, nil}\n",
		"internal/novel/a_test.go", "package novel\n\nvar a = errors.New(\"E1003\")\n",
		"internal/golden/a.go", "package golden\n\nvar a = errors.New(\"a\")\n",
		"tests/a/a.go", "package a\n\nvar a = errors.New(\"a\")\n",
		"rules/novel/a.bzl", "def a():\n    # fail(\n    fail(\"{} (\\\"a\\\") [E9001]\".format(\"b)\"))\n    fail(\n        \"\"\"a\nb [E9001]\"\"\",\n    )\n    unfail(\"a\")\n",
		"docs/errors/rules.md", "# Rules\n\n## E9001: a rule\n"+entryText,
	), nil},
	{"errors", "without a code", withCode(
		"internal/format/errors.go", formatError,
		"internal/novel/a.go", goFile("var a = []any{\n\tfmt.Errorf(\"a %v\", 1),\n\tfmt.Errorf(text, 1),\n\terrors.New(\"a\"),\n\t&format.Error{File: \"a\"},\n"+
			"\tformat.Error{\"a\", \"b\", \"\"},\n\t&format.Error{Code: \"\"},\n\terrcode.Code(\"E1003\"),\n}"),
	), []string{
		"internal/novel/a.go:12: fmt.Errorf without %w makes an error without a code; make it with errcode",
		"internal/novel/a.go:13: fmt.Errorf without %w makes an error without a code; make it with errcode",
		"internal/novel/a.go:14: errors.New makes an error without a code; make it with errcode",
		"internal/novel/a.go:15: format.Error without a code; give its Code",
		"internal/novel/a.go:16: format.Error without a code; give its Code",
		"internal/novel/a.go:17: format.Error without a code; give its Code",
		`internal/novel/a.go:18: "E1003"; use the constant of internal/errcode`,
	}},
	{"errors", "types without a code", withCode(
		"tools/a/a.go", "package main\n\ntype plain string\n\nfunc (p plain) Error() string { return string(p) }\n\ntype FileError struct{ name string }\n\n"+
			"type half struct{ code errcode.Code }\n\nfunc (h *half) Error() string { return \"\" }\n\nvar a = half{}\n\ntype own int\n\nfunc (own) Error() string { return \"\" }\n\n"+
			"func (own) ErrorCode() errcode.Code { return errcode.Early }\n",
	), []string{
		"tools/a/a.go:3: plain has no errcode.Code, and wraps no error that has one; add a field and the method ErrorCode",
		"tools/a/a.go:7: FileError has no errcode.Code, and wraps no error that has one; add a field and the method ErrorCode",
		"tools/a/a.go:9: half has no method ErrorCode, by which errcode finds its code",
		"tools/a/a.go:13: half without a code; give its Code",
	}},
	{"errors", "codes", slices.Concat(files(codesDir+"/objects.go", "package errcode\n\ntype Code string\n\nconst (\n\t// One is the first.\n\tOne Code = \"E1003\"\n\t// Two is the second.\n"+
		"\tTwo Code = \"E1003\"\n\t// Three is not.\n\tThree Code = \"E103\"\n\tFour Code = \"E1004\"\n\t// Nine is Starlark's.\n\tNine Code = \"E9001\"\n)\n",
		pagesDir+"/objects.md", "## E1003: a\n"+entryText+"\n## E1004: b\n"+entryText,
		"internal/novel/a.go", goFile("var a = []any{errcode.One, errcode.Two, errcode.Three, errcode.Four, errcode.Nine, errcode.Five}"))), []string{
		"internal/errcode/objects.go:9: E1003 is also the code of One; take the next one that is free",
		`internal/errcode/objects.go:11: Three is "E103", which is no code; write E and four digits`,
		"internal/errcode/objects.go:12: Four has no comment that starts with its name; say what kind of error it is",
		"internal/errcode/objects.go:14: Nine is E9001; codes of area 9 are those of Starlark",
		"internal/novel/a.go:11: errcode.Three is not declared in internal/errcode",
		"internal/novel/a.go:11: errcode.Nine is not declared in internal/errcode",
		"internal/novel/a.go:11: errcode.Five is not declared in internal/errcode",
	}},
	{"errors", "no entry and no use", withCode(codesDir+"/a.go", "package errcode\n\nconst (\n\t// A is one.\n\tA Code = \"E1001\"\n)\n"), []string{
		"internal/errcode/a.go:5: E1001 (A) is not in docs/errors; add an entry with its cause and cure",
		"internal/errcode/a.go:5: E1001 (A) is not used; remove it, and note in docs/errors/README.md that it was",
	}},
	{"errors", "entries", withCode(
		pagesDir+"/a.md", "# A\n\n## E1003: again\n"+entryText+"\n## E1004: of nothing\n"+entryText+"\n## E1005 without a colon\n",
		pagesDir+"/b.md", "# B\n\n## E9002: halves\n\n**Cause**: a\n", "rules/novel/a.bzl", "fail(\"a [E9002]\")\n",
	), []string{
		"docs/errors/a.md:3: E1003 is also in docs/errors/objects.md:3",
		"docs/errors/a.md:15: no heading of an entry; write ## E1234: what the error is",
		"docs/errors/b.md:3: E9002 has no Cure",
		"docs/errors/a.md:9: no error has the code E1004; remove the entry",
	}},
	{"errors", "Starlark", withCode(
		"rules/novel/a.bzl", "def a(x):\n    fail(\"a\")\n    fail(x)\n    fail(x + \" [E1003]\")\n    if x:\n        fail(\n            \"a [E9003]\"\n            .format(len([])),\n        )\n",
		"kernels/a.bzl", "fail(\"a\")\n",
	), []string{
		"rules/novel/a.bzl:2: fail without a code; end its text with one, such as [E9001]",
		"rules/novel/a.bzl:3: fail without a code; end its text with one, such as [E9001]",
		"rules/novel/a.bzl:4: fail without a code; end its text with one, such as [E9001]",
		"rules/novel/a.bzl:6: E9003 is not in docs/errors; add an entry with its cause and cure",
	}},
	{"errors", "a sentinel", withCode("internal/fileio/a.go", "package fileio\n\nvar errNoUnnamed = errors.New(\"a\")\n\nvar other = errors.New(\"b\")\n"), []string{
		"internal/fileio/a.go:5: errors.New makes an error without a code; make it with errcode",
	}},
	{"errors", "internal errors", withCode("internal/elftext/a.go", "package elftext\n\nvar a = errors.New(\"a\")\n", "internal/lineinfo/a.go", "package lineinfo\n"), []string{
		"tests/lint/errors_table.go: all errors of internal/lineinfo have codes; remove it from internalErrors",
	}},
	{"errors", "no sentinel", withCode("internal/fileio/a.go", "package fileio\n"), []string{
		"tests/lint/errors_table.go: there is no internal/fileio.errNoUnnamed; remove it from sentinels",
	}},
	{"errors", "syntax", withCode("internal/novel/a.go", "package\n"), []string{"internal/novel/a.go: 1:9: expected 'IDENT', found 'EOF'"}},
}
