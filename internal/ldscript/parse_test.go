// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"errors"
	"strings"
	"testing"
)

// refusals are scripts that Parse refuses, with the whole message. They are in
// the order of the grammar.
var refusals = []struct{ name, src, want string }{
	// Commands.
	{"OUTPUT_ARCH", `OUTPUT_ARCH(aarch64)`, `s:1:1: OUTPUT_ARCH is not supported; remove it: the object's format comes from the inputs`},
	{"ENTRY", `ENTRY(_start)`, `s:1:1: ENTRY is not supported; remove it: a relocatable object has no entry point`},
	{"ENTRY in SECTIONS", `SECTIONS { ENTRY(_start) }`, `s:1:12: ENTRY is not supported; remove it: a relocatable object has no entry point`},
	{"INCLUDE", `INCLUDE other.lds`, `s:1:1: INCLUDE is not supported; write its text into the script`},
	{"INCLUDE in a section", `SECTIONS { .a : { INCLUDE x } }`, `s:1:19: INCLUDE is not supported; write its text into the script`},
	{"MEMORY", `MEMORY { ram : ORIGIN = 0, LENGTH = 1M }`, `s:1:1: MEMORY is not supported; remove it: a relocatable object has no memory regions`},
	{"PHDRS without a name", `PHDRS { 5 PT_LOAD; }`, "s:1:9: unexpected `5`; write the name of a program header or `}`"},
	{"PHDRS without a type", `PHDRS { text FLAGS(5); }`, "s:1:14: unexpected `FLAGS`; write a type of program header, such as PT_LOAD"},
	{"PHDRS with another attribute", `PHDRS { text PT_LOAD ALIGN(4); }`, "s:1:22: unexpected `ALIGN`; write FILEHDR, PHDRS, AT(…), FLAGS(…) or `;`"},
	{"PHDRS in SECTIONS", `SECTIONS { PHDRS { text PT_LOAD; } }`, `s:1:12: PHDRS is not supported; move it out of SECTIONS`},
	{"VERSION", `VERSION { V1 { global: *; }; }`, `s:1:1: VERSION is not supported; remove it: a relocatable object has no symbol versions`},
	{"INPUT", `INPUT(a.o)`, `s:1:1: INPUT is not supported; name the inputs on the command line, in the order of the link`},
	{"INSERT", `SECTIONS { } INSERT AFTER .text;`, `s:1:14: INSERT is not supported; write the section where it belongs: there is no default script`},
	{"OVERLAY", `SECTIONS { OVERLAY : { .a { *(.a) } } }`, `s:1:12: OVERLAY is not supported; write the sections one after another`},
	{"FORCE_COMMON_ALLOCATION", `FORCE_COMMON_ALLOCATION`, `s:1:1: FORCE_COMMON_ALLOCATION is not supported; compile the inputs with -fno-common`},
	{"unknown command", `FOO(bar)`, "s:1:4: unexpected `(` after `FOO`; write an assignment, with spaces around its operator"},
	{"stray bracket", `}`, "s:1:1: unexpected `}`; write a command"},
	{"stray number", `5`, `s:1:1: character '5' has no meaning in a linker script here; remove it, or put the name into double quotes`},
	{"SECTIONS without brace", `SECTIONS .text`, "s:1:10: unexpected `.text`; write `{`"},
	{"open SECTIONS", "SECTIONS {\n", "s:2:1: unexpected end of file; write an output section, an assignment or `}`"},

	// Text that GNU ld cuts into names otherwise than people do.
	{"assignment without spaces", `x=1;`, "s:1:1: GNU ld takes `x=1`, with its '=', for one name; put spaces around the operator, or the name into double quotes"},
	{"assignment without spaces in SECTIONS", `SECTIONS { x=1; }`, "s:1:12: GNU ld takes `x=1`, with its '=', for one name; put spaces around the operator, or the name into double quotes"},
	{"assignment without spaces in a section", `SECTIONS { .a : { x=1; } }`, "s:1:19: GNU ld takes `x=1`, with its '=', for one name; put spaces around the operator, or the name into double quotes"},
	{"dot without spaces", `SECTIONS { .a : { .=ALIGN(4); } }`, "s:1:19: GNU ld takes `.=ALIGN`, with its '=', for one name; put spaces around the operator, or the name into double quotes"},
	{"hyphen in an assigned name", `SECTIONS { a-b = 1; }`, "s:1:12: GNU ld takes `a-b`, with its '-', for one name; put spaces around the operator, or the name into double quotes"},
	{"slash in an expression", `x = a/b;`, "s:1:5: GNU ld takes `a/b`, with its '/', for one name; put spaces around the operator, or the name into double quotes"},
	{"symbol that is a number", `x = add;`, "s:1:5: GNU ld takes `add` for a number; write 0x before a hexadecimal number, or put the name into double quotes"},
	{"dollar number", `x = $10;`, "s:1:5: GNU ld takes `$10` for a number; write 0x before a hexadecimal number, or put the name into double quotes"},
	{"DEFINED of a number", `x = DEFINED(feed);`, "s:1:13: GNU ld takes `feed` for a number; write 0x before a hexadecimal number, or put the name into double quotes"},
	{"colon in a section name", `SECTIONS { .text: { *(.text) } }`, "s:1:12: GNU ld takes `.text:`, with its colon, for one name; put a space before the colon"},
	{"comma between patterns", `SECTIONS { .a : { *(.b, .c) } }`, "s:1:21: GNU ld takes `.b,`, with its ',', for one name; put spaces around the operator, or the name into double quotes"},
	{"directive", "SECTIONS {\n#include <x.h>\n}", `s:2:1: #include of the C preprocessor in a linker script; run the C preprocessor over the script first`},
	{"conditional", "  #ifdef CONFIG_X\n#endif", `s:1:3: #ifdef of the C preprocessor in a linker script; run the C preprocessor over the script first`},

	// Assignments.
	{"dot outside SECTIONS", `. = 4;`, `s:1:1: assignment to the location counter outside of SECTIONS; move it into SECTIONS`},
	{"no semicolon", `SECTIONS { x = 1 }`, "s:1:18: unexpected `}` after an assignment; end the assignment with `;`"},
	{"no semicolon after PROVIDE", `PROVIDE(x = 1)`, "s:1:15: unexpected end of file after an assignment; end the assignment with `;`"},
	{"PROVIDE of dot", `SECTIONS { PROVIDE(. = 1); }`, `s:1:20: PROVIDE of the location counter; assign it outside of PROVIDE`},
	{"compound PROVIDE", `PROVIDE(x += 1);`, "s:1:11: `+=` inside PROVIDE; use `=`"},
	{"xor assignment", `x ^= 1;`, "s:1:3: GNU ld has no operator ^=; write x = x ^ y"},
	{"empty symbol name", `"" = 1;`, `s:1:1: empty name of a symbol; write a name between the quotes`},
	{"no value", `x = ;`, "s:1:5: unexpected `;` in an expression; write a number, a symbol, `.` or a function"},
	{"ASSERT without message", `ASSERT(1)`, "s:1:9: unexpected `)`; write `,`"},
	{"ASSERT with a bare message", `ASSERT(1, oops)`, "s:1:11: unexpected `oops` as the message of ASSERT; put the message into double quotes"},

	// Output sections.
	{"NOLOAD", `SECTIONS { .a (NOLOAD) : { } }`, `s:1:16: NOLOAD is not supported; remove it: the section's type and flags come from its inputs`},
	{"address and type", `SECTIONS { .a 0 (INFO) : { } }`, `s:1:18: INFO is not supported; remove it, and leave the section out of the final link's script`},
	{"TYPE", `SECTIONS { .a (TYPE = 7) : { } }`, `s:1:16: TYPE is not supported; remove it: the section's type and flags come from its inputs`},
	{"AT", `SECTIONS { .a : AT(0) { } }`, `s:1:17: AT is not supported; remove it: a relocatable object has no load addresses`},
	{"ALIGN_WITH_INPUT", `SECTIONS { .a : ALIGN(4) ALIGN_WITH_INPUT { } }`, `s:1:26: ALIGN_WITH_INPUT is not supported; remove it: a relocatable object has no load addresses`},
	{"ONLY_IF_RO", `SECTIONS { .a : ONLY_IF_RO { } }`, `s:1:17: ONLY_IF_RO is not supported; remove it: the section takes what its patterns match`},
	{"ALIGN twice", `SECTIONS { .a : ALIGN(4) ALIGN(8) { } }`, "s:1:26: unexpected `ALIGN`; write ALIGN(…), then SUBALIGN(…), then `{`"},
	{"SUBALIGN first", `SECTIONS { .a : SUBALIGN(4) ALIGN(8) { } }`, "s:1:29: unexpected `ALIGN`; write ALIGN(…), then SUBALIGN(…), then `{`"},
	{"region", `SECTIONS { .a : { } > ram }`, "s:1:21: unexpected `>` after an output section; remove it: a relocatable object has no memory regions"},
	{"load region", `SECTIONS { .a : { } AT> ram }`, "s:1:21: unexpected `AT` after an output section; remove it: a relocatable object has no memory regions"},
	{"unknown program header", `PHDRS { data PT_LOAD; } SECTIONS { .a : { } :data :text }`, "s:1:52: there is no program header `text`; remove it, or add it to PHDRS"},
	{"program header without a name", `SECTIONS { .a : { } : }`, "s:1:23: unexpected `}`; write the name of a program header"},
	{"open section", `SECTIONS { .a : {`, "s:1:18: end of file in an output section; write `}`"},
	{"no colon", `SECTIONS { .a { *(.a) } }`, "s:1:15: unexpected `{` in an expression; write a number, a symbol, `.` or a function"},
	{"same name twice", "SECTIONS { .a : { *(.a) } }\nSECTIONS { .b : { } .a : { *(.c) } }", "s:2:21: second description of `.a`, which GNU ld makes a second section of that name; the first is at s:1:12; put the contents of both into one description"},
	{"discard with an address", `SECTIONS { /DISCARD/ 0 : { *(.a) } }`, "s:1:12: /DISCARD/ has no address and no alignment; write `/DISCARD/ : {`"},
	{"discard with a symbol", `SECTIONS { /DISCARD/ : { x = .; } }`, `s:1:26: only input sections can be discarded; move it out`},
	{"discard with a fill", `SECTIONS { /DISCARD/ : { *(.a) } =0 }`, `s:1:34: /DISCARD/ has no fill pattern; remove it`},
	{"fill with a symbol", `SECTIONS { .a : { } =x }`, `s:1:22: a fill pattern must be constant; write a number`},
	{"fill with dot", `SECTIONS { .a : { FILL(1 + (2 ? . : 3)) } }`, `s:1:33: a fill pattern must be constant; write a number`},
	{"fill over 64 bits in an expression", `SECTIONS { .a : { FILL(0x11223344556677889900 + 1) } }`, "s:1:24: number `0x11223344556677889900` does not fit in 64 bits; use a smaller one"},

	// Input section descriptions.
	{"KEEP in KEEP", `SECTIONS { .a : { KEEP(KEEP(*(.a))) } }`, `s:1:24: KEEP inside KEEP; write it once`},
	{"no patterns", `SECTIONS { .a : { *() } }`, "s:1:21: unexpected `)`; write the name or the pattern of a section"},
	{"open patterns", `SECTIONS { .a : { *(.a`, "s:1:23: unexpected end of file; write the name or the pattern of a section"},
	{"SORT_BY_INIT_PRIORITY of files", `SECTIONS { .a : { SORT_BY_INIT_PRIORITY(*)(.i) } }`, `s:1:19: SORT_BY_INIT_PRIORITY of file names; use SORT_BY_NAME or SORT_NONE`},
	{"SORT_BY_INIT_PRIORITY twice", `SECTIONS { .a : { *(SORT_BY_INIT_PRIORITY(SORT_BY_INIT_PRIORITY(.i))) } }`, `s:1:43: SORT_BY_INIT_PRIORITY is not allowed here; nest SORT_BY_NAME and SORT_BY_ALIGNMENT at most`},
	{"INPUT_SECTION_FLAGS", `SECTIONS { .a : { INPUT_SECTION_FLAGS (SHF_MERGE) *(.a) } }`, `s:1:19: INPUT_SECTION_FLAGS is not supported; select the sections by name`},
	{"CONSTRUCTORS", `SECTIONS { .a : { SORT(CONSTRUCTORS) } }`, `s:1:24: CONSTRUCTORS is not supported; name the sections that hold constructors, such as .init_array`},
	{"SQUAD", `SECTIONS { .a : { SQUAD(1) } }`, `s:1:19: SQUAD is not supported; use QUAD, which writes the same 8 bytes`},
	{"three sorts", `SECTIONS { .a : { *(SORT(SORT(SORT(.a)))) } }`, `s:1:31: SORT is not allowed here; nest SORT_BY_NAME and SORT_BY_ALIGNMENT at most`},
	{"sort of SORT_NONE", `SECTIONS { .a : { *(SORT(SORT_NONE(.a))) } }`, `s:1:26: SORT_NONE is not allowed here; nest SORT_BY_NAME and SORT_BY_ALIGNMENT at most`},
	{"files by alignment", `SECTIONS { .a : { SORT_BY_ALIGNMENT(*)(.a) } }`, `s:1:19: SORT_BY_ALIGNMENT of file names; use SORT_BY_NAME or SORT_NONE`},
	{"sorted file alone", `SECTIONS { .a : { SORT(*) } }`, "s:1:27: unexpected `}`; write `(` and section names"},
	{"EXCLUDE_FILE around SORT", `SECTIONS { .a : { *(EXCLUDE_FILE(a.o) SORT(.a)) } }`, "s:1:39: `SORT` after EXCLUDE_FILE; write SORT(EXCLUDE_FILE(…) name)"},
	{"empty EXCLUDE_FILE", `SECTIONS { .a : { *(EXCLUDE_FILE() .a) } }`, "s:1:34: unexpected `)`; write file patterns and `)`"},
	{"colon alone", `SECTIONS { .a : { :(.a) } }`, "s:1:19: `:` names no file; write `archive:`, `:file` or `archive:file`"},
	{"open set", `SECTIONS { .a : { *(.[ab) } }`, `s:1:21: unterminated [ in the pattern ".[ab"; close it with ], or write [[]`},
	{"class", `SECTIONS { .a : { *(.[[:alpha:]]) } }`, `s:1:21: character class [:alpha:] in the pattern ".[[:alpha:]]"; write the characters, as in [a-z]`},
	{"empty range", `SECTIONS { .a : { *(.[z-a]) } }`, `s:1:21: empty range z-a in the pattern ".[z-a]"; write the smaller end first`},
	{"backslash in a section pattern", `SECTIONS { .a : { *(.a\**) } }`, `s:1:21: backslash in the pattern ".a\\**"; match the character with ? or a set such as [*]`},
	{"backslash in a file pattern", `SECTIONS { .a : { *x\(.a) } }`, `s:1:19: backslash in the pattern "*x\\"; match the character with ? or a set such as [*]`},

	// Expressions.
	{"LOADADDR", `x = LOADADDR(.a);`, `s:1:5: LOADADDR is not supported in an expression; use ADDR: a relocatable object has no load addresses`},
	{"SIZEOF_HEADERS", `x = SIZEOF_HEADERS;`, `s:1:5: SIZEOF_HEADERS is not supported in an expression; remove it: the headers of a relocatable object are at its end`},
	{"CONSTANT", `x = CONSTANT(MAXPAGESIZE);`, `s:1:5: CONSTANT is not supported in an expression; write the number: a relocatable object has no page size`},
	{"ASSERT in an expression", `x = ASSERT(1, "m");`, `s:1:5: ASSERT is not supported in an expression; write ASSERT as a statement of its own`},
	{"unknown function", `x = foo(1);`, "s:1:5: unknown function `foo`; use ABSOLUTE, ADDR, ALIGN, ALIGNOF, DEFINED, MAX, MIN or SIZEOF"},
	{"MAX of one", `x = MAX(1);`, `s:1:5: wrong number of arguments of MAX; see "Using ld, Builtin Functions"`},
	{"ALIGN of three", `x = ALIGN(1, 2, 3);`, `s:1:5: wrong number of arguments of ALIGN; see "Using ld, Builtin Functions"`},
	{"ABSOLUTE of two", `x = ABSOLUTE(1, 2);`, `s:1:5: wrong number of arguments of ABSOLUTE; see "Using ld, Builtin Functions"`},
	{"SIZEOF of an expression", `x = SIZEOF(1 + 2);`, `s:1:12: character '1' has no meaning in a linker script here; remove it, or put the name into double quotes`},
	{"DEFINED of dot", `x = DEFINED(.);`, `s:1:13: the location counter is always defined; name a symbol`},
	{"no bracket", `x = (1 + 2;`, "s:1:11: unexpected `;`; write `)`"},
	{"no colon of ?", `x = a ? b;`, "s:1:10: unexpected `;`; write `:`"},
	{"octal with 8", `x = 08;`, "s:1:5: malformed number `08`; write 123, 0123 (octal) or 0x123, with K or M after it if wanted"},
	{"hexadecimal with H", `x = 10h;`, "s:1:5: malformed number `10h`; write 123, 0123 (octal) or 0x123, with K or M after it if wanted"},
	{"bare 0x", `x = 0x;`, "s:1:5: malformed number `0x`; write 123, 0123 (octal) or 0x123, with K or M after it if wanted"},
	{"too large", `x = 0x10000000000000000;`, "s:1:5: number `0x10000000000000000` does not fit in 64 bits; use a smaller one"},
	{"too large with M", `x = 0x100000000000M;`, "s:1:5: number `0x100000000000M` does not fit in 64 bits; use a smaller one"},

	// Lexical matters.
	{"open comment", "x = 1; /* no end", `s:1:8: unterminated comment; close it with */`},
	{"open string", "x = \"a\nb\";", `s:1:5: unterminated string; close it with " on the same line`},
	{"byte", "x = 1 @ 2;", `s:1:7: character '@' has no meaning in a linker script here; remove it, or put the name into double quotes`},
	{"letter outside ASCII", "é = 1;", `s:1:1: character 'é' has no meaning in a linker script here; remove it, or put the name into double quotes`},
	{"NUL", "x\x00 = 1;", `s:1:2: character '\x00' has no meaning in a linker script here; remove it, or put the name into double quotes`},

	// Depth.
	{"brackets", "x = " + strings.Repeat("(", 501) + "1" + strings.Repeat(")", 501) + ";", `s:1:505: expression nested more than 500 levels deep; assign parts of it to symbols`},
	{"unary operators", "x = " + strings.Repeat("- ", 600) + "1;", `s:1:1005: expression nested more than 500 levels deep; assign parts of it to symbols`},
	{"sums", "x = " + strings.Repeat("1 + ", 600) + "1;", `s:1:5: expression nested more than 500 levels deep; assign parts of it to symbols`},
	{"conditions", "x = " + strings.Repeat("a ? b : ", 600) + "1;", `s:1:4001: expression nested more than 500 levels deep; assign parts of it to symbols`},
}

