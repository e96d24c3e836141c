package headers

import (
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

func TestManifest(t *testing.T) {
	found := &Result{Headers: []string{"include/a.h", "include/b.h"}, Computed: []string{"include/a.h: NAME"}}
	got := string(found.Manifest(&kbuild.Plan{Folder: "virt/el2", Release: "6.1.2"}))
	want := `# The headers that virt/el2 of Linux 6.1.2 may read, both sides of each #if. Written by hypgen.
# Not followed, because a macro names the file: include/a.h: NAME
include/a.h
include/b.h
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
