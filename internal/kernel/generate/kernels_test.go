// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
)

const workspaceRoot = "../../.."

// The BUILD file of each kernel is what hypgen writes from the transcript. What needs the tree is checked by //tools/hypgen.
func TestKernels(t *testing.T) {
	for _, kernel := range Kernels {
		t.Run(kernel.Version, func(t *testing.T) { testKernel(t, kernel) })
	}
}

func testKernel(t *testing.T, kernel Kernel) {
	request := kernel.Request(workspaceRoot)
	transcript, err := ReadTranscript(request.Transcript)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := request.plan(transcript)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Dir != DefaultDir {
		t.Errorf("%s: is of %s, want %s", request.Transcript, plan.Dir, DefaultDir)
	}
	if !strings.HasPrefix(plan.Release, kernel.Version+".") {
		t.Errorf("%s: is of Linux %s, want %s", request.Transcript, plan.Release, kernel.Version)
	}
	got, err := buildfile.Write(plan, request.options())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		request.BuildFile:  got,
		request.Transcript: []byte(transcript.Format()),
	} {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text, want) {
			t.Errorf("%s: not what hypgen writes; regenerate it as the head of the BUILD file says. Got\n%s", name, text)
		}
	}
	for _, name := range request.Build.Exports {
		if _, err := os.Stat(filepath.Join(workspaceRoot, kernel.Package(), name)); err != nil {
			t.Errorf("exported: %v", err)
		}
	}
}

func TestKernelOf(t *testing.T) {
	if k, err := KernelOf("6.12"); err != nil || k.Package() != "kernels/6.12" || k.Repository != "linux_6.12" {
		t.Errorf("got %+v, %v", k, err)
	}
	if _, err := KernelOf("5.10"); err == nil || !strings.Contains(err.Error(), "no kernel 5.10, only 6.1, 6.12, 7.2") {
		t.Errorf("got error %v, want one with the versions", err)
	}
}

// No target of a kernel whose packages leave the archive is in the pattern //...: each of its BUILD file's rules is tagged, and no other kernel's.
func TestRolling(t *testing.T) {
	rolling := 0
	for _, kernel := range Kernels {
		text, err := os.ReadFile(kernel.Request(workspaceRoot).BuildFile)
		if err != nil {
			t.Fatal(err)
		}
		rules, tags := bytes.Count(text, []byte("\nhyp_")), bytes.Count(text, []byte("\n    tags = [\"manual\"],\n"))
		want := 0
		if kernel.Rolling {
			rolling++
			want = rules
		}
		if rules == 0 || tags != want {
			t.Errorf("%s: %d of %d rules are manual, want %d", kernel.Version, tags, rules, want)
		}
	}
	if rolling == 0 {
		t.Error("no kernel is rolling, want 7.2")
	}
}
