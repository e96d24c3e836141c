// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"
)

func TestParseLit(t *testing.T) {
	got := parseLit("# REQUIRES: x86, zlib\n" +
		"# RUN: llvm-mc %s \\\n" +
		"# RUN:   -o %t.o\n" +
		"// RUN: ld.lld -r %t.o -o %t\n" +
		"# CHECK: text\n")
	want := litTest{
		run:      []string{"llvm-mc %s -o %t.o", "ld.lld -r %t.o -o %t"},
		requires: []string{"x86", "zlib"},
	}
	if !slices.Equal(got.run, want.run) || !slices.Equal(got.requires, want.requires) || got.defines {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !parseLit("# DEFINE: %{x} = y\n").defines {
		t.Error("a definition is not seen")
	}
}

func TestLastCommand(t *testing.T) {
	log := "+ llvm-mc a.s -o /scratch/a.o\n+ FileCheck /suite/a.s\nerror: no\n"
	if got, want := lastCommand(log), "FileCheck a.s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
