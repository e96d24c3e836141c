// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"errors"
	"fmt"
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// samples has each type that a visitor is shown, as text for the places where it
// may be.
var samples = map[string]struct{ top, between, inside string }{
	"OutputSection": {between: ".x : { *(.x) }"},
	"InputSpec":     {inside: "*(.y)"},
	"Assignment":    {"a = 1;", "b = 2;", "c = 3;"},
	"Assert":        {`ASSERT(1, "top");`, `ASSERT(2, "between");`, `ASSERT(3, "inside");`},
	"Data":          {inside: "LONG(4)"},
	"Fill":          {inside: "FILL(5)"},
}

// shown returns what the methods of a visitor are shown, by their names.
func shown(visitor reflect.Type) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for m := range visitor.Methods() {
		types[m.Name] = m.Type.In(0).Elem()
	}
	return types
}

// visitMethods returns the names of the types of this package that have the
// given method, as the sources have them.
func visitMethods(t *testing.T, method string) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(gotoken.NewFileSet(), e.Name(), nil, goparser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.Name == method {
				types = append(types, fn.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name)
			}
		}
	}
	slices.Sort(types)
	return types
}

// TestVisitorsAreComplete compares the types that can be in a script with those
// that the visitors are shown, and both with the samples of the tests.
func TestVisitorsAreComplete(t *testing.T) {
	commands, statements := shown(reflect.TypeFor[CommandVisitor]()), shown(reflect.TypeFor[StatementVisitor]())
	for method, types := range map[string]map[string]reflect.Type{"visitSectionsCommand": commands, "visitStatement": statements} {
		var want []string
		for name, typ := range types {
			want = append(want, name)
			if typ.Name() != name {
				t.Errorf("the visitor's method %s is shown a %s", name, typ.Name())
			}
			s, ok := samples[name]
			if !ok || method == "visitSectionsCommand" && s.between == "" || method == "visitStatement" && s.inside == "" {
				t.Errorf("no sample of %s for %s", name, method)
			}
		}
		slices.Sort(want)
		if got := visitMethods(t, method); !slices.Equal(got, want) {
			t.Errorf("types with a method %s: %v\ntypes that the visitor is shown: %v", method, got, want)
		}
	}
	// At the top there is SECTIONS, too, whose commands a visitor is shown.
	for _, name := range visitMethods(t, "visitCommand") {
		if name != "Sections" && (commands[name] == nil || samples[name].top == "") {
			t.Errorf("%s may be at the top of a script, but has no sample or no method of CommandVisitor", name)
		}
	}
}

// recorder writes down what it is shown.
type recorder struct {
	log    []string
	failAt string
}

func (r *recorder) note(name string, what any) error {
	entry := fmt.Sprintf("%s %v", name, what)
	r.log = append(r.log, entry)
	if entry == r.failAt {
		return errors.New(entry)
	}
	return nil
}

func (r *recorder) OutputSection(o *OutputSection) error {
	if err := r.note("OutputSection", o); err != nil {
		return err
	}
	return o.Visit(r)
}
func (r *recorder) Assignment(a *Assignment) error { return r.note("Assignment", a) }
func (r *recorder) Assert(a *Assert) error         { return r.note("Assert", a) }
func (r *recorder) InputSpec(i *InputSpec) error   { return r.note("InputSpec", i) }
func (r *recorder) Data(d *Data) error             { return r.note("Data", d) }
func (r *recorder) Fill(f *Fill) error             { return r.note("Fill", f) }

// TestVisitEverySample parses, prints and visits each type in each place.
func TestVisitEverySample(t *testing.T) {
	var top, between, inside string
	for _, s := range samples {
		top, between, inside = top+s.top+"\n", between+s.between+"\n", inside+s.inside+"\n"
	}
	s, err := Parse("s", []byte(top+"SECTIONS {"+between+".out : {"+inside+"} }"))
	if err != nil {
		t.Fatal(err)
	}
	checkPrinting(t, s)
	printed := s.String()
	r := &recorder{}
	if err := s.Visit(r); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"OutputSection .out :": 1, "InputSpec *(.x)": 1}
	for name, s := range samples {
		for _, text := range []string{s.top, s.between, s.inside} {
			if text != "" {
				text, _, _ = strings.Cut(text, " {")
				want[name+" "+text]++
			}
		}
	}
	got := map[string]int{}
	for _, entry := range r.log {
		entry = strings.TrimSuffix(entry, ";")
		got[entry]++
		if _, text, _ := strings.Cut(entry, " "); !strings.Contains(printed, text) {
			t.Errorf("%s is not in the printed script:\n%s", text, printed)
		}
	}
	for entry, n := range want {
		if entry = strings.TrimSuffix(entry, ";"); got[entry] != n {
			t.Errorf("%q was visited %d times, want %d; visited: %q", entry, got[entry], n, r.log)
		}
	}
	// An error ends the visit there.
	for i, entry := range r.log {
		again := &recorder{failAt: entry}
		if err := s.Visit(again); err == nil || err.Error() != entry || len(again.log) != i+1 {
			t.Errorf("an error at %q gave %v after %d of %d visits", entry, err, len(again.log), i+1)
		}
	}
}

// TestLists finds what is in a script at every level, in its order.
func TestLists(t *testing.T) {
	s, err := Parse("s", []byte(`a = 1; SECTIONS { b = 2; .x : { *(.x) c = 3; *(.y) } /DISCARD/ : { *(.z) } } SECTIONS { . = 4; .w : { d = 5; } } e = 6;`))
	if err != nil {
		t.Fatal(err)
	}
	var assignments, sections, specs []string
	for _, a := range s.Assignments() {
		assignments = append(assignments, a.Name)
	}
	for _, o := range s.OutputSections() {
		sections = append(sections, o.Name)
		for _, i := range o.InputSpecs() {
			specs = append(specs, i.String())
		}
	}
	got := fmt.Sprint(assignments, sections, specs)
	if want := "[a b c . d e] [.x /DISCARD/ .w] [*(.x) *(.y) *(.z)]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestUnknownOperators holds that what the parser does not make is an error, not
// taken for something else.
func TestUnknownOperators(t *testing.T) {
	one := &Number{Value: 1}
	for _, e := range []Expr{&Unary{Op: OpAdd, X: one}, &Binary{Op: OpNot, X: one, Y: one}, &Call{}, &Call{Args: []Expr{one, one}}} {
		if v, err := Eval(e, layoutEnv("")); err == nil || !strings.Contains(err.Error(), "unknown") {
			t.Errorf("%#v gave %v, %v", e, v, err)
		}
	}
}
