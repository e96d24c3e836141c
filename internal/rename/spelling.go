// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"strings"
	"unicode"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// notInPrefixes are printable characters that prefixes may not have: scripts,
// lists of names and patterns give them a meaning of their own.
const notInPrefixes = "\"'\\`*?[](){};,=#!&|<>"

// CheckPrefix refuses prefixes of names that must be a slip of the pen, of a
// shell or of a BUILD file.
func CheckPrefix(prefix string) error {
	if err := checkSpelling(prefix); err != nil {
		return err
	}
	if i := strings.IndexAny(prefix, notInPrefixes); i >= 0 {
		return errcode.BadName.Errorf("%q has a %q at offset %d; use letters, digits and the characters . _ $ @ : / + - ~ %% ^ only", prefix, prefix[i], i)
	}
	return nil
}

// checkSpelling refuses names with white space and control characters.
func checkSpelling(name string) error {
	for i, r := range name {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return errcode.BadName.Errorf("%q has a %s at offset %d; remove it", name, kindOf(r), i)
		}
	}
	return nil
}

func kindOf(r rune) string {
	switch {
	case r == '\n':
		return "line break"
	case r == ' ':
		return "blank"
	case r == '\t':
		return "tab"
	case unicode.IsSpace(r):
		return "white space character"
	}
	return "control character"
}
