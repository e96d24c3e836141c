// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

const (
	adviceConfigure = "run `make ARCH=arm64 CROSS_COMPILE=… defconfig prepare` in it"
	advicePrepare   = "run `make ARCH=arm64 … prepare` in the tree, with the variables that you give hypgen"
)

// oldest is the first version whose kbuild is supported: VERSION and PATCHLEVEL.
var oldest = [2]int{5, 10}

// CheckPrepared returns an error that says what to do, unless make -n can be run in the tree: it is an arm64 kernel of a supported
// version, and `make prepare` has run since the last change of .config. It only reads.
func (t *Tree) CheckPrepared() error {
	if err := t.checkPaths(); err != nil {
		return err
	}
	if err := t.checkVersion(); err != nil {
		return err
	}
	config, err := t.Configuration()
	if err != nil {
		return err
	}
	if !config.Is("ARM64") {
		return errcode.NotArm64.Errorf("%s: its .config is not for arm64: no CONFIG_ARM64=y; configure it with `make ARCH=arm64 CROSS_COMPILE=… defconfig prepare`, "+
			"or with O= in a new directory", t.Objects)
	}
	for _, made := range []string{autoConf, "include/generated/autoconf.h", "include/generated/asm-offsets.h"} {
		if _, err := os.Stat(filepath.Join(t.Objects, made)); err != nil {
			return errcode.TreeNotPrepared.Errorf("%s: no %s in it: the tree is not prepared; %s", t.Objects, made, advicePrepare)
		}
	}
	return t.checkFresh()
}

// checkFresh returns an error if .config was changed since `make prepare`. kbuild would configure the tree again before it builds.
func (t *Tree) checkFresh() error {
	config, err := os.Stat(filepath.Join(t.Objects, ".config"))
	if err != nil {
		return err
	}
	made, err := os.Stat(filepath.Join(t.Objects, autoConf))
	if err != nil {
		return err
	}
	if made.ModTime().Before(config.ModTime()) {
		return errcode.TreeNotPrepared.Errorf("%s: .config is newer than %s: the tree is not prepared for it; %s", t.Objects, autoConf, advicePrepare)
	}
	return nil
}

func (t *Tree) checkVersion() error {
	release, err := t.Release()
	if err != nil {
		return err
	}
	var version [2]int
	for i, field := range strings.SplitN(release, ".", 3)[:2] {
		if version[i], err = strconv.Atoi(field); err != nil {
			return errcode.KernelVersion.Errorf("%s: version %s: %w", filepath.Join(t.Source, "Makefile"), release, err)
		}
	}
	if version[0] < oldest[0] || version[0] == oldest[0] && version[1] < oldest[1] {
		return errcode.KernelVersion.Errorf("%s: Linux %s; hypgen reads the kbuild of Linux %d.%d and later", t.Source, release, oldest[0], oldest[1])
	}
	return nil
}

// CheckHypervisor returns an error unless the configuration has KVM.
func (t *Tree) CheckHypervisor() error {
	config, err := t.Configuration()
	if err != nil {
		return err
	}
	if config.Is("CPU_BIG_ENDIAN") {
		return errcode.NotArm64.Errorf("%s: its .config has CONFIG_CPU_BIG_ENDIAN=y, and the rules build no big-endian kernel; set CONFIG_CPU_LITTLE_ENDIAN=y and prepare it again", t.Objects)
	}
	if !config.Is("KVM") {
		return errcode.NoKVM.Errorf("%s: its .config has no CONFIG_KVM=y, so kbuild builds no hypervisor; "+
			"set CONFIG_VIRTUALIZATION=y and CONFIG_KVM=y (`make ARCH=arm64 … menuconfig`) and prepare it again", t.Objects)
	}
	return nil
}

// pluginOption matches the options of .config that load a plugin into gcc for all of the kernel. SANCOV's is in KCOV's options only, which the hypervisor
// does not have.
var pluginOption = regexp.MustCompile(`^GCC_PLUGIN_[A-Z0-9_]+$`)

const sancov = "GCC_PLUGIN_SANCOV"

// filtersPlugins are the variables with which a Makefile can take the plugins' options away, or have stackleak do nothing.
var filtersPlugins = regexp.MustCompile(`\b(?:GCC_PLUGINS_CFLAGS|RANDSTRUCT_CFLAGS|DISABLE_STACKLEAK_PLUGIN|DISABLE_KSTACK_ERASE)\b`)

// CheckPlugins returns an error if kbuild would compile a directory with plugins of gcc. If the Makefile of the directory removes options of plugins, or turns one off,
// only the dry run says whether any are left; there, each one is an error too.
func (t *Tree) CheckPlugins(dir string) error {
	config, err := t.Configuration()
	if err != nil {
		return err
	}
	var set []string
	for name := range config {
		if config.Is(name) && name != sancov && pluginOption.MatchString(name) {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return nil
	}
	slices.Sort(set)
	// GCC_PLUGIN_STRUCTLEAK_VERBOSE goes with GCC_PLUGIN_STRUCTLEAK.
	var plugins []string
	for _, name := range set {
		if n := len(plugins); n == 0 || !strings.HasPrefix(name, plugins[n-1]+"_") {
			plugins = append(plugins, name)
		}
	}
	for _, name := range []string{"Makefile", "Kbuild"} {
		text, err := os.ReadFile(filepath.Join(t.Source, dir, name))
		if err == nil && filtersPlugins.Match(text) {
			return nil
		}
	}
	return errcode.CompilerPlugin.Errorf("%s: its .config has CONFIG_%s=y: kbuild builds plugins of gcc as host programs for the very compiler that it runs, "+
		"and the compiler of the rules is another build, which cannot load them; turn these off (`# CONFIG_GCC_PLUGINS is not set` turns all off) and prepare it again",
		t.Objects, strings.Join(plugins, "=y, CONFIG_"))
}
