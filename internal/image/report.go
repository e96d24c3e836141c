// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// Schema is the version of the JSON report.
const Schema = 1

// Causes of differences.
const (
	CauseInstruction     = "changed instruction"
	CauseTarget          = "refers to something else"
	CauseAddend          = "wrong addend in .rela.dyn"
	CauseDynamic         = "wrong dynamic relocation"
	CauseExtraRelocation = "extra dynamic relocation"
	CauseData            = "changed data"
	CauseAlternative     = "altered alternative"
	CauseExchanged       = "exchanged"
	CauseMoved           = "moved"
	CauseSize            = "changed size"
	CauseNotFound        = "not found"
	CauseNoAddress       = "not checked"
	CauseOutside         = "outside the image"
	CauseOverlap         = "overlaps"
	CauseUnexplained     = "unexplained bytes"
	CauseRange           = "wrong range"
	CauseTwice           = "found twice"
)

// Report is what an audit found. Addresses are link addresses if LinkAddress is
// known, otherwise offsets from the start of the image.
type Report struct {
	Schema int  `json:"schema"`
	Proven bool `json:"proven"`
	// ObjectSHA256 and KernelSHA256 are the digests of the files, so that a report can
	// be told from that of others.
	ObjectSHA256 string `json:"object_sha256"`
	KernelSHA256 string `json:"kernel_sha256"`
	Symbols      string `json:"symbols"`      // where they are from: "kallsyms", "System.map" or "vmlinux"
	LinkAddress  Hex    `json:"link_address"` // of _text; 0: unknown
	// Banner is what the kernel prints at boot, Compilers are those that the object
	// says it was made by.
	Banner    string   `json:"banner"`
	Compilers []string `json:"compilers"`

	Functions       int `json:"functions"`
	FunctionsProven int `json:"functions_proven"`

	Sections    []Section      `json:"sections"`
	Ranges      []Range        `json:"ranges"`
	Bare        []string       `json:"sections_without_range"`
	Addresses   []Address      `json:"solved_addresses"`
	Linker      []LinkerChange `json:"linker_changes"`
	Differences []Difference   `json:"differences"`
}

// Hex is an address. JSON has it as a string, as its numbers lose digits.
type Hex uint64

// MarshalText implements encoding.TextMarshaler.
func (h Hex) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%#x", uint64(h)), nil }

// Section is a section of the object.
type Section struct {
	Name        string `json:"name"`
	Address     Hex    `json:"address"`
	Size        uint64 `json:"size"`
	Found       string `json:"found"` // "symbol", "solved", "content" or ""
	Uses        int    `json:"uses"`  // symbols or fields that say so
	Relocations int    `json:"relocations"`
	Proven      uint64 `json:"proven"` // bytes
	Solved      uint64 `json:"solved"`
	Different   uint64 `json:"different"`
}

// Range is a range of the kernel that is the hypervisor's, by what its bytes are.
type Range struct {
	Name        string  `json:"name"`
	Start       Hex     `json:"start"`
	Size        uint64  `json:"size"`
	Object      uint64  `json:"object"`
	Padding     uint64  `json:"padding"`
	Linker      uint64  `json:"linker"`
	Other       uint64  `json:"other_objects"`
	Unexplained uint64  `json:"unexplained"`
	Others      []Other `json:"others"`
}

// Other is what another object has in a range.
type Other struct {
	Name    string `json:"name"` // its first symbol
	Address Hex    `json:"address"`
	Size    uint64 `json:"size"`
	Symbols int    `json:"symbols"`
}

// Address is an address that the kernel's symbols do not give.
type Address struct {
	Name    string `json:"name"`
	Address Hex    `json:"address"`
	Uses    int    `json:"uses"`
	// Confirmed says that several uses agree. What only one refers to is solved,
	// not verified.
	Confirmed bool `json:"confirmed"`
}

// LinkerChange is an instruction that the linker rewrote by a known rule.
type LinkerChange struct {
	What   string `json:"what"`
	At     string `json:"at"`
	Target string `json:"target"`
}

// Difference is something that differs, or that could not be checked.
type Difference struct {
	Cause   string `json:"cause"`
	Symbol  string `json:"symbol"` // where
	Section string `json:"section"`
	Offset  uint64 `json:"offset"` // in the section
	Address Hex    `json:"address"`
	Input   string `json:"input,omitempty"` // the source, if known
	Want    string `json:"want"`            // by the object
	Have    string `json:"have"`            // in the kernel
	More    int    `json:"more,omitempty"`  // differences of the same symbol that are not listed
}

// finish completes the report and comes to the verdict.
func (a *audit) finish() error {
	r := a.report
	r.Ranges, r.Bare, r.Addresses = slices.Clip(append([]Range{}, r.Ranges...)), append([]string{}, r.Bare...), []Address{}
	r.Linker, r.Differences = append([]LinkerChange{}, r.Linker...), append([]Difference{}, r.Differences...)
	if a.linked {
		r.LinkAddress = Hex(a.base)
	}
	r.Banner = banner(a.img)
	r.Compilers = compilers(a.o)
	for _, sec := range a.secs {
		if sec == nil {
			continue
		}
		s := Section{
			Name: sec.s.Name, Size: sec.s.Size, Found: sec.found.how, Uses: sec.found.uses, Relocations: len(sec.fields),
			Proven: sec.stats.proven, Solved: sec.stats.solved, Different: sec.stats.different,
		}
		if sec.found.how != foundNot {
			s.Address = a.link(sec.base)
		}
		r.Sections = append(r.Sections, s)
		if sec.found.how == foundByUse {
			r.Addresses = append(r.Addresses, Address{sec.s.Name, a.link(sec.base), sec.found.uses, sec.found.confirmed})
		}
	}
	for i := range a.o.Symbols {
		s := &a.o.Symbols[i]
		if s.Type() != elf.STT_FUNC || s.Section <= 0 || a.secs[s.Section] == nil {
			continue
		}
		r.Functions++
		if sec := a.secs[s.Section]; sec.found.how != foundNot && !sec.blockAt(s.Value).bad {
			r.FunctionsProven++
		}
	}
	for _, u := range a.unknown {
		if u.found.how == foundByUse {
			r.Addresses = append(r.Addresses, Address{u.name, a.link(u.at), u.found.uses, u.found.confirmed})
		}
	}
	slices.SortFunc(r.Addresses, func(a, b Address) int { return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.Name, b.Name)) })
	r.Proven = len(r.Differences) == 0
	return nil
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// maxBanner is how many bytes of a banner are shown.
const maxBanner = 512

// banner returns what the kernel says of itself (init/version.c).
func banner(img []byte) string {
	const start = "Linux version "
	for rest := img; ; {
		i := bytes.Index(rest, []byte(start))
		if i < 0 {
			return ""
		}
		rest = rest[i:]
		// Formats of the same text have a per cent sign.
		line := rest[:min(len(rest), maxBanner)]
		if n := bytes.IndexAny(line, "\n\x00"); n > len(start) && line[len(start)] != '%' {
			return string(line[:n])
		}
		rest = rest[len(start):]
	}
}

// compilers returns the producers in the object's .comment.
func compilers(o *elfobj.Object) []string {
	s := o.Section(".comment")
	if s == nil {
		return []string{}
	}
	list := []string{}
	for _, c := range bytes.Split(s.Contents(), []byte{0}) {
		if len(c) > 0 && len(c) < maxBanner && !slices.Contains(list, string(c)) {
			list = append(list, string(c))
		}
	}
	return list
}
