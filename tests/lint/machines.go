// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"
)

// machineNumber is a processor architecture that an ELF header names.
var machineNumber = regexp.MustCompile(`^EM_(AARCH64|X86_64|RISCV)$`)

// Machines finds code of the programs outside internal/machine that names a
// processor architecture: what depends on one belongs there.
func Machines(files []File) []Fault {
	var faults []Fault
	for _, file := range Select(files, isProgramCode) {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, "", file.Text, parser.SkipObjectResolution)
		if err != nil {
			faults = append(faults, Fault{file.Path, 0, err.Error()})
			continue
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if s, ok := node.(*ast.SelectorExpr); ok && machineNumber.MatchString(s.Sel.Name) {
				faults = append(faults, Fault{
					file.Path, set.Position(s.Pos()).Line,
					"names " + s.Sel.Name + "; have internal/machine say what differs between machines",
				})
			}
			return true
		})
	}
	return faults
}

// isProgramCode tells whether a file is of the Go packages that programs are made of.
func isProgramCode(name string) bool {
	return isGoCode(name) && !strings.HasSuffix(name, "_test.go") && path.Dir(name) != "internal/machine" &&
		(strings.HasPrefix(name, "internal/") || strings.HasPrefix(name, "tools/"))
}
