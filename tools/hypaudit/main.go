// SPDX-License-Identifier: Apache-2.0

// Command hypaudit gives evidence of what a hypervisor was made from.
//
//	hypaudit image hyp.o vmlinuz
//	hypaudit explain before.json after.json
//	hypaudit rebuild //arch/arm64/kvm/hyp:hyp_o
//	hypaudit attest --key=key.pem -o hyp.dsse.json //arch/arm64/kvm/hyp:hyp_o
//	hypaudit verify --key=key.pub --target=//arch/arm64/kvm/hyp:hyp_o hyp.dsse.json
//
// Exit codes: 0 proven, or no difference; 1 something differs or is not proven; 2 the command line
// is wrong; 3 the audit could not be made. Errors go to standard error, a line
// each.
package main

import (
	"os"
	"runtime/debug"

	"github.com/rules-hyp/rules_hyp/internal/vary"
)

// commands are all that hypaudit does, one file each.
var commands = []command{
	{
		name: "image", args: "[--system-map=FILE] [--symbol-prefix=P] [--json] [--lines=N] {OBJECT IMAGE | --debian=PACKAGE[=VERSION]}",
		summary: "prove that a kernel's hypervisor is the one of an object (docs/audit.md)", run: runImage,
		examples: []string{
			"hypaudit image hyp.o vmlinuz",
			"hypaudit image --system-map=System.map --json hyp.o vmlinuz",
			"hypaudit image --debian=linux-image-arm64",
		},
	},
	{
		name: "explain", args: "[--json] [--causes=N] LOG1 LOG2",
		summary: "say why a build executed what another one did not, by their execution logs (docs/explain.md)", run: runExplain,
		examples: []string{
			"hypaudit explain before.json after.json",
			"hypaudit explain --causes=-1 --json before.json after.json",
		},
	},
	{
		name: "rebuild", args: "[options] TARGET...",
		summary: "build again under other conditions, and say which action differs first, in what, and why (docs/rebuild.md)", run: runRebuild,
		examples: []string{
			"hypaudit rebuild //arch/arm64/kvm/hyp:hyp_o",
			"hypaudit rebuild --vary=path,date --html=report.html //hyp:hyp_o",
		},
	},
	{
		name: "attest", args: "[--execution-log=LOG | --statement=FILE] [--output=FILE]… [--audit=FILE] [--sbom=FILE] (--key=PEM | --sign-with=PROGRAM --public-key=PEM | --unsigned) [-o FILE] TARGET",
		summary: "say what a target was made from, in a signed statement (docs/attest.md)", run: runAttest,
		examples: []string{
			"hypaudit attest --key=key.pem -o hyp.dsse.json //hyp:hyp_o",
			"hypaudit attest --unsigned --sbom=hyp.cdx.json -o hyp.json //hyp:hyp_o",
		},
	},
	{
		name: "verify", args: "(--policy=FILE | --key=PEM) [--target=LABEL] [--output=FILE]… [--execution-log=LOG] [--source-root=DIR] [--image=IMAGE] [--json] STATEMENT",
		summary: "check a statement of attest, offline (docs/attest.md)", run: runVerify,
		examples: []string{
			"hypaudit verify --key=key.pub --target=//hyp:hyp_o hyp.dsse.json",
			"hypaudit verify --policy=policy.json --output=hyp.o --source-root=. hyp.dsse.json",
		},
	},
}

// Little of what an audit allocates is garbage before its end. Above memoryLimit
// bytes the collector runs as often as it takes to stay below.
const (
	gcPercent   = 400
	memoryLimit = 2 << 30
)

func main() {
	// This program starts itself to vary conditions, and to observe them.
	vary.Hook()
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	os.Exit(run(commands, os.Args[1:], os.Stdout, os.Stderr))
}
