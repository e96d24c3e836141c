package check

// Rule is a rule that objects are held to.
type Rule struct {
	ID   string // HYP001; never used for another rule
	Name string // relocation-type
	What string // what holds of an object that keeps the rule
	Why  string // what happens when it does not
}

// Rules is the table of all rules, by identifier.
var Rules = []*Rule{&relocationType, &undefinedSymbol, &orphanSection, &symbolPrefix, &symbolClash, &sectionPrefix,
	&hypReloc, &branchRange, &writeExecute, &branchProtection}

var (
	relocationType = Rule{"HYP001", "relocation-type",
		"relocations of hypervisor sections stay right at hypervisor addresses; no loaded section needs a global offset table, a PLT or thread-local storage",
		"the kernel has none of these tables, and an absolute address that .hyp.reloc cannot list is the host's"}
	undefinedSymbol = Rule{"HYP002", "undefined-symbol",
		"every undefined symbol is on a list of --allowed-undefined",
		"the final link fails, or binds hypervisor code to host code that is not mapped at EL2"}
	orphanSection = Rule{"HYP003", "orphan-section",
		"every loaded section that is not empty is an output section of the script, or on the list of allowed sections",
		"what is in it becomes host memory, and the hypervisor panics when it touches it"}
	symbolPrefix = Rule{"HYP004", "symbol-prefix",
		"every symbol of the classes that get the prefix starts with it; section, file and mapping symbols may go without",
		"it meets the host's symbol of that name"}
	symbolClash = Rule{"HYP005", "symbol-clash",
		"no two global symbols have one name",
		"linkers take the first or the last of them, whichever they please"}
	sectionPrefix = Rule{"HYP006", "section-prefix",
		"every loaded output section of the script starts with the section prefix, or is on the list of allowed sections",
		"the kernel's linker script does not take it for the hypervisor's, and gen-hyprel does not relocate it"}
	hypReloc = Rule{"HYP007", "hyp-reloc",
		".hyp.reloc lists the 64-bit addresses in hypervisor sections, all of them, nothing else, in order",
		"the hypervisor follows a host address and hangs, or the boot writes over something that is no address"}
	branchRange = Rule{"HYP008", "branch-range",
		"branches and short references within one section reach their targets",
		"the final link fails with a message that names neither source nor function"}
	writeExecute = Rule{"HYP009", "write-execute",
		"no section is both writable and executable, and the stack is not executable",
		"the hypervisor's page tables would need such a page"}
	branchProtection = Rule{"HYP010", "branch-protection",
		"with --require-bti or --require-pac, the property note or the build attributes say that all code has it, and neither says otherwise",
		"one input without it takes the protection away from all"}
)

// RuleByID returns the rule of an identifier or name, nil when there is none.
func RuleByID(id string) *Rule {
	for _, r := range Rules {
		if r.ID == id || r.Name == id {
			return r
		}
	}
	return nil
}
