// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/glob"
)

// Names is a set of symbol names that the host defines.
type Names struct {
	exact    map[string]bool // of a list: with the symbol prefix or without
	defined  map[string]bool // by a linker script: as written
	aliases  map[string]bool // by a linker script: with the symbol prefix
	patterns []glob.Pattern
}

// Empty reports whether the set is empty.
func (n *Names) Empty() bool { return len(n.exact)+len(n.defined)+len(n.aliases)+len(n.patterns) == 0 }

// Has reports whether a symbol is in the set. bare is its name without prefix and suffix.
func (n *Names) Has(name, bare string) bool {
	if n.exact[name] || n.exact[bare] || n.defined[name] || bare != name && n.aliases[bare] {
		return true
	}
	return matchesAny(n.patterns, name) || matchesAny(n.patterns, bare)
}

// Add adds a name or a pattern with * and ?.
func (n *Names) Add(name string) {
	if p := glob.Stars(name); !p.IsLiteral() {
		n.patterns = append(n.patterns, p)
		return
	}
	if n.exact == nil {
		n.exact = map[string]bool{}
	}
	n.exact[name] = true
}

func (n *Names) addDefined(name string) {
	if n.defined == nil {
		n.defined = map[string]bool{}
	}
	n.defined[name] = true
}

func (n *Names) addAlias(name string) {
	if n.aliases == nil {
		n.aliases = map[string]bool{}
	}
	n.aliases[name] = true
}

// AddFile adds the names in a file: a plain list, or a file like the kernel's
// arch/arm64/kernel/image-vars.h, which is part of its linker script and is
// recognized by statements that end in semicolons.
func (n *Names) AddFile(path string) error {
	text, err := fileio.ReadText(path, "a list of symbol names or image-vars.h")
	if err != nil {
		return err
	}
	return n.Parse(path, text)
}

// Parse adds the names in the contents of a file, whose name is for messages.
func (n *Names) Parse(name string, data []byte) error {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return errcode.NotText.Errorf("%s: not a text file (zero byte at offset %d); give a list of symbol names or image-vars.h", name, i)
	}
	if isScript(data) {
		return n.parseScript(name, string(data))
	}
	return n.parseList(name, string(data))
}

// isScript tells a linker script from a plain list: apart from preprocessor
// lines, a line of it ends in a semicolon or starts a comment.
func isScript(data []byte) bool {
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if bytes.HasSuffix(line, []byte(";")) || bytes.HasPrefix(line, []byte("/*")) || bytes.HasPrefix(line, []byte("//")) {
			return true
		}
	}
	return false
}

// parseList reads one symbol per line. A # starts a comment at the start of a
// line or after white space.
func (n *Names) parseList(name, text string) error {
	line := 0
	for s := range strings.Lines(text) {
		line++
		s = strings.TrimSpace(s)
		if i := strings.IndexByte(s, '#'); i == 0 || i > 0 && (s[i-1] == ' ' || s[i-1] == '\t') {
			s = strings.TrimSpace(s[:i])
		}
		if s == "" {
			continue
		}
		if i := strings.IndexAny(s, " \t;,(){}="); i >= 0 {
			return errcode.NameList.Errorf("%s:%d:%d: %q is not a symbol name; write one name per line, and comments after #", name, line, i+1, s)
		}
		n.Add(s)
	}
	return nil
}

// parseScript scans a linker script for the symbols that it defines.
// Preprocessor conditions are not evaluated: symbols of every configuration are
// allowed, and the final link reports those that this configuration does not
// define.
//
//	KVM_NVHE_ALIAS(sym)           PREFIX sym = sym
//	KVM_NVHE_ALIAS_HYP(a, b)      PREFIX a = PREFIX b
//	PI_EXPORT_SYM(sym)            __pi_ sym = sym
//	PROVIDE(sym = …)   sym = …    sym
//
// PREFIX is the symbol prefix, __kvm_nvhe_ in the kernel.
func (n *Names) parseScript(name, text string) error {
	line := 1
	for _, st := range splitScript(text) {
		line = st.line
		p := tokens(st.text)
		if macro, args := macroCall(p); macro != "" {
			switch {
			case macro == "KVM_NVHE_ALIAS" && len(args) == 1, macro == "KVM_NVHE_ALIAS_HYP" && len(args) == 2:
				n.addAlias(args[0])
			case macro == "PI_EXPORT_SYM" && len(args) == 1:
				n.addDefined("__pi_" + args[0])
			default:
				return errcode.NameList.Errorf("%s:%d:1: unknown macro %s(…); write the symbols into a plain list, one per line", name, line, macro)
			}
			continue
		}
		if sym := assigned(p); sym != "" {
			n.addDefined(sym)
			continue
		}
		if strings.HasPrefix(st.text, "ASSERT") {
			continue
		}
		return errcode.NameList.Errorf("%s:%d:1: cannot tell which symbol %q defines; write the symbols into a plain list, one per line", name, line, shorten(st.text))
	}
	return nil
}

