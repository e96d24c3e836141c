// Package runner links cases with hyplink and other linkers and compares the
// results.
package runner

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Tools are the absolute paths of the programs.
type Tools struct {
	Hyplink, Gcc, As, Ld, Objcopy, Readelf, Lld, LlvmObjcopy string
}

// FromEnvironment takes the paths from the variables HYPLINK, GCC, AS, LD, OBJCOPY,
// READELF, LLD and LLVM_OBJCOPY.
func FromEnvironment() (*Tools, error) {
	t := &Tools{}
	for name, to := range map[string]*string{"HYPLINK": &t.Hyplink, "GCC": &t.Gcc, "AS": &t.As, "LD": &t.Ld, "OBJCOPY": &t.Objcopy, "READELF": &t.Readelf, "LLD": &t.Lld, "LLVM_OBJCOPY": &t.LlvmObjcopy} {
		path := os.Getenv(name)
		if path == "" {
			return nil, fmt.Errorf("%s is not set; run this by bazel", name)
		}
		var err error
		if *to, err = filepath.Abs(path); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// failure is the error of a program, with its output.
type failure struct {
	program, output string
}

func (f *failure) Error() string { return f.program + ": " + strings.TrimSpace(f.output) }

// run runs a program in a directory.
func run(dir, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"TMPDIR=" + dir, "LC_ALL=C"}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return &failure{filepath.Base(program), fmt.Sprintf("%v: %s", err, out.String())}
	}
	return nil
}
