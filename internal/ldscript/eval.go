// SPDX-License-Identifier: Apache-2.0

package ldscript

import "github.com/rules-hyp/rules_hyp/internal/errcode"

// Eval evaluates e in env as GNU ld 2.40 does: in 64 bits, with the rules for
// sections of "Using ld, Expression Section". An error is an *Error.
func Eval(e Expr, env Env) (Value, error) {
	ev := newEvaluator(env)
	return e.eval(&ev)
}

// EvalAddr evaluates e and returns it as an address, as for the address of an
// output section.
func EvalAddr(e Expr, env Env) (uint64, error) {
	ev := newEvaluator(env)
	v, err := e.eval(&ev)
	if err != nil {
		return 0, err
	}
	return ev.address(v, e.Position())
}

// EvalAlign evaluates the argument of an output section's ALIGN or SUBALIGN. The
// result is a power of two, at least 1. The location counter has no value there.
func EvalAlign(e Expr, env Env) (uint64, error) {
	ev := newEvaluator(env)
	ev.section, ev.noDot = "", true
	v, err := e.eval(&ev)
	if err != nil {
		return 0, err
	}
	if err := checkAlign(v.N, e.Position()); err != nil {
		return 0, err
	}
	return max(v.N, 1), nil
}

// EvalData evaluates the argument of BYTE, SHORT, LONG or QUAD; the caller keeps
// the low d.Size bytes. As in GNU ld a constant counts as absolute here although
// the statement is in an output section.
//
// An address is an error, where GNU ld writes the address of the moment: in a
// relocatable object it would need a relocation to stay true.
func EvalData(d *Data, env Env) (uint64, error) {
	ev := newEvaluator(env)
	ev.section = ""
	v, err := d.Value.eval(&ev)
	if err != nil {
		return 0, err
	}
	if v.Kind == Relative || ev.fromDot {
		return 0, errorAt(errcode.AddressAsData, d.Value.Position(),
			"write the difference of two addresses, or define the data in an input with a relocation",
			"an address as data of a relocatable object would be wrong after the next link")
	}
	return v.N, nil
}

// AssignDot evaluates `. = expression` and its compound forms, and returns the
// new location counter as an address. Inside an output section a plain number
// (`. = 0x10`) counts from the section's start, and the location counter cannot
// move backwards.
func AssignDot(a *Assignment, env Env) (uint64, error) {
	ev := newEvaluator(env)
	v, err := ev.assigned(a)
	if err != nil {
		return 0, err
	}
	if v.Kind == PlainNumber && ev.section != "" {
		v = Rel(ev.section, v.N)
	}
	next, err := ev.address(v, a.Pos)
	if err != nil {
		return 0, err
	}
	if dot := env.Dot(); ev.section != "" && next < dot {
		return 0, errorAt(errcode.Backwards, a.Pos, "inside an output section it can only grow",
			"cannot move the location counter backwards, from %#x to %#x", dot, next)
	}
	return next, nil
}

// AssignSymbol evaluates an assignment to a symbol and returns the symbol's
// value, Absolute or Relative. Whether PROVIDE wants the symbol is for the engine
// to say; it calls AssignSymbol only if so.
//
// Inside an output section a plain number becomes an offset into it. Outside, a
// value made from the location counter becomes relative to env.DotSection().
func AssignSymbol(a *Assignment, env Env) (Value, error) {
	ev := newEvaluator(env)
	v, err := ev.assigned(a)
	if err != nil {
		return Value{}, err
	}
	if v.Kind == PlainNumber {
		if ev.section != "" {
			return Rel(ev.section, v.N), nil
		}
		v.Kind = Absolute
	}
	if v.Kind == Absolute && ev.fromDot && ev.section == "" {
		if near := env.DotSection(); near != "" {
			base, err := ev.address(Rel(near, 0), a.Pos)
			if err != nil {
				return Value{}, err
			}
			return Rel(near, v.N-base), nil
		}
	}
	return v, nil
}

// CheckAssert evaluates a and returns an *Error with its message if it is false.
func CheckAssert(a *Assert, env Env) error {
	v, err := Eval(a.Cond, env)
	if err != nil {
		return err
	}
	if v.N == 0 {
		return errorAt(errcode.AssertionFailed, a.Pos, "", "assertion failed: %s", a.Message)
	}
	return nil
}

// evaluator folds one expression.
type evaluator struct {
	env     Env
	section string // output section of the statement, or ""
	noDot   bool   // the location counter has no value
	// fromDot is true once the location counter was read outside of output
	// sections and nothing has made the value absolute since. GNU ld keeps it for
	// the expression as a whole, and so does this.
	fromDot bool
}

func newEvaluator(env Env) evaluator {
	return evaluator{env: env, section: env.Section()}
}

func (n *Number) eval(ev *evaluator) (Value, error) { return ev.number(n.Value), nil }

func (d *Dot) eval(ev *evaluator) (Value, error) {
	dot, err := ev.dot(d.Pos)
	if err != nil {
		return Value{}, err
	}
	return ev.relativeToSection(dot, d.Pos)
}

func (c *Cond) eval(ev *evaluator) (Value, error) {
	v, err := c.If.eval(ev)
	if err != nil {
		return Value{}, err
	}
	if v.N != 0 {
		return c.Then.eval(ev)
	}
	return c.Else.eval(ev)
}

// number returns a constant: outside of output sections GNU ld takes constants
// for absolute values, inside for plain numbers.
func (ev *evaluator) number(n uint64) Value {
	if ev.section == "" {
		return Abs(n)
	}
	return Plain(n)
}

// dot returns the location counter as an address.
func (ev *evaluator) dot(pos Pos) (uint64, error) {
	if ev.noDot {
		return 0, errorAt(errcode.NoLocation, pos, "use a constant", "the location counter has no value here")
	}
	return ev.env.Dot(), nil
}

// relativeToSection turns an address made from the location counter into an
// offset into the current output section.
func (ev *evaluator) relativeToSection(addr uint64, pos Pos) (Value, error) {
	if ev.section == "" {
		ev.fromDot = true
		return Abs(addr), nil
	}
	base, err := ev.address(Rel(ev.section, 0), pos)
	return Rel(ev.section, addr-base), err
}

// address returns v as an address.
func (ev *evaluator) address(v Value, pos Pos) (uint64, error) {
	if v.Kind != Relative {
		return v.N, nil
	}
	info, err := ev.sectionInfo(v.Section, pos)
	return info.Addr + v.N, err
}

// absolute makes v absolute, which it stays even if it came from the location
// counter.
func (ev *evaluator) absolute(v Value, pos Pos) (Value, error) {
	n, err := ev.address(v, pos)
	ev.fromDot = false
	return Abs(n), err
}

func (s *Symbol) eval(ev *evaluator) (Value, error) {
	v, ok := ev.env.Symbol(s.Name)
	if !ok {
		return Value{}, errorAt(errcode.UndefinedInScript, s.Pos, "define it in the script or in an input, or test it with DEFINED",
			"undefined symbol %q in an expression", s.Name)
	}
	if v.Kind == Absolute && ev.section != "" {
		v.Kind = PlainNumber
	}
	return v, nil
}

func (ev *evaluator) sectionInfo(name string, pos Pos) (SectionInfo, error) {
	info, ok := ev.env.SectionInfo(name)
	if !ok {
		return info, errorAt(errcode.NotLaidOut, pos, "name an output section, and use what depends on its size after it",
			"output section %q does not exist or is not laid out yet", name)
	}
	return info, nil
}
