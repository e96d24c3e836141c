// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"strings"
	"testing"
)

func TestSplitCompiler(t *testing.T) {
	for _, test := range []struct{ name, options, want string }{
		{"source directory", "-I$(srctree)/include", "-I$(TREE)/include"},
		{"object directory", "-I./include/generated", "-I$(TREE)/include/generated"},
		{"directory apart", "-I $(srctree)/arch/arm64/kvm/hyp/nvhe", "-I$(TREE)/arch/arm64/kvm/hyp/nvhe"},
		{"root directory", "-I.", "-I$(TREE)"},
		{"dotted directory", "-I$(srctree)/a/../b", "-I$(TREE)/b"},
		{"source directory and its double", "-I$(srctree)/a -O2 -I./a", "-I$(TREE)/a -O2"},
		{"forced include", "-include $(srctree)/include/linux/kconfig.h", "-include $(TREE)/include/linux/kconfig.h"},
		{"system directory", "-isystem $(srctree)/include/sys", "-isystem $(TREE)/include/sys"},
		{"macro map of the source", "-fmacro-prefix-map=$(srctree)/=", "-fmacro-prefix-map=$(TREE)/="},
		{"macro map in one tree", "-fmacro-prefix-map=./=", "-fmacro-prefix-map=$(TREE)/="},
		{"file map of a directory", "-ffile-prefix-map=$(srctree)/lib=lib", "-ffile-prefix-map=$(TREE)/lib=lib"},
		{"dependency file goes", "-Wp,-MMD,a/.b.o.d -Wp,-D_X", "-Wp,-D_X"},
		{"toolchain's place goes", "--prefix=/usr/bin/x- --gcc-toolchain=/usr -B2", "-B2"},
		{"repeated macro stays", "-DA= -O2 -DA=", "-DA= -O2 -DA="},
		{"macro apart", "-D A=1 -U B", "-D A=1 -U B"},
		{"option with a word", "--param x=1 -mllvm -y", "--param x=1 -mllvm -y"},
		{"intermediate code goes", "-fno-lto -flto=thin -fsplit-lto-unit -fvisibility=hidden -flto -fno-fat-lto-objects", "-fvisibility=hidden"},
		{"stackleak that does nothing goes", "-fplugin=./scripts/gcc-plugins/stackleak_plugin.so -DSTACKLEAK_PLUGIN -fplugin-arg-stackleak_plugin-arch=arm64 " +
			"-fplugin-arg-stackleak_plugin-disable", "-DSTACKLEAK_PLUGIN"},
		{"dollar sign", `-DA="a$b$$c" -I$(srctree)/a`, `-DA="a$$b$$$$c" -I$(TREE)/a`},
		{
			"joined paths", "-includearch/a.h -isystem./include -iquote$(srctree)/b -Wa,-Iarch/c -Wa,-I$(srctree)/d",
			"-include $(TREE)/arch/a.h -isystem $(TREE)/include -iquote $(TREE)/b -Wa,-I$(TREE)/arch/c -Wa,-I$(TREE)/d",
		},
		{"warnings stay", "-Wall -Wno-main -Werror=date-time", "-Wall -Wno-main -Werror=date-time"},
	} {
		t.Run(test.name, func(t *testing.T) {
			words := append(strings.Fields(test.options), "-c", "-o", "./a/b.o", "$(srctree)/a/b.c")
			call, err := splitCompiler(words)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, option := range call.options {
				got = append(got, option.String())
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if call.mode != "-c" || call.output != "a/b.o" || call.source != "a/b.c" {
				t.Errorf("got %+v, want -c of a/b.c to a/b.o", call)
			}
		})
	}
}

func TestSplitCompilerErrors(t *testing.T) {
	for _, test := range []struct{ words, want string }{
		{"-c -o a.o", "no source or no output"},
		{"-c a.c", "no source or no output"},
		{"-c -o a.o a.c b.c", "two sources, a.c and b.c"},
		{"-c a.c -o", "-o without its argument"},
		{"-c -o a.o a.c -include", "-include without its argument"},
		{"-c -o a.o a.c -isystem /usr/lib/gcc/include", "option -isystem: /usr/lib/gcc/include is outside the kernel tree"},
		{"-c -o a.o a.c -I../include", "option -I: ../include is outside the kernel tree"},
		{"-c -o a.o a.c -frecord-x=./x", "option -frecord-x=./x has a path of the tree"},
		{"-c -o a.o a.c -fplugin=/usr/lib/p.so", "option -fplugin=/usr/lib/p.so is for a plugin of the compiler, p: "},
		{"-c -o a.o a.c -fplugin=./scripts/gcc-plugins/stackleak_plugin.so", "turn off CONFIG_GCC_PLUGIN_STACKLEAK, or CONFIG_KSTACK_ERASE"},
		{"-c -o a.o a.c -fplugin-arg-stackleak_plugin-arch=arm64", "a plugin of the compiler, stackleak: "},
		// These do something without their passes: they have attributes.
		{"-c -o a.o a.c -fplugin=./structleak_plugin.so -fplugin-arg-structleak_plugin-disable", "a plugin of the compiler, structleak: "},
		{"-c -o a.o a.c -fplugin=./structleak_plugin.so -fplugin-arg-stackleak_plugin-disable", "a plugin of the compiler, structleak: "},
		{"-c -o a.o a.c -fplugin=./scripts/gcc-plugins/randomize_layout_plugin.so", "set CONFIG_RANDSTRUCT_NONE=y"},
		{"-c -o a.o a.c -fplugin=./scripts/gcc-plugins/new_plugin.so", "the option of .config that adds it (for gcc, CONFIG_GCC_PLUGINS=n turns all off)"},
		{"-c -o a.o a.c -frandomize-layout-seed-file=./scripts/basic/randstruct.seed", "turn off CONFIG_RANDSTRUCT_FULL"},
		{"-c -o a.o a.c -fpass-plugin=$(srctree)/p.so", "a plugin of the compiler, p: "},
		{"-c -o a.o a.c -Xclang -load -Xclang p.so", "option -Xclang -load is for a plugin"},
		{"-c -o a.o a.c -Xclang -fpass-plugin=p.so", "option -Xclang -fpass-plugin=p.so is for a plugin"},
		{"-c -o a.o a.c -mllvm -load=p.so", "option -mllvm -load=p.so is for a plugin"},
		{"-c -o a.o a.c --config=$(srctree)/x", "option --config=$(srctree)/x has a path of the tree"},
		{"-c -o a.o a.c -fmacro-prefix-map=x", "no = between the paths"},
		{"-c -o a.o a.c -g -gsplit-dwarf", "turn off CONFIG_DEBUG_INFO_SPLIT"},
		{"-c -o a.o /tmp/a.c", "/tmp/a.c is outside the kernel tree"},
	} {
		_, err := splitCompiler(strings.Fields(test.words))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.words, err, test.want)
		}
	}
}
