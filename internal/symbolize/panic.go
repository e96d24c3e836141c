// SPDX-License-Identifier: Apache-2.0

package symbolize

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// What arch/arm64/kvm/handle_exit.c and stacktrace.c print of a panic at EL2. Addresses in [<…>] are those that the linker assigned, whatever offset the
// kernel was loaded at.
var (
	panicLine = regexp.MustCompile(`nVHE hyp (panic|BUG) at: `)
	callLine  = regexp.MustCompile(`kvm \[\d+\]: +\[<([0-9a-f]{16})>\]`)
	address   = regexp.MustCompile(`\[<([0-9a-f]{16})>\]`)
	hypPC     = regexp.MustCompile(`^(?:\[[^]]*\] )?PS:[0-9a-f]{8} PC:([0-9a-f]{16}) ESR:([0-9a-f]{8,16})`)
	hypOffset = regexp.MustCompile(`Hyp Offset: 0x([0-9a-f]{1,16})`)
)

// Panic is a panic of the hypervisor, from a console.
type Panic struct {
	What  string   // "panic" or "BUG"; "HYP panic" of a kernel that does not say where
	Lines []string // of the console, each with what its address is in
}

// FindPanic looks for a panic of the hypervisor in the text of a console. It returns nil if there is none. Without a kernel, addresses stay as they are.
func FindPanic(console string, k *Kernel) *Panic {
	if k == nil {
		k = &Kernel{}
	}
	var p *Panic
	var offset uint64
	for line := range strings.Lines(console) {
		line = strings.TrimRight(line, "\r\n")
		if found := panicLine.FindStringSubmatch(line); found != nil && p == nil {
			p = &Panic{What: found[1]}
		}
		if found := hypOffset.FindStringSubmatch(line); found != nil {
			offset = number(found[1])
		}
		switch pc := hypPC.FindStringSubmatch(line); {
		case pc != nil:
			if p == nil {
				p = &Panic{What: "HYP panic"}
			}
			p.Lines = append(p.Lines, line+explain(k.Find, number(pc[1])+offset)+exception(number(pc[2])))
		case p != nil && (panicLine.MatchString(line) || callLine.MatchString(line)):
			find := k.Find
			if callLine.MatchString(line) {
				find = k.FindCall
			}
			if found := address.FindStringSubmatch(line); found != nil {
				line += explain(find, number(found[1]))
			}
			p.Lines = append(p.Lines, line)
		}
	}
	return p
}

func number(hexadecimal string) uint64 {
	n, _ := strconv.ParseUint(hexadecimal, 16, 64)
	return n
}

func explain(find func(uint64) (Place, bool), address uint64) string {
	if place, ok := find(address); ok {
		return "\n    at " + place.String()
	}
	return ""
}

// exceptions are classes of exceptions, by the field EC of ESR_EL2 (Arm Architecture Reference Manual, D17.2.37).
var exceptions = map[uint64]string{
	0x00: "unknown reason, such as an undefined instruction",
	0x0e: "illegal execution state",
	0x20: "instruction abort of a lower level",
	0x21: "instruction abort",
	0x22: "program counter not aligned",
	0x24: "data abort of a lower level",
	0x25: "data abort",
	0x26: "stack pointer not aligned",
	0x2f: "SError",
	0x3c: "BRK, as of BUG()",
}

func exception(esr uint64) string {
	if what, ok := exceptions[esr>>26&0x3f]; ok {
		return fmt.Sprintf("\n    exception: %s", what)
	}
	return ""
}

// String formats the panic as lines.
func (p *Panic) String() string {
	return "the hypervisor stopped (" + p.What + "):\n  " + strings.Join(p.Lines, "\n  ")
}
