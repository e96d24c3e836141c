// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
)

// frameLine matches the lines that describe a function, or a row of it.
var frameLine = regexp.MustCompile(`(?m)^ *(?:func idx \[[0-9]+\]: (pc = .*)|([0-9a-f]{16} .*))$`)

// Frames links the objects of a seed twice into a program, by GNU ld alone and by way of hyplink, and returns what readelf decodes of the stack trace
// sections of the two.
func (t *Tools) Frames(seed uint64, dir string, keepGroups bool) (want, got []string, err error) {
	var objects []string
	for i, source := range linkcase.Frames(seed) {
		name := fmt.Sprintf("frames%d", i)
		if err := os.WriteFile(filepath.Join(dir, name+".s"), []byte(source), 0o666); err != nil {
			return nil, nil, err
		}
		if err := run(dir, t.As, "--gsframe", "-o", name+".o", name+".s"); err != nil {
			return nil, nil, err
		}
		objects = append(objects, name+".o")
	}
	args := []string{"link", "-o", "hyp.o"}
	if keepGroups {
		args = append(args, "--group=keep")
	}
	if err := run(dir, t.Hyplink, append(args, objects...)...); err != nil {
		return nil, nil, err
	}
	if want, err = t.frames(dir, "gnu", objects...); err != nil {
		return nil, nil, err
	}
	got, err = t.frames(dir, "hyp", "hyp.o")
	return want, got, err
}

// frames links objects into a program and decodes its stack trace section.
func (t *Tools) frames(dir, name string, objects ...string) ([]string, error) {
	script := "SECTIONS { .text 0x10000 : { *(SORT_BY_NAME(.text.*)) } .sframe 0x20000 : { *(.sframe) } /DISCARD/ : { *(.eh_frame) } }\n"
	if err := os.WriteFile(filepath.Join(dir, "frames.lds"), []byte(script), 0o666); err != nil {
		return nil, err
	}
	if err := run(dir, t.Ld, append([]string{"-e", "0", "-maarch64linux", "-T", "frames.lds", "-o", name}, objects...)...); err != nil {
		return nil, err
	}
	out, err := exec.Command(t.Readelf, "--sframe=.sframe", filepath.Join(dir, name)).Output()
	if err != nil {
		return nil, fmt.Errorf("readelf --sframe: %w", err)
	}
	// Functions with their rows, in the order of their addresses.
	var functions []string
	for _, m := range frameLine.FindAllStringSubmatch(string(out), -1) {
		if m[1] != "" {
			functions = append(functions, m[1])
		} else if n := len(functions); n > 0 {
			functions[n-1] += "\n" + strings.TrimSpace(m[2])
		}
	}
	slices.Sort(functions)
	return functions, nil
}
