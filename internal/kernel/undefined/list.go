package undefined

import (
	"fmt"
	"os"
	"strings"
)

// Tree finds a file by its path relative to the tree's root.
type Tree interface {
	Path(name string) (string, bool)
}

// List returns the file that hyp_object's allowed_undefined reads: the symbols
// of a tree's ListFile with a prefix, one a line. None at all is an error.
func List(tree Tree, release, prefix string) ([]byte, error) {
	name, ok := tree.Path(ListFile)
	if !ok {
		return nil, fmt.Errorf("%s: not in the kernel tree; it lists what the object may use of the kernel", ListFile)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	symbols := Symbols(string(text), prefix)
	if len(symbols) == 0 {
		return nil, fmt.Errorf("%s: no symbol with the prefix %q", name, prefix)
	}
	head := fmt.Sprintf("# What %s of Linux %s lets the object use of the kernel. Written by hypgen.\n", ListFile, release)
	return []byte(head + strings.Join(symbols, "\n") + "\n"), nil
}
