// SPDX-License-Identifier: Apache-2.0

package lint

// unconverted are directories whose errors do not have codes yet.
var unconverted = []string{
	"internal/bazelrun",
	"internal/compile",
	"internal/debian",
	"internal/debkernel",
	"internal/depfile",
	"internal/dsse",
	"internal/execlog",
	"internal/explain",
	"internal/image",
	"internal/kallsyms",
	"internal/kernel/buildfile",
	"internal/kernel/clangd",
	"internal/kernel/generate",
	"internal/kernel/headers",
	"internal/kernel/kbuild",
	"internal/kernel/keep",
	"internal/kernel/prepare",
	"internal/kernel/shell",
	"internal/kernel/stamp",
	"internal/kernel/tree",
	"internal/kernel/undefined",
	"internal/kernel/workspace",
	"internal/provenance",
	"internal/rebuild",
	"internal/vary",
	"internal/vmlinuz",
	"rules",
	"rules/private",
	"toolchain/private",
	"tools/hypaudit",
	"tools/hypboot",
	"tools/hypboot/init",
	"tools/hypcc",
	"tools/hypgen",
	"tools/hypgen/kbuildparity",
	"tools/release/manual",
	"tools/release/pack",
	"tools/release/publish",
}

// internalErrors are packages whose errors reach no user, and why.
var internalErrors = map[string]string{
	"internal/elftext":  "only tests parse objects from text",
	"internal/lineinfo": "where debug information cannot be read, findings have no lines",
}

// sentinels are errors without a code, and why: none of them reaches a user.
var sentinels = map[string]string{
	"internal/link.errProportion":  "it is a part of the message of a compressed section",
	"internal/link.errSize":        "it is a part of the message of a compressed section",
	"internal/link.errWindow":      "it is a part of the message of a compressed section",
	"internal/fileio.errNoUnnamed": "the file is written with a name instead",
	"tools/hyplink.errSilent":      "the command has said what is wrong",
}
