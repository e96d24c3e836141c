// SPDX-License-Identifier: Apache-2.0

// Package divergences lists the accepted differences between the outputs of hyplink
// and of other linkers. docs/divergences.md explains them.
package divergences

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// matching returns a Match for lines that a regular expression matches as a whole.
func matching(expression string) func(string) bool {
	return regexp.MustCompile(`^(?:` + expression + `)$`).MatchString
}

// replacing returns a Canon that removes what an expression matches from the lines
// that another one matches.
func replacing(lines, expression string) func(string) string {
	of, what := regexp.MustCompile(lines), regexp.MustCompile(expression)
	return func(line string) string {
		if !of.MatchString(line) {
			return line
		}
		return what.ReplaceAllString(line, "*")
	}
}

// All lists the accepted differences between objects.
var All = []elfdump.Tolerance{
	{
		ID:   "empty-gas-sections",
		Only: "want",
		Match: matching(`section \.(text|data|bss) type=(PROGBITS|NOBITS) flags=(AX|WA) align=1 entsize=0 size=0x0 bytes=none` +
			`|symbol \.(text|data|bss) type=SECTION bind=LOCAL vis=DEFAULT section=\.(text|data|bss) value=0x0 size=0`),
	},
	{
		ID:    "group-section-symbol",
		Only:  "want",
		Match: matching(`symbol \.group type=SECTION bind=LOCAL vis=DEFAULT section=\.group value=0x0 size=0`),
	},
	{
		ID:    "flattened-groups-are-weak",
		Canon: replacing(`^symbol (__test_)?inline_[ab] `, `bind=(GLOBAL|WEAK)`),
	},
	{
		ID:    "locals-of-bss-only-objects",
		Only:  "got",
		Match: matching(`symbol .* bind=LOCAL vis=DEFAULT section=(ABS|(\.hyp)?\.bss\S*) .*`),
	},
	{
		ID:   "empty-section-for-commons",
		Only: "want",
		Match: matching(`section \.hyp\.bss type=NOBITS flags=WA align=[0-9]+ entsize=0 size=0x0 bytes=none` +
			`|symbol \.hyp\.bss type=SECTION bind=LOCAL vis=DEFAULT section=\.hyp\.bss value=0x0 size=0`),
	},
	{
		ID:    "relocations-against-nothing",
		Only:  "got",
		Match: matching(`reloc \.debug_\S* R_AARCH64_NONE - \+0`),
	},
	{
		ID:    "build-id-digest",
		Canon: replacing(`^section \.note\.gnu\.build-id type=NOTE flags=A align=4 entsize=0 size=0x24 `, `bytes=\S*`),
	},
	{
		ID:    "group-signature-symbol",
		Canon: replacing(`^symbol \S+ type=NOTYPE bind=LOCAL vis=DEFAULT section=(\.group|ABS) value=0x0 size=0$`, `section=\S*`),
	},
	{
		ID:    "tls-alignment",
		Canon: replacing(`^section \.tdata .* flags=WAT `, `align=\S*`),
	},
	{
		ID:    "debug-information-of-discarded-groups",
		Canon: replacing(`^(section|reloc) \.debug_(ranges|loc|aranges)[ +]`, `bytes=\S*|R_AARCH64_.*`),
	},
	{
		ID:    "subalign-alignment",
		Canon: replacing(`^section (\.hyp\.\S*|__ex_table|\.altinstructions) `, `align=\S*`),
	},
	{
		ID:    "unused-weak-references",
		Only:  "got",
		Match: matching(`symbol \S+ type=NOTYPE bind=WEAK vis=\S+ section=UND value=0x0 size=0`),
	},
	{
		ID:   "aarch64-attribute-forms",
		Only: "want",
		Match: matching(`section \.ARM\.attributes type=AARCH64_ATTRIBUTES flags= align=[0-9]+ entsize=0 size=\S+ bytes=\S+` +
			`|symbol \.ARM\.attributes type=SECTION bind=LOCAL vis=DEFAULT section=\.ARM\.attributes value=0x0 size=0`),
	},
	{
		ID:    "empty-section-flags",
		Canon: replacing(`^section .* size=0x0 bytes=none`, `(type|flags|align|entsize)=\S*`),
	},
}

// Refusal is an input that hyplink rejects as a mistake and GNU ld accepts.
type Refusal struct {
	// ID is the name in docs/divergences.md.
	ID string
	// Message matches hyplink's error.
	Message *regexp.Regexp
}

// Refusals lists the accepted refusals.
var Refusals = []Refusal{
	{"script-that-matches-nothing", regexp.MustCompile(`no input section that holds anything matches a pattern of the script`)},
}

// OfInputs lists the differences that change whole sections. Tests handle them by
// giving the other linker another input, or by comparing a section decoded.
var OfInputs = []string{"dot-counts-from-section", "edited-frames"}

// OfCases lists the differences that golden cases of the partial link show.
var OfCases = []string{
	"hidden-script-symbols", "script-symbol-twice", "tables-without-type", "no-addresses", "addrsig-dropped", "relaxation-padding", "merged-strings", "strings-left-whole", "merge-size-odd", "described-section-split", "fill-before-orphans",
	"attributes-contradict-note", "unknown-aarch64-attributes", "signing-schema-missing",
	"unknown-properties", "property-sizes", "numeric-properties",
	"privileged-versions", "riscv-abi-attributes", "unknown-riscv-attributes", "exclusive-extensions", "implied-extensions",
	"patchable-entries", "fat-lto-objects", "call-graph-profile", "versioned-references",
	"thread-local-references", "excluded-sections-in-script", "types-of-orphans", "unknown-section-types", "followers-of-different-sections",
	"symbols-that-only-debug-information-needs", "constants-linked-once", "definitions-without-type", "files-named-in-script", "members-of-thin-archives",
	"frame-gaps", "cut-sections", "missing-stack-note", "data-without-abi",
}

// ByID returns the tolerances with IDs.
func ByID(ids ...string) ([]elfdump.Tolerance, error) {
	var out []elfdump.Tolerance
	for _, id := range ids {
		i := slices.IndexFunc(All, func(t elfdump.Tolerance) bool { return t.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("no divergence %q; add it to tests/divergences and docs/divergences.md", id)
		}
		out = append(out, All[i])
	}
	return out, nil
}
