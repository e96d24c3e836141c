// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"strings"
	"testing"
)

// The compiler's own headers, as Linux 5.10 passes them, are those of the compiler of the build.
func TestCompilerHeaders(t *testing.T) {
	for _, test := range []struct{ compiler, dir, want string }{
		{"aarch64-linux-gnu-gcc", "/usr/lib/gcc-cross/aarch64-linux-gnu/12/include", "-nostdinc -iwithprefix include -O2"},
		{"gcc", "/usr/lib/gcc/aarch64-linux-gnu/12/include", "-nostdinc -iwithprefix include -O2"},
		{"gcc", "/opt/x/bin/../lib/gcc/aarch64-none-linux-gnu/10.3.1/include", "-nostdinc -iwithprefix include -O2"},
		{"gcc", "/usr/lib64/gcc/aarch64-suse-linux/13/include", "-nostdinc -iwithprefix include -O2"},
		{"clang", "/usr/lib/llvm-14/lib/clang/14.0.6/include", "-nostdlibinc -O2"},
		{"clang-19", "/usr/lib/clang/19/include", "-nostdlibinc -O2"},
	} {
		line := test.compiler + " -nostdinc -isystem " + test.dir + " -O2 -c -o f/a.o f/a.c\n"
		transcript, err := FromDryRun(line, "f", "/src", "5.10")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(transcript.Format(), "/usr/") {
			t.Errorf("got\n%s\nwant no path of the machine", transcript.Format())
		}
		plan, err := Libraries(transcript)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := strings.Join(texts(plan.Compiles[0].Options), " "); got != test.want {
			t.Errorf("%s: got %q, want %q", line, got, test.want)
		}
	}
	// Other directories of the machine stay errors.
	for _, dir := range []string{"/usr/include", "/usr/lib/gcc-cross/aarch64-linux-gnu/12/include-fixed", "/usr/lib/gcc/include"} {
		transcript, err := FromDryRun("gcc -isystem "+dir+" -c -o f/a.o f/a.c\n", "f", "/src", "5.10")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Libraries(transcript); err == nil || !strings.Contains(err.Error(), "outside the kernel tree") {
			t.Errorf("%s: got error %v, want one that says that it is outside the tree", dir, err)
		}
	}
}
