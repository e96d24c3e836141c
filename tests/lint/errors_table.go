// SPDX-License-Identifier: Apache-2.0

package lint

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
	"internal/rebuild.errMembers":  "the archive is compared as bytes instead",
	"internal/rebuild.errNoResult": "the audit goes on without this build",
	"tools/hypaudit.errDiffers":    "the report says what differs",
	"tools/hyplink.errSilent":      "the command has said what is wrong",
}
