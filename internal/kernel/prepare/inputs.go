// SPDX-License-Identifier: Apache-2.0

package prepare

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// largestConfig is more than any .config has.
const largestConfig = 16 << 20

// inputs are the configuration files of a request.
type inputs struct {
	config    []byte
	fragments []fragment
}

type fragment struct {
	name string
	text []byte
}

// readInputs reads and checks the files of a request for a kernel of this release.
func readInputs(options Options, release string) (*inputs, error) {
	in := &inputs{}
	if options.Config != "" {
		text, err := readConfig("-config", options.Config)
		if err != nil {
			return nil, err
		}
		if err := checkConfig(options.Config, string(text), release); err != nil {
			return nil, err
		}
		if err := checkArchitecture(options.Config, string(text)); err != nil {
			return nil, err
		}
		in.config = text
	}
	for _, name := range options.Fragments {
		text, err := readConfig("-fragment", name)
		if err != nil {
			return nil, err
		}
		if len(optionsOf(string(text))) == 0 {
			return nil, errcode.FragmentMalformed.Errorf("%s: has no line CONFIG_NAME=VALUE and no `# CONFIG_NAME is not set`; a fragment has lines as in a .config", name)
		}
		if err := checkArchitecture(name, string(text)); err != nil {
			return nil, err
		}
		in.fragments = append(in.fragments, fragment{name, text})
	}
	return in, nil
}

// readConfig reads a file of an option.
func readConfig(option, name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, errcode.FileNotOpened.Errorf("%s: %s: %w; give a file with options of Kconfig, as in a .config", option, name, errors.Unwrap(err))
	}
	if !info.Mode().IsRegular() || info.Size() > largestConfig {
		return nil, errcode.ConfigMalformed.Errorf("%s: is no .config; give a file as kbuild writes it", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, errcode.ConfigMalformed.Errorf("%s: is no .config, it has binary data; give a file as kbuild writes it", name)
	}
	return text, nil
}

// head is the line at the start of a .config that says what it is for.
type head struct{ arch, version string }

var headLine = regexp.MustCompile(`(?m)^# Linux/(\S+) ([0-9]+\.[0-9]+\S*) Kernel Configuration$`)

// parseHead returns what a .config says that it is for; nil if it does not, like a defconfig.
func parseHead(text string) *head {
	match := headLine.FindStringSubmatch(text)
	if match == nil {
		return nil
	}
	return &head{match[1], match[2]}
}

// fits tells whether the .config is for the kernel's VERSION and PATCHLEVEL. Stable releases of one version have the same options.
func (h *head) fits(release string) bool { return series(h.version) == series(release) }

// series returns VERSION.PATCHLEVEL of a release.
func series(release string) string {
	end := 0
	for dots := 0; end < len(release); end++ {
		c := release[end]
		if c == '.' {
			if dots++; dots == 2 {
				break
			}
		} else if c < '0' || c > '9' {
			break
		}
	}
	return release[:end]
}

// checkConfig checks what a .config is for. One without a head, such as a defconfig, is for any version.
func checkConfig(name, text, release string) error {
	// Another architecture's file would become arm64's default configuration without any message.
	if strings.Contains(text, "Automatically generated file; DO NOT EDIT") && !tree.ParseConfiguration(text).Is("ARM64") {
		return errcode.NotArm64.Errorf("%s: is not for arm64: it has no CONFIG_ARM64=y; give the configuration of an arm64 kernel", name)
	}
	if h := parseHead(text); h != nil && !h.fits(release) {
		return errcode.ConfigVersion.Errorf("%s: is for Linux %s, and the tree is Linux %s; Kconfig would drop what it does not know and choose the rest: "+
			"give a .config of this version, or what `make savedefconfig` writes in the tree that it is from", name, h.version, release)
	}
	return nil
}

// otherArchitectures are the options that Kconfig sets for the architectures of the kernel other than arm64.
var otherArchitectures = []string{
	"ALPHA", "ARC", "ARM", "CSKY", "HEXAGON", "IA64", "LOONGARCH", "M68K", "MICROBLAZE", "MIPS", "NIOS2", "OPENRISC", "PARISC", "PPC", "PPC32", "PPC64", "RISCV", "S390",
	"SPARC", "SPARC32", "SPARC64", "SUPERH", "UML", "X86", "X86_32", "X86_64", "XTENSA",
}

// checkArchitecture returns an error for options of another architecture. Kconfig would drop them, with all that depends on them, and say nothing.
func checkArchitecture(name, text string) error {
	config := tree.ParseConfiguration(text)
	for _, other := range otherArchitectures {
		if config.Is(other) && !config.Is("ARM64") {
			return errcode.NotArm64.Errorf("%s: is not for arm64: it has CONFIG_%s=y; give the configuration of an arm64 kernel", name, other)
		}
	}
	return nil
}

// hash returns a hash of the files; "" if there are none.
func (in *inputs) hash() string {
	if in.config == nil && len(in.fragments) == 0 {
		return ""
	}
	texts := []string{"config", string(in.config)}
	for _, fragment := range in.fragments {
		texts = append(texts, "fragment", string(fragment.text))
	}
	return hash(texts...)
}

var optionLine = regexp.MustCompile(`^(?:CONFIG_([A-Za-z0-9_]+)=(.*)|# CONFIG_([A-Za-z0-9_]+) is not set)$`)

// option is a value of a fragment; "n" if it is not set.
type option struct{ name, value string }

// optionsOf returns the options of a fragment, the last value of each.
func optionsOf(text string) []option {
	var found []option
	index := map[string]int{}
	for _, line := range strings.Split(text, "\n") {
		match := optionLine.FindStringSubmatch(strings.TrimRight(line, " \t\r"))
		if match == nil {
			continue
		}
		set := option{match[1], match[2]}
		if match[3] != "" {
			set = option{match[3], "n"}
		}
		if i, ok := index[set.name]; ok {
			found[i] = set
			continue
		}
		index[set.name] = len(found)
		found = append(found, set)
	}
	return found
}

// checkFragments returns an error if an option of a fragment is not in the configuration: Kconfig silently drops those whose dependencies are not met.
func (in *inputs) checkFragments(config tree.Configuration) error {
	wanted := map[string]string{}
	for _, fragment := range in.fragments {
		for _, set := range optionsOf(string(fragment.text)) {
			wanted[set.name] = set.value
		}
	}
	var lost []string
	file := ""
	for _, fragment := range in.fragments {
		for _, set := range optionsOf(string(fragment.text)) {
			if wanted[set.name] != set.value || holds(config, set) {
				continue
			}
			got, ok := config[set.name]
			if !ok {
				got = "not set"
			}
			file = fragment.name
			lost = append(lost, fmt.Sprintf("CONFIG_%s=%s is %s", set.name, set.value, got))
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return errcode.OptionDropped.Errorf("%s: not in the configuration that Kconfig made with it: %s; an option's dependencies must be set as well, "+
		"and options that others select cannot be turned off", file, strings.Join(lost, ", "))
}

func holds(config tree.Configuration, set option) bool {
	if set.value == "n" {
		_, ok := config[set.name]
		return !ok
	}
	want := tree.ParseConfiguration("CONFIG_" + set.name + "=" + set.value)[set.name]
	return config[set.name] == want
}
