// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/check"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// stringList is an option that may be given several times.
type stringList []string

func (l *stringList) String() string     { return strings.Join(*l, " ") }
func (l *stringList) Set(s string) error { *l = append(*l, s); return nil }

// checkFlags are the options of the check.
type checkFlags struct {
	symbolPrefix, symbolSuffix string
	sectionPrefix              string
	undefined, sections        stringList
	classes                    rename.Classes
	scriptFlags
	mapFile, policy, hypRelocs          string
	stamp                               string
	bti, pac, noDefaults, asJSON, rules bool
	noAbsolute                          bool
	shadow                              bool
	unlinked                            bool
	definedBy                           stringList
	hostObject                          string
}

func (c *context) checkFlags() *checkFlags {
	f := &checkFlags{}
	v := c.flags
	v.StringVar(&f.symbolPrefix, "symbol-prefix", "", "`PREFIX`: what each symbol's name has to start with")
	v.StringVar(&f.symbolSuffix, "symbol-suffix", "", "`SUFFIX`: what each symbol's name has to end with")
	v.Func("prefix-class", "which symbols have prefix and suffix, as 'hyplink prefix --prefix-class=`CLASSES`' says it; all without this (repeatable)", func(list string) error {
		c, err := rename.ParseClasses(list)
		f.classes |= c
		return err
	})
	v.StringVar(&f.sectionPrefix, "section-prefix", hyprel.DefaultSectionPrefix, "`PREFIX`: what the names of the hypervisor's own sections start with; empty: every section is")
	v.Var(&f.undefined, "allowed-undefined", "`FILE`: file of symbols that may be undefined: one a line, or image-vars.h; may be repeated")
	v.Var(&f.sections, "allowed-section", "`PATTERN`: pattern of a loaded section that need not be the hypervisor's; may be repeated")
	v.BoolVar(&f.noDefaults, "no-default-sections", false, "allow only the sections of --allowed-section, not those of docs/check.md")
	f.scriptFlags.add(c, "linker script of the link: a section that it does not name is an orphan")
	v.StringVar(&f.mapFile, "map", "", "`FILE`: what the link wrote with --map: findings name input objects instead of sources")
	v.BoolVar(&f.bti, "require-bti", false, "all code must have branch target identification")
	v.BoolVar(&f.pac, "require-pac", false, "all code must have return address signing")
	v.BoolVar(&f.noAbsolute, "no-absolute-relocations", false, "no loaded section may hold absolute addresses: the code does not run at its link address")
	v.BoolVar(&f.shadow, "shadow-call-stack", false, "hypervisor code has a shadow call stack: nothing else may change its register")
	v.BoolVar(&f.unlinked, "unlinked", false, "check objects that are to be linked, as compilers write them, for undefined symbols alone")
	v.Var(&f.definedBy, "defined-by", "`FILE`: with --unlinked, another object of the link, which is not checked; may be repeated")
	v.StringVar(&f.hostObject, "host-object", "", "`FILE`: vmlinux or hyp_trace.o: the hypervisor's tracing events must be those of the host")
	v.StringVar(&f.hypRelocs, "hyp-relocations", "", "`MODE`: required, absent or auto: there must be some if the script defines __hyp_section_ symbols (default auto)")
	v.StringVar(&f.policy, "policy", "", "`FILE`: policy file, which may set all of this and switch findings off (docs/check.md)")
	v.StringVar(&f.stamp, "stamp", "", "`FILE`: write an empty file here when the object passes")
	v.BoolVar(&f.asJSON, "json", false, "print the report as JSON")
	v.BoolVar(&f.rules, "rules", false, "list the rules instead of checking")
	return f
}

// runCheck checks an object against the rules.
func runCheck(c *context) error {
	f := c.checkFlags()
	paths, err := c.parse()
	if err != nil {
		return err
	}
	if f.rules {
		for _, r := range check.Rules {
			c.stdout.Linef("%s %s: %s. Otherwise %s.", r.ID, r.Name, r.What, r.Why)
		}
		return nil
	}
	switch {
	case f.unlinked && f.asJSON:
		return usagef(errcode.OptionsDisagree, "--json is for one object, without --unlinked")
	case !f.unlinked && len(f.definedBy) > 0:
		return usagef(errcode.OptionsDisagree, "--defined-by is for objects that are to be linked, with --unlinked")
	case f.unlinked && len(paths) == 0:
		return usagef(errcode.Operands, "no objects")
	case !f.unlinked && len(paths) != 1:
		return usagef(errcode.Operands, "%d objects, want one; --unlinked checks objects that are to be linked", len(paths))
	}
	opts, err := f.options(c)
	if err != nil {
		return err
	}
	if f.unlinked {
		return f.checkUnlinked(c, paths, opts)
	}
	o, _, err := elfobj.ReadFile(paths[0])
	if err != nil {
		return err
	}
	r, err := check.Run(o, opts)
	if err != nil {
		return err
	}
	if f.asJSON {
		if err := r.WriteJSON(c.json); err != nil {
			return err
		}
	}
	for _, s := range r.Unused {
		entry := s.ID
		for _, p := range []struct{ name, pattern string }{{"symbol", s.Symbol}, {"section", s.Section}, {"input", s.Input}} {
			if p.pattern != "" {
				entry += fmt.Sprintf(", %s %q", p.name, p.pattern)
			}
		}
		w := errcode.UnusedException.Errorf("%s: warning: the policy's entry for %s matches no finding; remove it (reason: %s)", r.Object, entry, s.Reason)
		c.stderr.Line(errcode.Text(w))
	}
	switch {
	case !r.Passed && f.asJSON:
		return errSilent
	case !r.Passed:
		r.WriteText(c.stderr)
		return errSilent
	}
	return f.writeStamp()
}

