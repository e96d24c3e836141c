// SPDX-License-Identifier: Apache-2.0

package lint

// unconverted are directories whose errors do not have codes yet.
var unconverted = []string{
	"internal/check",
	"internal/compare",
	"internal/elfobj",
	"internal/elftext",
	"internal/glob",
	"internal/layout",
	"internal/ldscript",
	"internal/lineinfo",
	"internal/link",
	"internal/machine",
	"internal/rename",
}

// sentinels are errors without a code, and why: none of them reaches a user.
var sentinels = map[string]string{
	"internal/fileio.errNoUnnamed": "the file is written with a name instead",
	"internal/rebuild.errMembers":  "the archive is compared as bytes instead",
	"internal/rebuild.errNoResult": "the audit goes on without this build",
	"tools/hypaudit.errDiffers":    "the report says what differs",
	"tools/hyplink.errSilent":      "the command has said what is wrong",
}