func TestRefusals(t *testing.T) {
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("s", []byte(test.src))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got error %v, want an *Error", err)
			}
			if err.Error() != test.want {
				t.Errorf("\ngot  %s\nwant %s", err, test.want)
			}
		})
	}
}

// TestRefusalsSayWhatToDo holds the tables of refused words to have advice, and
// each word to be refused where it stands.
func TestRefusalsSayWhatToDo(t *testing.T) {
	where := []struct {
		words  wordTable[string]
		format string
	}{
		{refusedCommands, "SECTIONS { WORD (x) }"},
		{refusedFunctions, "x = WORD(y);"},
		{refusedTypes, "SECTIONS { .a (WORD) : { } }"},
		{refusedAttributes, "SECTIONS { .a : WORD { } }"},
		{refusedPatterns, "SECTIONS { .a : { *(WORD(.a)) } }"},
	}
	for _, w := range where {
		for _, refused := range w.words {
			word, do := refused.text, refused.means
			src := strings.Replace(w.format, "WORD", word, 1)
			_, err := Parse("s", []byte(src))
			if do == "" || err == nil || !strings.Contains(err.Error(), word+" is not supported") || !strings.HasSuffix(err.Error(), do) {
				t.Errorf("%s: got error %v, want a refusal of %s that ends in %q", src, err, word, do)
			}
		}
	}
}

