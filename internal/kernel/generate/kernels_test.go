package generate

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
)

const workspaceRoot = "../../.."

// The checked-in files of the default kernel match its transcript. //tools/hypgen:default_kernel_test checks the lists, which need the
// tree.
func TestDefaultKernel(t *testing.T) {
	request := DefaultKernel(workspaceRoot)
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
		if _, err := os.Stat(filepath.Join(workspaceRoot, DefaultPackage, name)); err != nil {
			t.Errorf("exported: %v", err)
		}
	}
}
