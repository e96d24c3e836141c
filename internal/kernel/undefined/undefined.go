// SPDX-License-Identifier: Apache-2.0

// Package undefined finds the symbols that a namespaced object may leave undefined until the kernel's final link.
//
// The kernel lists them in arch/arm64/kernel/image-vars.h, a part of its linker
// script: KVM_NVHE_ALIAS(sym) defines the hypervisor's name of a kernel symbol,
// and PROVIDE(prefixed = sym) those with other prefixes.
package undefined

import (
	"regexp"
	"sort"
	"strings"
)

// ListFile is the kernel's list, relative to the tree's root.
const ListFile = "arch/arm64/kernel/image-vars.h"

// kvmPrefix is the prefix that the KVM_NVHE_ macros add.
const kvmPrefix = "__kvm_nvhe_"

var (
	comment = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	define  = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*`)
	alias   = regexp.MustCompile(`\bKVM_NVHE_ALIAS(?:_HYP)?[ \t]*\([ \t]*(\w+)`)
	provide = regexp.MustCompile(`\b(\w+)[ \t]*=[^=]`)
)

// Symbols returns the symbols that text defines for objects with a prefix,
// sorted, prefix included. Conditions are not evaluated: both sides count.
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