func TestPositions(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"plain", "a = 1;\n  b = ;", "s:2:7"},
		{"marker", "# 12 \"hyp.lds.S\" 2\na = ;", "hyp.lds.S:12:5"},
		{"marker keeps counting", "# 12 \"hyp.lds.S\"\n\n\na = ;", "hyp.lds.S:14:5"},
		{"#line", "#line 7 \"x.S\"\na = ;", "x.S:7:5"},
		{"marker without file", "# 7 \"x.S\"\n# 30\na = ;", "x.S:30:5"},
		{"marker with flags and CR", "# 3 \"x.S\" 1 3 4\r\na = ;\r\n", "x.S:3:5"},
		{"escapes in the file name", `# 3 "a \"b\" \\ c.S"` + "\na = ;", `a "b" \ c.S:3:5`},
		{"two files", "# 1 \"x.S\"\n# 1 \"y.h\" 1\n\n# 9 \"x.S\" 2\na = ;", "x.S:9:5"},
		{"comment like a marker", "# 12 monkeys\na = ;", "s:2:5"},
		{"marker inside a comment", "/*\n# 12 \"x.S\"\n*/ a = ;", "s:3:8"},
		{"marker not at the start of its line", "b = 1; # 12 \"x.S\"\na = ;", "s:2:5"},
		{"line 0 is no marker", "# 0 \"x.S\"\na = ;", "s:2:5"},
		{"comment over lines", "/* 1\n2\n3 */ a = ;", "s:3:10"},
		{"unterminated file name", "# 5 \"x.S\na = ;", "s:2:5"},
	}
	for _, test := range tests {
		_, err := Parse("s", []byte(test.src))
		var e *Error
		if !errors.As(err, &e) || e.Pos.String() != test.want {
			t.Errorf("%s: got error %v, want one at %s", test.name, err, test.want)
		}
	}
}

