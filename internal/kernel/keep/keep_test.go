// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"slices"
	"strings"
	"testing"
)

const generated = `"""Head."""

load("@rules_hyp//rules:defs.bzl", "hyp_library")

exports_files(["headers.txt"])

OPTIONS = [
    "-nostdinc",
    "-O2",
]

hyp_library(
    name = "nvhe",
    # Link order: do not sort.
    srcs = [
        "a.c",
        "b.c",
        "c.c",
    ],
    copts = OPTIONS + [
        "-DA",
        "-DB",
    ],
    per_file_copts = {
        "a.c": [
            "-DX",
            "-DY",
        ],
    },
    tree = "//:BUILD.bazel",
)
`

// edit replaces each old text, which must be there once, by the next.
func edit(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			t.Fatalf("%q is %d times in\n%s", pairs[i], strings.Count(text, pairs[i]), text)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

func merge(t *testing.T, old, generated string) *Result {
	t.Helper()
	result, err := Merge("BUILD.bazel", []byte(old), []byte(generated))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// Everything that is marked stays, wherever the comment is; merging again changes nothing.
func TestMarkedEditsStay(t *testing.T) {
	for name, pairs := range map[string][]string{
		"element":               {`        "b.c",`, "        \"b.c\",\n        \"mine.c\",  # keep"},
		"element, comment line": {`        "b.c",`, "        \"b.c\",\n        # keep: ours\n        \"mine.c\","},
		"first element":         {`        "a.c",` + "\n        \"b.c\"", "        \"mine.c\",  # keep\n        \"a.c\",\n        \"b.c\""},
		"element of a sum":      {`        "-DA",`, "        \"-DA\",\n        \"-DMINE\",  # keep"},
		"element in a dict":     {`            "-DX",`, "            \"-DX\",\n            \"-DMINE\",  # keep"},
		"dict entry":            {`    per_file_copts = {`, "    per_file_copts = {\n        # keep\n        \"mine.c\": [\"-DX\"],"},
		"element of a constant": {`    "-O2",`, "    \"-O2\",\n    \"-DMINE\",  # keep"},
		"exported file":         {`exports_files(["headers.txt"])`, "exports_files([\n    \"headers.txt\",\n    \"mine.txt\",  # keep\n])"},
		"attribute":             {`    tree = "//:BUILD.bazel",`, "    tree = \"//:mine\",  # keep"},
		"new attribute":         {`    tree = "//:BUILD.bazel",`, "    tree = \"//:BUILD.bazel\",\n    visibility = [\"//mine\"],  # keep"},
		"list as an attribute":  {"        \"c.c\",\n    ],", "        \"mine.c\",\n    ],  # keep"},
		"target":                {"hyp_library(\n    name = \"nvhe\",", "# keep\nhyp_library(\n    name = \"nvhe\",\n    mine = 1,"},
		"load":                  {"exports_files(", "load(\"//:mine.bzl\", \"mine\")  # keep\n\nexports_files("},
		"constant":              {"    \"-O2\",\n]", "    \"-DMINE\",\n]  # keep"},
		"name of a target":      {"    tree = \"//:BUILD.bazel\",\n)\n", "    tree = \"//:BUILD.bazel\",\n)\n\nother(\n    name = \"mine\",  # keep\n    srcs = [\"x\"],\n)\n"},
		"element of a target":   {"    tree = \"//:BUILD.bazel\",\n)\n", "    tree = \"//:BUILD.bazel\",\n)\n\nother(\n    name = \"mine\",\n    srcs = [\n        \"x\",  # keep\n        \"y\",\n    ],\n)\n"},
		"another target":        {"    tree = \"//:BUILD.bazel\",\n)\n", "    tree = \"//:BUILD.bazel\",\n)\n\n# keep\nmine(\n    name = \"other\",\n    srcs = [\"x\"],\n)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			old := edit(t, generated, pairs...)
			// What the generator changes is changed beside the edit.
			result := merge(t, old, generated)
			if !strings.Contains(strings.ToLower(string(result.Text)), "mine") {
				t.Errorf("got\n%s\nwant the edit in it", result.Text)
			}
			if len(result.Kept) != 1 || len(result.Dropped) != 0 {
				t.Errorf("kept %q, dropped %q; want one that was kept", result.Kept, result.Dropped)
			}
			again := merge(t, string(result.Text), generated)
			if string(again.Text) != string(result.Text) {
				t.Errorf("merged again: got\n%s\nwant\n%s", again.Text, result.Text)
			}
		})
	}
}

// An element that is kept keeps its place among the others: link order matters.
func TestPlace(t *testing.T) {
	old := edit(t, generated, `        "b.c",`, "        \"b.c\",\n        \"mine.c\",  # keep")
	next := edit(t, generated, `        "a.c",`+"\n        \"b.c\",", "        \"new.c\",\n        \"b.c\",\n        \"other.c\",")
	got := string(merge(t, old, next).Text)
	want := "        \"new.c\",\n        \"b.c\",\n        \"mine.c\",  # keep\n        \"other.c\",\n        \"c.c\",\n"
	if !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant\n%s in it", got, want)
	}
}

// What is not marked is the generator's, and statements that are removed are reported.
func TestUnmarked(t *testing.T) {
	old := edit(t, generated, `"-DA"`, `"-DMINE"`, `        "b.c",`, `        "mine.c",`, "    per_file_copts = {", "    per_file_copts = {\n        \"mine.c\": [\"-DX\"],", `"//:BUILD.bazel",`,
		"\"//:mine\",\n    visibility = [\"//mine\"],") + "\nmine(name = \"other\")\n\nx()\n\nfor_test = 1\n"
	result := merge(t, old, generated)
	if string(result.Text) != generated {
		t.Errorf("got\n%s\nwant the generated file", result.Text)
	}
	if want := []string{"nvhe: srcs: mine.c", "nvhe: copts: -DMINE", "nvhe: per_file_copts: mine.c", "nvhe: tree: //:mine", "nvhe: visibility"}; !slices.Equal(result.Removed, want) {
		t.Errorf("removed %q; want %q", result.Removed, want)
	}
	if want := []string{"other", "x", "for_test"}; !slices.Equal(result.Dropped, want) || len(result.Kept) != 0 {
		t.Errorf("kept %q, dropped %q; want %q dropped", result.Kept, result.Dropped, want)
	}
}

func TestBrokenFile(t *testing.T) {
	if _, err := Merge("x/BUILD.bazel", []byte("a(\n"), []byte(generated)); err == nil || !strings.Contains(err.Error(), "x/BUILD.bazel") {
		t.Errorf("got error %v, want one that names the file", err)
	}
}

func FuzzMerge(f *testing.F) {
	f.Add(generated)
	f.Add("a = [1]  # keep\nb(name = 'nvhe', srcs = ['x', # keep\n])\n")
	f.Add("x = '\\u4e2d'\ny = '\"0\\\xa7'\n")
	f.Add("hyp_library(name = \"nvhe\", per_file_copts = {\"a.c\": [] # keep\n})\nexports_files(1)\nOPTIONS = x + y\n")
	f.Fuzz(func(t *testing.T, old string) {
		result, err := Merge("BUILD.bazel", []byte(old), []byte(generated))
		if err != nil {
			return
		}
		again, err := Merge("BUILD.bazel", result.Text, []byte(generated))
		if err != nil {
			t.Fatalf("%v in\n%s", err, result.Text)
		}
		if string(again.Text) != string(result.Text) {
			t.Errorf("merged again: got\n%s\nwant\n%s", again.Text, result.Text)
		}
	})
}
