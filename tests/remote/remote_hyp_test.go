package remote

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
	"github.com/rules-hyp/rules_hyp/tests/remote/engine"
)

const (
	hypO    = "//arch/arm64/kvm/hyp:hyp_o"
	hypFile = "arch/arm64/kvm/hyp/hyp_o/hyp.o"
)

// local returns the files that the build of this test, which was not remote, made of the kernel's object: hyp.o and the objects that are linked.
func local(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range strings.Fields(os.Getenv("LOCAL")) {
		data, err := os.ReadFile(filepath.Join(os.Getenv("TEST_SRCDIR"), name))
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = data
	}
	return files
}

// Everything runs on a worker whose root directory is empty, and gives the bytes of the local build.
func TestKernel(t *testing.T) {
	want := local(t)
	if len(want) != 33 {
		t.Fatalf("the local build made %d files, want hyp.o and 32 objects", len(want))
	}
	b := bed.New(t, engine.BuildBoxOptions{})
	c := bed.NewWorkspace(t).Client(t)
	build := c.Build(t, append(b.Flags(), "--output_groups=+objects"), hypO).MustSucceed(t)
	t.Logf("%s, %v, %+v", build.Elapsed, build.Runners(), b.Proxy.Traffic().Methods)
	if runners := build.Runners(); runners[bed.Remote] != 37 || len(runners) != 1 {
		t.Errorf("the actions ran %v; want all 37 remote", runners)
	}
	got := c.Output(t, hypFile)
	if !bytes.Equal(got, want["hyp.o"]) {
		t.Error("hyp.o differs from that of the local build")
	}
}
