// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"context"
	"regexp"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// defaultCompiler is that of hyp_object's default platform.
var defaultCompiler = tree.Compiler{Family: "gcc", Major: 12}

// platformLabel matches the platforms of rules_hyp that name their compiler.
var platformLabel = regexp.MustCompile(`//platforms:arm64_(gcc|clang)([0-9]+)$`)

// CompilerOf returns the compiler of a platform of rules_hyp, and for "" that of hyp_object's default one; nil for other platforms.
func CompilerOf(platform string) *tree.Compiler {
	if platform == "" {
		compiler := defaultCompiler
		return &compiler
	}
	match := platformLabel.FindStringSubmatch(platform)
	if match == nil {
		return nil
	}
	compiler, err := tree.ParseCompiler(match[1] + "-" + match[2])
	if err != nil {
		return nil
	}
	return &compiler
}

// Compilers is what a tree's configuration is checked against. kbuild chooses options for one compiler: another one lacks some of
// them, or would get more.
type Compilers struct {
	// Target is the compiler that the BUILD file will be built with; nil if it is not known.
	Target *tree.Compiler
	// Any turns the checks off.
	Any bool
}

// checkTarget compares the configuration with the compiler of the build.
func (c Compilers) checkTarget(t *tree.Tree) error {
	config, err := t.Configuration()
	if err != nil {
		return err
	}
	configured, ok := config.Compiler()
	if c.Any || c.Target == nil || ok && configured == *c.Target {
		return nil
	}
	if !ok {
		return errcode.CompilerNotStated.Errorf("%s: its .config does not say for which compiler it is (CONFIG_CC_VERSION_TEXT, CONFIG_GCC_VERSION); "+
			"run `make ARCH=arm64 … prepare` in the tree", t.Objects)
	}
	return errcode.CompilerMismatch.Errorf("%s: the tree is configured for %s (%s), and the BUILD file would be built with %s; kbuild's options are for one compiler: "+
		"prepare the tree with %s, or give the platform of a C toolchain with %s (-platform), "+
		"or say which compiler your C toolchain has (-compiler=%s); rules_hyp has %s",
		t.Objects, configured, config.CompilerText(), c.Target, c.Target, configured, configured, known())
}

// checkGiven compares the configuration with the compiler of kbuild's commands, which is that of make's arguments. kbuild itself
// configures a tree again if it is another one.
func (c Compilers) checkGiven(ctx context.Context, t *tree.Tree, transcript *kbuild.Transcript) error {
	config, err := t.Configuration()
	if err != nil {
		return err
	}
	if err := checkPrograms(t, config, transcript); err != nil && !c.Any {
		return err
	}
	want := config.CompilerText()
	compiler := transcript.Compiler()
	if c.Any || want == "" || compiler == "" {
		return nil
	}
	got, err := tree.VersionText(ctx, compiler)
	if err != nil {
		return err
	}
	if got != want {
		return errcode.CompilerGiven.Errorf("%s: the tree is configured for %q, and the compiler of kbuild's commands, %s, is %q; give hypgen the compiler that the tree "+
			"was prepared with (CROSS_COMPILE=…, CC=…, LLVM=…, PATH), or prepare it again with this one", t.Objects, want, compiler, got)
	}
	return nil
}

// checkPrograms compares the configuration with the linker and the assembler of kbuild's commands: kbuild's options depend on them. Before Linux 5.12, the
// configuration does not name them.
func checkPrograms(t *tree.Tree, config tree.Configuration, transcript *kbuild.Transcript) error {
	for _, command := range transcript.Commands {
		program := kbuild.Program(command.Words[0])
		used, other, setting := "", "", ""
		switch {
		case program == "ld.lld" && config.Is("LD_IS_BFD"):
			used, other, setting = "lld", "GNU ld", "CONFIG_LD_IS_BFD"
		case (program == "ld" || program == "ld.bfd") && config.Is("LD_IS_LLD"):
			used, other, setting = "GNU ld", "lld", "CONFIG_LD_IS_LLD"
		case program == "clang" && slices.Contains(command.Words, "-fintegrated-as") && config.Is("AS_IS_GNU"):
			used, other, setting = "clang's assembler", "GNU as", "CONFIG_AS_IS_GNU"
		case program == "clang" && slices.Contains(command.Words, "-fno-integrated-as") && config.Is("AS_IS_LLVM"):
			used, other, setting = "GNU as", "clang's assembler", "CONFIG_AS_IS_LLVM"
		default:
			continue
		}
		return errcode.CompilerGiven.Errorf("%s: the tree is configured for %s (%s=y), and kbuild's commands use %s; give hypgen the programs that the tree was prepared with "+
			"(LD=…, LLVM=…, LLVM_IAS=…), or prepare it again with these", t.Objects, other, setting, used)
	}
	return nil
}