// TestSameScript holds spellings to mean the same.
func TestSameScript(t *testing.T) {
	tests := []struct{ name, a, b string }{
		{"comments", "x = /* 1 */ 2; # 3\n// 4", "x = 2;"},
		{"SORT", "SECTIONS { .a : { *(SORT(.b)) } }", "SECTIONS { .a : { *(SORT_BY_NAME(SORT_BY_NAME(.b))) } }"},
		{"comma for semicolon", "x = 1, y = 2;", "x = 1; y = 2;"},
		{"empty statements", ";; SECTIONS { ; .a : { ; ; } , ; }", "SECTIONS { .a : { } }"},
		{"brackets", "x = ((a)) + (b * c);", "x = a + b * c;"},
		{"left to right", "x = a - b - c;", "x = (a - b) - c;"},
		{"conditions right to left", "x = a ? b : c ? d : e;", "x = a ? b : (c ? d : e);"},
		{"quoted names", `SECTIONS { ".a" : { "*"(".b*") } }`, "SECTIONS { .a : { *(.b*) } }"},
		{"empty type", "SECTIONS { .a () : { } }", "SECTIONS { .a : { } }"},
		{"address in brackets", "SECTIONS { .a (0) : { } }", "SECTIONS { .a 0 : { } }"},
		{"fill after a section, then /DISCARD/", "SECTIONS { .a : { } =0x90 /DISCARD/ : { *(.b) } }", "SECTIONS { .a : { } =0x90, /DISCARD/ : { *(.b) } }"},
		{"ASSERT with and without semicolon", `SECTIONS { .a : { ASSERT(1, "m") } ASSERT(1, "m"); }`, `SECTIONS { .a : { ASSERT(1, "m"); } ASSERT(1, "m") }`},
		{"carriage returns", "x = 1;\r\ny = 2;\r\n", "x = 1;\ny = 2;\n"},
	}
	for _, test := range tests {
		a, err := Parse("a", []byte(test.a))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		b, err := Parse("b", []byte(test.b))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if x, y := dump(a, false), dump(b, false); x != y {
			t.Errorf("%s: got different trees\n%s\n%s", test.name, x, y)
		}
		checkPrinting(t, a)
	}
}
