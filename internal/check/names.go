package check

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/glob"
)

// Names is a set of symbol names that the host defines.
type Names struct {
	exact    map[string]bool // as written
	aliases  map[string]bool // without the prefix that is being checked
	patterns []glob.Pattern
}

// Empty reports whether no name was added.
func (n *Names) Empty() bool { return len(n.exact)+len(n.aliases)+len(n.patterns) == 0 }

// Has reports whether a symbol is in the set, under its own name or under its
// name without the prefix.
func (n *Names) Has(name, prefix string) bool {
	bare := strings.TrimPrefix(name, prefix)
	if n.exact[name] || n.exact[bare] || bare != name && n.aliases[bare] {
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

func (n *Names) addAlias(name string) {
	if n.aliases == nil {
		n.aliases = map[string]bool{}
	}
	n.aliases[name] = true
}

// AddFile adds what a file lists: a plain list, or a file like the kernel's
// arch/arm64/kernel/image-vars.h, which is part of its linker script. The second
// is known by its statements, which end in semicolons.
func (n *Names) AddFile(path string) error {
	text, err := fileio.ReadText(path, "a list of symbol names, or of image-vars.h")
	if err != nil {
		return err
	}
	return n.Parse(path, text)
}

// Parse adds what the contents of a file list. The name is for messages.
func (n *Names) Parse(name string, data []byte) error {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return fmt.Errorf("%s: a list of symbol names is text, and this has a zero byte at %d; give a list, or image-vars.h", name, i)
	}
	if isScript(data) {
		return n.parseScript(name, string(data))
	}
	return n.parseList(name, string(data))
}

// isScript tells a linker script from a plain list: a line of it, preprocessor
// lines left out, has a semicolon or a comment that only a script can have.
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

// parseList reads one symbol a line. What follows a # that starts a line or
// stands behind a space is a comment.
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
			return fmt.Errorf("%s:%d:%d: %q is no symbol name; write one name a line, and comments behind #", name, line, i+1, s)
		}
		n.Add(s)
	}
	return nil
}

// parseScript scans a linker script for the symbols that it defines. The
// conditions of the preprocessor are not evaluated: what any configuration
// defines is allowed, and a name that this one lacks fails in the final link,
// by name.
//
//	KVM_NVHE_ALIAS(sym)           PREFIX sym = sym
//	KVM_NVHE_ALIAS_HYP(a, b)      PREFIX a = PREFIX b
//	PI_EXPORT_SYM(sym)            __pi_ sym = sym
//	PROVIDE(sym = …)   sym = …    sym
//
// PREFIX stands for the prefix that the object is checked for, __kvm_nvhe_ in
// the kernel.
func (n *Names) parseScript(name, text string) error {
	line := 1
	for _, st := range splitScript(text) {
		line = st.line
		p := pieces(st.text)
		if macro, args := macroCall(p); macro != "" {
			switch {
			case macro == "KVM_NVHE_ALIAS" && len(args) == 1, macro == "KVM_NVHE_ALIAS_HYP" && len(args) == 2:
				n.addAlias(args[0])
			case macro == "PI_EXPORT_SYM" && len(args) == 1:
				n.Add("__pi_" + args[0])
			default:
				return fmt.Errorf("%s:%d:1: %s(…) is not known, so that it is open what it defines; write the symbols into a plain list, one a line", name, line, macro)
			}
			continue
		}
		if sym := assigned(p); sym != "" {
			n.Add(sym)
			continue
		}
		if strings.HasPrefix(st.text, "ASSERT") {
			continue
		}
		return fmt.Errorf("%s:%d:1: cannot tell which symbol %q defines; write the symbols into a plain list, one a line", name, line, shorten(st.text))
	}
	return nil
}

// nameBytes are the bytes of symbol names.
const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$"

// isName tells a piece that is a name from one that is not.
func isName(piece string) bool { return strings.IndexByte(nameBytes, piece[0]) >= 0 }

// pieces cuts a statement into names, runs of equals signs, and other bytes,
// without the spaces. (Regular expressions would say the same, but the package
// regexp makes every start of hyplink 65 µs longer and its memory 240 KiB
// larger, links included.)
func pieces(statement string) []string {
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
// MACRO(a, b); other statements give no name.
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

// assigned returns the symbol of a statement PROVIDE(sym = …) or sym = …; other
// statements and those that move the location counter give none.
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

// scriptStatement is a statement with the line where it starts.
type scriptStatement struct {
	text string
	line int
}

// splitScript takes comments and preprocessor lines out, and splits the rest at
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
			// To the end of the line, and on where it ends in a backslash.
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
			// A macro may bring its own semicolon.
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