// writeStamp writes the file that says that the check passed.
func (f *checkFlags) writeStamp() error {
	if f.stamp == "" {
		return nil
	}
	return fileio.Write(f.stamp, func(*os.File) error { return nil })
}

// checkUnlinked checks objects for undefined symbols before they are linked.
func (f *checkFlags) checkUnlinked(c *context, paths []string, opts check.Options) error {
	objects, err := readObjects(paths)
	if err != nil {
		return err
	}
	others, err := readObjects(f.definedBy)
	if err != nil {
		return err
	}
	reports, err := check.Unlinked(objects, others, opts)
	if err != nil {
		return err
	}
	passed := true
	for _, r := range reports {
		r.WriteText(c.stderr)
		passed = passed && r.Passed
	}
	if !passed {
		return errSilent
	}
	return f.writeStamp()
}

func readObjects(paths []string) ([]*elfobj.Object, error) {
	objects := make([]*elfobj.Object, len(paths))
	for i, path := range paths {
		o, _, err := elfobj.ReadFile(path)
		if err != nil {
			return nil, err
		}
		objects[i] = o
	}
	return objects, nil
}

// options puts the policy and the command line together. The command line adds
// to lists and replaces single values.
func (f *checkFlags) options(c *context) (check.Options, error) {
	p := &check.Policy{}
	var err error
	if f.policy != "" {
		if p, err = check.ReadPolicy(f.policy); err != nil {
			return check.Options{}, err
		}
	}
	if _, err := check.ParseMode(f.hypRelocs); err != nil {
		return check.Options{}, usagef(errcode.OptionValue, "--hyp-relocations=%v", err)
	}
	given := c.given()
	pick := func(name string, line string, policy *string) string {
		if policy != nil && !given[name] {
			return *policy
		}
		return line
	}
	o := check.Options{
		SymbolPrefix:      pick("symbol-prefix", f.symbolPrefix, p.SymbolPrefix),
		SymbolSuffix:      pick("symbol-suffix", f.symbolSuffix, p.SymbolSuffix),
		SectionPrefix:     pick("section-prefix", f.sectionPrefix, p.SectionPrefix),
		Undefined:         &check.Names{},
		AllowedSections:   append(p.AllowedSections, f.sections...),
		NoDefaultSections: p.NoDefaultSections || f.noDefaults,
		RequireBTI:        p.RequireBTI || f.bti,
		RequirePAC:        p.RequirePAC || f.pac,
		NoAbsolute:        p.NoAbsolute || f.noAbsolute,
		ShadowCallStack:   p.ShadowCallStack || f.shadow,
		HypRelocations:    check.Mode(pick("hyp-relocations", f.hypRelocs, (*string)(&p.HypRelocations))),
		Off:               p.Off,
	}
	for _, p := range []struct{ option, prefix string }{{"symbol-prefix", o.SymbolPrefix}, {"symbol-suffix", o.SymbolSuffix}, {"section-prefix", o.SectionPrefix}} {
		if err := checkPrefix(p.option, p.prefix); err != nil {
			return o, err
		}
	}
	if o.PrefixClasses = f.classes; !given["prefix-class"] {
		if o.PrefixClasses, err = p.Classes(); err != nil {
			return o, err
		}
	}
	for _, n := range p.AllowedUndefined {
		o.Undefined.Add(n)
	}
	for _, file := range p.AllowedUndefinedFiles {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return o, errcode.PolicyFile.Errorf("%s: allowed_undefined_files: there is no %s; names are relative to the policy file, and a hyp_object needs the file "+
				"in check_policy_files", f.policy, file)
		}
	}
	for _, file := range append(p.AllowedUndefinedFiles, f.undefined...) {
		if err := o.Undefined.AddFile(file); err != nil {
			return o, err
		}
	}
	if p.Script != "" && !given["script"] {
		f.scripts = stringList{p.Script}
	}
	if o.Script, err = f.scriptFlags.read(); err != nil {
		return o, err
	}
	if mapFile := pick("map", f.mapFile, &p.Map); mapFile != "" {
		if o.Map, err = layout.ReadFile(mapFile); err != nil {
			return o, err
		}
	}
	if host := pick("host-object", f.hostObject, &p.HostObject); host != "" {
		if o.HostEvents, err = check.ReadHostEvents(host); err != nil {
			return o, err
		}
	}
	return o, nil
}
