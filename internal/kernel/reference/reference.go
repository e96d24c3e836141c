// SPDX-License-Identifier: Apache-2.0

// Package reference reads what kbuild made of a kernel's hypervisor in one configuration: an archive of its objects, the files
// that they were made from, and its dry run.
package reference

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

const (
	// Dir is the directory of the hypervisor.
	Dir = "arch/arm64/kvm/hyp/nvhe"
	// Linked is kbuild's last object.
	Linked = Dir + "/kvm_nvhe.o"
	// ObjectSuffix is that of the objects that Linked is made of.
	ObjectSuffix = ".nvhe.o"
	// DryRunName is the file with the output of kbuild's dry run.
	DryRunName = "dryrun.txt"
	// Tree is the path of the tree in which kbuild ran.
	Tree = "/build"
)

// maxSize is more than all files of a reference have together, in bytes.
const maxSize = 1 << 30

// Read reads the files of an archive that want accepts, by their paths in the tree.
func Read(name string, want func(path string) bool) (map[string][]byte, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	files := map[string][]byte{}
	archive := tar.NewReader(bufio.NewReaderSize(io.LimitReader(in, maxSize), 1<<20))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, errcode.ReferenceDamaged.Errorf("%s: %w", name, err)
		}
		if header.Typeflag != tar.TypeReg || !want(header.Name) {
			continue
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			return nil, errcode.ReferenceDamaged.Errorf("%s: %s: %w", name, header.Name, err)
		}
		files[header.Name] = text
	}
}
