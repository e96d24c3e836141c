// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"os"
)

// The case of a few large sections: 512 MiB.
const (
	largeObjects   = 8
	largeMegabytes = 64
)

// memoryDirectory is a file system in memory, so that no disk limits the case.
const memoryDirectory = "/dev/shm"

// largeSections returns the case of a few large sections, which is about copying bytes. Its outputs are in memory.
func (b *bench) largeSections() (*benchCase, error) {
	dir, err := b.cache.directory("large", "large 1", func(dir string) error {
		return inParallel(largeObjects, func(i int) error {
			return b.assemble(dir, numberedName(i), func(w *bufio.Writer) { bytesObject(w, i, largeMegabytes) })
		})
	})
	if err != nil {
		return nil, err
	}
	// race removes each output before the next run.
	in := *b
	if in.out, err = os.MkdirTemp(memoryDirectory, "rules_hyp-bench-"); err != nil {
		return nil, err
	}
	b.remove = append(b.remove, in.out)
	c := in.linkCase("large", numbered(dir, largeObjects), "")
	c.title = fmt.Sprintf("%d MiB in %d sections, output in memory: link", largeObjects*largeMegabytes, largeObjects)
	cat := contestant{name: "cat", what: "cat of the objects", out: in.output("large", "cat"), copies: true}
	cat.argv = script("cat " + shellWords(c.inputs) + " > " + shellWords([]string{cat.out}))
	c.contestants = append(c.contestants, cat)
	c.goals = []goal{within("cat", 1.1)}
	c.runs = 7
	return c, nil
}
