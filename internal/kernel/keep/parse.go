// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// ParseBuild parses a BUILD file. name is for errors.
func ParseBuild(name string, text []byte) (*build.File, error) {
	return parse(name, text, build.ParseBuild)
}

// ParseModule parses a MODULE.bazel.
func ParseModule(name string, text []byte) (*build.File, error) {
	return parse(name, text, build.ParseModule)
}

func parse(name string, text []byte, parser func(string, []byte) (*build.File, error)) (file *build.File, err error) {
	// buildtools cannot print strings that have a backslash before a character above U+00FF, nor some that are not UTF-8: IsCorrectEscaping in
	// its quote.go reads beyond the end of a table. What was printed once can be printed again.
	defer func() {
		if fault := recover(); fault != nil {
			file, err = nil, errcode.StarlarkUnreadable.Errorf("%s: has a string that cannot be formatted, with a backslash before a character that needs none; correct the file", name)
		}
	}()
	if file, err = parser(name, text); err != nil {
		return nil, errcode.StarlarkUnreadable.Errorf("%w; correct the file and run again", err)
	}
	build.FormatWithoutRewriting(file)
	return file, nil
}
