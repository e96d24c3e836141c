// Package undefined reads which symbols a namespaced object may leave to the kernel's final link.
//
// The kernel keeps that list in arch/arm64/kernel/image-vars.h, a part of its
// linker script: KVM_NVHE_ALIAS(sym) gives the hypervisor its own name for a
// symbol of the kernel, and PROVIDE(prefixed = sym) does so for other prefixes.
package undefined

import (
	"regexp"
	"sort"
	"strings"
)

// ListFile is the kernel's list, relative to the tree's root.
const ListFile = "arch/arm64/kernel/image-vars.h"

// kvmPrefix is what the KVM_NVHE_ macros put before a name.
const kvmPrefix = "__kvm_nvhe_"

var (
	comment = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	define  = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*`)
	alias   = regexp.MustCompile(`\bKVM_NVHE_ALIAS(?:_HYP)?[ \t]*\([ \t]*(\w+)`)
	provide = regexp.MustCompile(`\b(\w+)[ \t]*=[^=]`)
)

// Symbols returns the names, prefix included and sorted, that text lets an
// object with a prefix use. Conditions are not evaluated: both sides count.
func Symbols(text, prefix string) []string {
	text = comment.ReplaceAllString(text, " ")
	text = define.ReplaceAllString(text, "")
	found := map[string]bool{}
	if prefix == kvmPrefix {
		for _, match := range alias.FindAllStringSubmatch(text, -1) {
			found[prefix+match[1]] = true
		}
	}
	for _, match := range provide.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(match[1], prefix) {
			found[match[1]] = true
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
