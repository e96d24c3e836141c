// Kbuildparity compares the objects of the default kernel with those that
// kbuild made of the same sources: byte by byte, without debug information,
// because that has kbuild's directories.
//
//	kbuildparity -objcopy PROGRAM OBJECT… TREE
//
// TREE is an object tree in which `make arch/arm64/kvm/hyp/nvhe/` has run, with
// the source, the configuration and the compiler version of the default
// kernel. Exit codes: 0 all are identical, 1 one differs or is missing, 2 the
// command line is wrong.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// dirs are the directories with kbuild's objects of nVHE.
var dirs = []string{"arch/arm64/kvm/hyp/nvhe", "arch/arm64/kvm/hyp", "arch/arm64/lib"}

func main() {
	objcopy := flag.String("objcopy", "objcopy", "the `program` that strips debug information")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "kbuildparity: no TREE; run it as bazel run //tools/hypgen/kbuildparity -- TREE")
		os.Exit(2)
	}
	objects, tree := flag.Args()[:flag.NArg()-1], flag.Arg(flag.NArg()-1)
	if dir := os.Getenv("BUILD_WORKING_DIRECTORY"); dir != "" && !filepath.IsAbs(tree) {
		tree = filepath.Join(dir, tree)
	}
	equal := 0
	for _, object := range objects {
		if err := compare(*objcopy, object, tree); err != nil {
			fmt.Fprintln(os.Stderr, "kbuildparity:", err)
			continue
		}
		equal++
	}
	fmt.Printf("%d of %d objects are identical, without debug information\n", equal, len(objects))
	if equal != len(objects) {
		os.Exit(1)
	}
}

// compare returns an error if an object differs from kbuild's.
func compare(objcopy, object, tree string) error {
	// A kernel's objects have kbuild's names, unless hypgen of an earlier version wrote the BUILD file.
	name := filepath.Base(object)
	if stem, ok := strings.CutSuffix(name, ".hyp.o"); ok {
		name = stem + ".nvhe.o"
	}
	for _, dir := range dirs {
		theirs := filepath.Join(tree, dir, name)
		if _, err := os.Stat(theirs); err != nil {
			continue
		}
		ours, err := stripped(objcopy, object)
		if err != nil {
			return err
		}
		reference, err := stripped(objcopy, theirs)
		if err != nil {
			return err
		}
		if !bytes.Equal(ours, reference) {
			return fmt.Errorf("%s: differs from %s at byte %d; compare them with readelf", object, theirs, firstDifference(ours, reference))
		}
		return nil
	}
	return fmt.Errorf("%s: no %s in %s; run `make arch/arm64/kvm/hyp/nvhe/` there", object, name, tree)
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// stripped returns an object without its debug information.
func stripped(objcopy, object string) ([]byte, error) {
	file, err := os.CreateTemp("", "kbuildparity")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	if err := file.Close(); err != nil {
		return nil, err
	}
	if out, err := exec.Command(objcopy, "--strip-debug", object, file.Name()).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s --strip-debug %s: %w\n%s", objcopy, object, err, out)
	}
	return os.ReadFile(file.Name())
}