// nameBytes are the bytes that symbol names consist of.
const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$"

// isName reports whether a token is a name.
func isName(token string) bool { return strings.IndexByte(nameBytes, token[0]) >= 0 }

// tokens splits a statement into names, runs of equals signs, and other bytes,
// without the spaces. It does without the package regexp, whose initialization
// would slow down every run of hyplink.
func tokens(statement string) []string {
	var out []string
	for s := statement; s != ""; {
		n := len(s) - len(strings.TrimLeft(s, nameBytes))
		if n == 0 {
			n = max(1, len(s)-len(strings.TrimLeft(s, "=")))
		}
		if s[:n] != " " {
			out = append(out, s[:n])
		}
		s = s[n:]
	}
	return out
}

// macroCall returns the name and the arguments of a statement MACRO(a) or
// MACRO(a, b), and an empty name for other statements.
func macroCall(p []string) (macro string, args []string) {
	if len(p) < 4 || !isName(p[0]) || strings.ContainsAny(p[0], ".$") || '0' <= p[0][0] && p[0][0] <= '9' || p[1] != "(" || !isName(p[2]) {
		return "", nil
	}
	switch {
	case len(p) == 4 && p[3] == ")":
		return p[0], p[2:3]
	case len(p) == 6 && p[3] == "," && isName(p[4]) && p[5] == ")":
		return p[0], []string{p[2], p[4]}
	}
	return "", nil
}

// assigned returns the symbol of a statement PROVIDE(sym = …) or sym = …, and
// "" for other statements, among them assignments to the location counter.
func assigned(p []string) string {
	switch {
	case len(p) > 3 && (p[0] == "PROVIDE" || p[0] == "HIDDEN" || p[0] == "PROVIDE_HIDDEN") && p[1] == "(" && isName(p[2]) && p[3][0] == '=':
		return p[2]
	case len(p) > 2 && isName(p[0]) && p[0] != "." && p[1] == "=":
		return p[0]
	}
	return ""
}

func shorten(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// scriptStatement is a statement of a linker script.
type scriptStatement struct {
	text string
	line int // where it starts
}

// splitScript removes comments and preprocessor lines, and splits the rest at
// semicolons.
func splitScript(text string) []scriptStatement {
	var out []scriptStatement
	var b strings.Builder
	line, start, lineStart := 1, 1, true
	flush := func() {
		if s := strings.Join(strings.Fields(b.String()), " "); s != "" {
			out = append(out, scriptStatement{s, start})
		}
		b.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i+2:], "*/")
			if end < 0 {
				end = len(text) - i - 4
			}
			skipped := text[i:min(len(text), i+end+4)]
			line += strings.Count(skipped, "\n")
			i += max(len(skipped)-1, 0)
			b.WriteByte(' ')
		case strings.HasPrefix(text[i:], "//"), ch == '#' && lineStart:
			// Up to the end of the line; a backslash there continues it.
			for i < len(text) && text[i] != '\n' {
				if text[i] == '\\' && i+1 < len(text) && text[i+1] == '\n' {
					line++
					i++
				}
				i++
			}
			line++
			lineStart = true
		case ch == ';':
			flush()
			lineStart = false
		case ch == '\n':
			line++
			lineStart = true
			// The semicolon may be part of the macro.
			if s := strings.TrimSpace(b.String()); strings.HasSuffix(s, ")") && strings.Count(s, "(") == strings.Count(s, ")") {
				flush()
			}
			b.WriteByte(' ')
		case ch == ' ' || ch == '\t' || ch == '\r':
			b.WriteByte(' ')
		default:
			if strings.TrimSpace(b.String()) == "" {
				b.Reset()
				start = line
			}
			lineStart = false
			b.WriteByte(ch)
		}
	}
	flush()
	return out
}
