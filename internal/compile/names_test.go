// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The include directories of a kernel's hypervisor.
var kernelOptions = strings.Fields("-nostdinc -Ik/arch/arm64/include -I k/include -Ik/include/uapi -include k/include/linux/kconfig.h -Wa,-march=armv8.5-a -Ik/arch/arm64/kvm/hyp/nvhe")

// What may share a name is what one #include can find, and nothing else: a header that is added compiles all if it is in the list.
func TestSharing(t *testing.T) {
	for _, test := range []struct {
		name, files, own, options string
		want                      string
	}{
		{"one name in two include directories", "k/include/linux/if.h k/include/uapi/linux/if.h k/include/linux/of.h", "", "", "k/include/linux/if.h k/include/uapi/linux/if.h"},
		{"one base name below one include directory", "k/include/linux/cfi.h k/include/linux/mtd/cfi.h", "", "", ""},
		{"a header that no include directory leads to", "k/include/linux/cfi.h k/drivers/cfi.h", "", "", ""},
		{"the same, but there", "k/include/linux/cfi.h k/drivers/linux/cfi.h k/drivers/a.c", "", "", "k/drivers/linux/cfi.h k/include/linux/cfi.h"},
		{
			"next to the header that includes it, before an include directory", "k/arch/arm64/kvm/hyp/nvhe/trace.h k/include/linux/trace.h", "", "",
			"k/arch/arm64/kvm/hyp/nvhe/trace.h k/include/linux/trace.h",
		},
		{"next to two headers", "k/include/linux/a.h k/include/linux/trace.h k/include/asm/b.h k/include/asm/trace.h", "", "", ""},
		{"up from a header and from an include directory", "k/arch/arm64/kvm/hyp/x.h k/lib/x.h k/lib/a/y.h", "", "", "k/arch/arm64/kvm/hyp/x.h k/lib/x.h"},
		{"up from a header alone", "k/lib/x.h k/lib/a/y.h k/fs/x.h k/fs/a/y.h", "", "", ""},
		{"as -include names it, and as an include directory has it", "k/x.h k/include/k/x.h", "", "", "k/include/k/x.h k/x.h"},
		{"the compiler's own", "k/include/linux/stddef.h", "gcc/lib/include/stddef.h gcc/bin/as", "-iwithprefix include", "gcc/lib/include/stddef.h k/include/linux/stddef.h"},
		{"the compiler's own, which -nostdinc hides", "k/include/linux/stddef.h", "gcc/lib/include/stddef.h gcc/include/linux/stddef.h", "", ""},
		{"the compiler's own, which an option names", "k/include/linux/if.h", "gcc/include/linux/if.h", "-isystem gcc/include", "gcc/include/linux/if.h k/include/linux/if.h"},
		{"-idirafter", "k/include/linux/x.h k/late/linux/x.h", "", "-idirafter k/late", "k/include/linux/x.h k/late/linux/x.h"},
		{"-iquote", "k/include/linux/x.h k/q/linux/x.h", "", "-iquotek/q/", "k/include/linux/x.h k/q/linux/x.h"},
		{"the assembler's", "k/include/linux/x.h k/q/linux/x.h", "", "-Wa,-I,k/q", "k/include/linux/x.h k/q/linux/x.h"},
		{"a response file, which may have any", "k/include/linux/cfi.h k/include/linux/mtd/cfi.h", "", "@more", "k/include/linux/cfi.h k/include/linux/mtd/cfi.h"},
		{"an option of clang's own", "k/include/linux/cfi.h k/include/linux/mtd/cfi.h", "", "-Xclang -internal-isystem -Xclang x", "k/include/linux/cfi.h k/include/linux/mtd/cfi.h"},
		{"Bazel's configurations", "bazel-out/one/bin/include/z.h bazel-out/two/bin/include/z.h", "", "-Ibazel-out/one/bin/include", ""},
		{"an output", "bazel-out/one/bin/gen/linux/z.h ./k/include/linux/z.h", "", "-Ibazel-out/two/bin/gen", "bazel-out/cfg/bin/gen/linux/z.h k/include/linux/z.h"},
		{"a repository next to the execution root", "../k/include/x.h ../k/other/x.h", "", "-I../k/include -I../k/other", "../k/include/x.h ../k/other/x.h"},
		{"twice the same", "k/include/a.h k/include/a.h", "", "-Ik/include", ""},
	} {
		got := sharing(strings.Fields(test.files), strings.Fields(test.own), slices.Concat(kernelOptions, strings.Fields(test.options)))
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// A new header that the compiler would find before another one changes the list; a new directory of headers with the names of others does not.
func TestNamesOfChange(t *testing.T) {
	before := strings.Fields("k/include/linux/cfi.h k/include/linux/types.h k/include/uapi/linux/types.h k/arch/arm64/kvm/hyp/nvhe/a.c")
	list := func(more ...string) string {
		return strings.Join(sharing(append(more, before...), nil, kernelOptions), " ")
	}
	was := list()
	if got := list("k/include/linux/mtd/cfi.h", "k/include/linux/mtd/types.h", "k/include/linux/mtd/map.h"); got != was {
		t.Errorf("a new directory: got %q, want %q", got, was)
	}
	for _, shadow := range []string{"k/arch/arm64/include/linux/cfi.h", "k/arch/arm64/kvm/hyp/nvhe/linux/types.h"} {
		if got := list(shadow); !strings.Contains(got, shadow) {
			t.Errorf("%s: got %q, want it in the list", shadow, got)
		}
	}
}

func TestWriteNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for want, files := range map[string][]string{
		"# Headers that share a name.\na/x.h\nb/x.h\n": {"b/x.h", "a/x.h"},
		"# Headers that share a name.\n":               {"a/x.h"},
	} {
		if err := WriteNames("out", files, nil, []string{"-Ia", "-Ib"}); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile("out"); err != nil || string(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}
