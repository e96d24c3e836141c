// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// autoConf is .config as make reads it, without comments.
const autoConf = "include/config/auto.conf"

// Configuration has the values of a .config by their names without CONFIG_; strings are unquoted.
type Configuration map[string]string

// Configuration reads .config.
func (t *Tree) Configuration() (Configuration, error) {
	name := filepath.Join(t.Objects, ".config")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return ParseConfiguration(string(text)), nil
}

// ParseConfiguration reads the text of a .config.
func ParseConfiguration(text string) Configuration {
	config := Configuration{}
	for _, line := range strings.Split(text, "\n") {
		name, value, ok := strings.Cut(line, "=")
		if name, isOption := strings.CutPrefix(name, "CONFIG_"); ok && isOption {
			config[name] = unquote(strings.TrimSuffix(value, "\r"))
		}
	}
	return config
}

// unquote removes Kconfig's quotes, which escape quotes and backslashes with a backslash.
func unquote(value string) string {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return value
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(value[1 : len(value)-1])
}

// Is tells whether an option is y.
func (c Configuration) Is(option string) bool { return c[option] == "y" }

// LLD is the major version of lld where that is the linker (CONFIG_LLD_VERSION, which is 140006 for 14.0.6); 0 for another linker.
func (c Configuration) LLD() int {
	version, err := strconv.Atoi(c["LLD_VERSION"])
	if err != nil || !c.Is("LD_IS_LLD") {
		return 0
	}
	return version / 10000
}

// Compiler is a compiler's family, "gcc" or "clang", and major version.
type Compiler struct {
	Family string
	Major  int
}

// String returns the family and version as "gcc-12".
func (c Compiler) String() string { return fmt.Sprintf("%s-%d", c.Family, c.Major) }

// ParseCompiler parses what String returns.
func ParseCompiler(text string) (Compiler, error) {
	family, version, _ := strings.Cut(text, "-")
	major, err := strconv.Atoi(version)
	if err != nil || major < 1 || family != "gcc" && family != "clang" {
		return Compiler{}, errcode.OptionValue.Errorf("got compiler %q, want gcc-VERSION or clang-VERSION with a major version, such as gcc-12", text)
	}
	return Compiler{family, major}, nil
}

// Compiler returns the compiler that the configuration is for; false if it does not say.
func (c Configuration) Compiler() (Compiler, bool) {
	// The value has two digits each for minor version and patch level.
	for _, known := range []struct{ family, is, version string }{
		{"clang", "CC_IS_CLANG", "CLANG_VERSION"},
		{"gcc", "CC_IS_GCC", "GCC_VERSION"},
	} {
		if version, err := strconv.Atoi(c[known.version]); c.Is(known.is) && err == nil && version >= 10000 {
			return Compiler{known.family, version / 10000}, true
		}
	}
	return Compiler{}, false
}

// CompilerText is the first line of the compiler's --version, without #, as kbuild keeps it.
func (c Configuration) CompilerText() string { return c["CC_VERSION_TEXT"] }
