// SPDX-License-Identifier: Apache-2.0

package check

// Rule is a rule that objects are checked against.
type Rule struct {
	ID   string // such as HYP001; never reused
	Name string // such as relocation-type
	What string // what the rule requires
	Why  string // what happens otherwise
}

// Rules is the table of all rules, sorted by identifier.
var Rules = []*Rule{
	&relocationType, &undefinedSymbol, &orphanSection, &symbolPrefix, &symbolClash, &sectionPrefix,
	&hypReloc, &branchRange, &writeExecute, &branchProtection, &hostAddress, &shadowCalls, &eventIDs, &absoluteRelocation,
}

var (
	relocationType = Rule{
		"HYP001", "relocation-type",
		"relocations of hypervisor sections stay right at hypervisor addresses; no loaded section needs a global offset table, a PLT or thread-local storage",
		"the kernel has none of these tables, and an absolute address that .hyp.reloc cannot list stays a host address",
	}
	undefinedSymbol = Rule{
		"HYP002", "undefined-symbol",
		"every undefined symbol is on a list of allowed_undefined (option --allowed-undefined)",
		"the final link fails, or binds hypervisor code to host code that is not mapped at EL2",
	}
	orphanSection = Rule{
		"HYP003", "orphan-section",
		"every loaded section that is not empty is an output section of the script, or on the list of allowed sections",
		"its contents become host memory, and the hypervisor panics when it accesses them",
	}
	symbolPrefix = Rule{
		"HYP004", "symbol-prefix",
		"every symbol of the classes that get prefix and suffix has them; section, file and mapping symbols need none",
		"it binds to the host's symbol of the same name",
	}
	symbolClash = Rule{
		"HYP005", "symbol-clash",
		"no two global symbols have the same name",
		"some linkers take the first of them, others the last",
	}
	sectionPrefix = Rule{
		"HYP006", "section-prefix",
		"every loaded output section of the script starts with the section prefix, or is on the list of allowed sections",
		"the kernel's linker script does not treat it as hypervisor memory, and gen-hyprel does not relocate it",
	}
	hypReloc = Rule{
		"HYP007", "hyp-reloc",
		".hyp.reloc lists exactly the 64-bit addresses in hypervisor sections, in order",
		"the hypervisor follows a host address and hangs, or boot code overwrites something that is not an address",
	}
	branchRange = Rule{
		"HYP008", "branch-range",
		"branches and short references within one section reach their targets",
		"the final link fails with a message that does not name the source or the function",
	}
	writeExecute = Rule{
		"HYP009", "write-execute",
		"no section is both writable and executable, and the stack is not executable",
		"the hypervisor would have to map a page that is writable and executable",
	}
	branchProtection = Rule{
		"HYP010", "branch-protection",
		"with --require-bti or --require-pac, the property note or the build attributes say that all code has it, and neither says otherwise",
		"one input without it turns the protection off for all",
	}
	hostAddress = Rule{
		"HYP011", "host-address",
		"addresses that .hyp.reloc lists are of something that the object has",
		"the address of a host symbol is converted as if it were the hypervisor's, and points to memory that need not be mapped at EL2",
	}
	shadowCalls = Rule{
		"HYP012", "shadow-call-stack",
		"hypervisor code does not use a shadow call stack; with --shadow-call-stack it may, and nothing else changes the register",
		"it writes return addresses to where the host's register points",
	}
	eventIDs = Rule{
		"HYP013", "event-ids",
		"the table of tracing events has entries of one size, without gaps, sorted by name; with --host-object, the events of the host",
		"the host enables and prints another event than the one that the hypervisor writes, or writes after the end of the table",
	}
	absoluteRelocation = Rule{
		"HYP014", "absolute-relocation",
		"with --no-absolute-relocations, no loaded section has an address that the final link writes",
		"code that runs before the kernel is relocated, or at another address, follows the link address",
	}
)

// RuleByID returns the rule with an identifier or name, or nil.
func RuleByID(id string) *Rule {
	for _, r := range Rules {
		if r.ID == id || r.Name == id {
			return r
		}
	}
	return nil
}
