// SPDX-License-Identifier: Apache-2.0

package differential_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
	"github.com/rules-hyp/rules_hyp/tests/differential/runner"
)

// cases is the number of random cases in a test run; `bazel run
// //tests/differential:long` can run more.
const cases = 400

func tools(t *testing.T) *runner.Tools {
	t.Helper()
	tools, err := runner.FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	return tools
}

// TestRandom links random cases with hyplink and with the lane's peers.
func TestRandom(t *testing.T) {
	tools := tools(t)
	var mu sync.Mutex
	var wg sync.WaitGroup
	compared, lld, llvmObjcopy, mold, refused, mistakes := 0, 0, 0, 0, 0, 0
	seeds := make(chan uint64)
	for range 2 {
		wg.Go(func() {
			for seed := range seeds {
				c := linkcase.Generate(seed)
				r, err := runner.RunInTempDir(tools, c)
				mu.Lock()
				switch {
				case err != nil:
					t.Error(err)
				case r.Refused != "":
					refused++
				case len(r.Diffs) > 0:
					t.Errorf("seed %d: %s\n%s", seed, strings.Join(r.Diffs, "\n"), smallest(t, tools, c))
				case slices.Contains(r.Used, "script-that-matches-nothing"):
					mistakes++
				default:
					compared++
					if r.LLD {
						lld++
					}
					if r.LLVMObjcopy {
						llvmObjcopy++
					}
					if r.Mold {
						mold++
					}
				}
				mu.Unlock()
			}
		})
	}
	for seed := uint64(1); seed <= cases; seed++ {
		seeds <- seed
	}
	close(seeds)
	wg.Wait()
	t.Logf("%d cases are equal, %d of them with lld as well, %d with llvm-objcopy, %d with mold; %d are rejected by GNU ld or objcopy, %d by hyplink as mistakes",
		compared, lld, llvmObjcopy, mold, refused, mistakes)
	if tools.Mold != "" && mold < cases/20 && !t.Failed() {
		t.Errorf("only %d of %d cases are compared with mold", mold, cases)
	}
	if (compared < cases*9/10 || lld < cases/6 || llvmObjcopy < cases/2) && !t.Failed() {
		t.Errorf("only %d of %d cases are compared, %d with lld, %d with llvm-objcopy: too many generated cases are invalid", compared, cases, lld, llvmObjcopy)
	}
}

// smallest reduces a failing case and writes it to the test's outputs, from where
// it can be added to testdata.
func smallest(t *testing.T, tools *runner.Tools, c *linkcase.Case) string {
	c = runner.ReduceFailing(tools, c)
	text, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		t.Error(err)
	}
	path := filepath.Join(os.Getenv("TEST_UNDECLARED_OUTPUTS_DIR"), fmt.Sprintf("seed-%d.json", c.Seed))
	if err := os.WriteFile(path, append(text, '\n'), 0o666); err != nil {
		t.Error(err)
	}
	return runner.Describe(c)
}

// TestGolden links cases that failed once.
func TestGolden(t *testing.T) {
	tools := tools(t)
	paths, err := filepath.Glob("tests/differential/testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d golden cases, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c := &linkcase.Case{}
			if err := json.Unmarshal(data, c); err != nil {
				t.Fatal(err)
			}
			r, err := runner.RunInTempDir(tools, c)
			if err != nil {
				t.Fatal(err)
			}
			if r.Refused != "" {
				t.Errorf("GNU ld or objcopy rejects it: %s", r.Refused)
			}
			for _, d := range r.Diffs {
				t.Error(d)
			}
		})
	}
}

// If it is started under the name tampering, the test runs the program whose path
// is in realPath, in the same directory, and tampers with its output.
const (
	tampering = "tampering"
	realPath  = "right.txt"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != tampering {
		os.Exit(m.Run())
	}
	if err := tamper(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tamper runs the real program and changes a symbol of its output: the argument of
// -o, or the last one.
func tamper() error {
	path, err := os.ReadFile(filepath.Join(filepath.Dir(os.Args[0]), realPath))
	if err != nil {
		return err
	}
	cmd := exec.Command(string(path), os.Args[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	for i, a := range os.Args {
		if a == "-o" {
			return addToSymbol(os.Args[i+1])
		}
	}
	return addToSymbol(os.Args[len(os.Args)-1])
}

// Tampered outputs of hyplink and llvm-objcopy are detected in every case that has
// a symbol to change.
func TestMistakesAreFound(t *testing.T) {
	right := tools(t)
	for name, of := range map[string]func(*runner.Tools) *string{
		"hyplink":      func(t *runner.Tools) *string { return &t.Hyplink },
		"llvm-objcopy": func(t *runner.Tools) *string { return &t.LlvmObjcopy },
	} {
		t.Run(name, func(t *testing.T) {
			wrong := *right
			*of(&wrong) = tamperingWith(t, *of(right))
			found := 0
			for seed := uint64(1); seed <= 10; seed++ {
				c := linkcase.Generate(seed)
				r, err := runner.RunInTempDir(right, c)
				if err != nil {
					t.Fatal(err)
				}
				if r.Refused != "" || slices.Contains(r.Used, "script-that-matches-nothing") || name == "llvm-objcopy" && !r.LLVMObjcopy {
					continue
				}
				if r, err = runner.RunInTempDir(&wrong, c); err != nil {
					t.Fatal(err)
				}
				if len(r.Diffs) == 0 {
					t.Errorf("seed %d: a wrong symbol was not detected", seed)
				}
				found++
			}
			if found < 3 {
				t.Errorf("only %d cases could be tampered with", found)
			}
		})
	}
}

// tamperingWith returns a program that runs another one and tampers with its
// output.
func tamperingWith(t *testing.T, program string) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, tampering)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, realPath), []byte(program), 0o666); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, tampering)
}

// The same seed gives the same case, another seed another case.
func TestGenerator(t *testing.T) {
	a, b := runner.Describe(linkcase.Generate(7)), runner.Describe(linkcase.Generate(7))
	if a != b {
		t.Errorf("seed 7 gave\n%s\nand\n%s", a, b)
	}
	if runner.Describe(linkcase.Generate(8)) == a {
		t.Error("seeds 7 and 8 gave the same case")
	}
}

// The reducer keeps only what the failure needs.
func TestReduce(t *testing.T) {
	for seed := uint64(1); seed < 100; seed++ {
		c := linkcase.Generate(seed)
		needed := func(c *linkcase.Case) bool {
			relocated := false
			for _, in := range c.Inputs {
				if in.Raw == nil {
					continue
				}
				for _, s := range in.Raw.Sections {
					relocated = relocated || s.Name == ".data" && len(s.Relocs) > 0
				}
			}
			return relocated && strings.Contains(c.Script, ".hyp.data 0 :")
		}
		if !needed(c) {
			continue
		}
		c = runner.Reduce(c, needed)
		raw := c.Inputs[0].Raw
		// The relocation's symbol may be in another section.
		if len(c.Inputs) != 1 || raw == nil || len(raw.Sections) > 2 || len(raw.Sections[0].Relocs) != 1 || len(raw.Symbols) != 1 ||
			strings.Count(c.Script, "\n") > 1 || c.Prefix != "" {
			t.Errorf("seed %d was reduced to\n%s", seed, runner.Describe(c))
		}
		return
	}
	t.Error("no seed gives a case to reduce")
}
