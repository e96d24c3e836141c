// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// pluginOptions load a shared library into the compiler, or pass it an argument: gcc's, clang's, and those of clang's after -Xclang and -mllvm.
var pluginOptions = []string{"-fplugin=", "-fplugin-arg-", "-fpass-plugin=", "-load", "-add-plugin", "-plugin"}

// layoutSeed is clang's counterpart of gcc's plugin randomize_layout: a file with a seed that kbuild makes, one for each tree.
const layoutSeed = "-frandomize-layout-seed-file="

// loadedFile returns the name of the plugin or seed, if an option is one of those.
func loadedFile(word string) (string, bool) {
	if value, ok := strings.CutPrefix(word, layoutSeed); ok {
		return path.Base(value), true
	}
	for _, option := range pluginOptions {
		value, ok := strings.CutPrefix(word, option)
		if !ok {
			continue
		}
		// -fplugin=DIR/stackleak_plugin.so, -fplugin-arg-stackleak_plugin-disable
		name := strings.TrimSuffix(path.Base(value), ".so")
		if option == "-fplugin-arg-" {
			name, _, _ = strings.Cut(value, "-")
		}
		return strings.TrimSuffix(name, "_plugin"), true
	}
	return "", false
}

// pluginSettings are the options of the configuration by the plugins of kbuild that have another name than CONFIG_GCC_PLUGIN_NAME.
var pluginSettings = map[string]string{
	"randomize_layout": "CONFIG_RANDSTRUCT_FULL and CONFIG_RANDSTRUCT_PERFORMANCE (set CONFIG_RANDSTRUCT_NONE=y)",
	"randstruct.seed":  "CONFIG_RANDSTRUCT_FULL (set CONFIG_RANDSTRUCT_NONE=y)",
	"stackleak":        "CONFIG_GCC_PLUGIN_STACKLEAK, or CONFIG_KSTACK_ERASE of newer kernels",
	"structleak":       "CONFIG_GCC_PLUGIN_STRUCTLEAK and those that it has in its name (set CONFIG_INIT_STACK_NONE=y)",
	"latent_entropy":   "CONFIG_GCC_PLUGIN_LATENT_ENTROPY",
	"cyc_complexity":   "CONFIG_GCC_PLUGIN_CYC_COMPLEXITY",
	"sancov":           "CONFIG_GCC_PLUGIN_SANCOV",
	"arm_ssp_per_task": "CONFIG_GCC_PLUGIN_ARM_SSP_PER_TASK",
}

// stackleakOff is the argument with which the plugin stackleak returns before it registers a pass or an attribute (main in
// scripts/gcc-plugins/stackleak_plugin.c): DISABLE_STACKLEAK_PLUGIN, or DISABLE_KSTACK_ERASE, in a directory's Makefile. Other plugins have such an argument,
// and register attributes with it.
const stackleakOff = "-fplugin-arg-stackleak_plugin-disable"

// withoutIdlePlugin returns options without those of stackleak if it does nothing.
func withoutIdlePlugin(words []string) []string {
	if !slices.Contains(words, stackleakOff) {
		return words
	}
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool {
		name, _ := loadedFile(word)
		return name == "stackleak"
	})
}

// refusePlugin returns the error for an option that loads a plugin. Such an option is never dropped: the object would be another one than kbuild's.
func refusePlugin(option, plugin string) error {
	if strings.HasPrefix(option, layoutSeed) {
		return errcode.CompilerPlugin.Errorf("option %s: kbuild makes this seed at random, one for each tree, so that no other build has the same object; "+
			"turn off %s and prepare the tree again", option, pluginSettings[plugin])
	}
	setting, ok := pluginSettings[plugin]
	if ok {
		setting += "; CONFIG_GCC_PLUGINS=n turns all off"
	} else {
		setting = "the option of .config that adds it (for gcc, CONFIG_GCC_PLUGINS=n turns all off)"
	}
	return errcode.CompilerPlugin.Errorf("option %s is for a plugin of the compiler, %s: kbuild builds it as a host program for the very compiler that it runs, "+
		"and the compiler of the rules is another build, which cannot load it; turn off %s; then prepare the tree again", option, plugin, setting)
}
