package ldscript

import "math/bits"

// Eval evaluates e in env as GNU ld 2.40 does: in 64 bits, with the rules for
// sections of "Using ld, Expression Section". An error is an *Error.
func Eval(e Expr, env Env) (Value, error) {
	v := evaluator{env: env, section: env.Section()}
	return v.eval(e)
}

// EvalAddr evaluates e and returns it as an address.
func EvalAddr(e Expr, env Env) (uint64, error) {
	ev := evaluator{env: env, section: env.Section()}
	v, err := ev.eval(e)
	if err != nil {
		return 0, err
	}
	return ev.address(v, e.Position())
}

// AssignDot evaluates `. = expression` and its compound forms, and returns the
// new location counter as an address. Inside an output section a value that is
// not an address (`. = 0x10`, `. = ALIGN(8)`) counts from the section's start,
// and the location counter cannot move backwards.
func AssignDot(a *Assignment, env Env) (uint64, error) {
	ev := evaluator{env: env, section: env.Section()}
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
		return 0, errorAt(a.Pos, "an output section can only grow: see `.` and ALIGN",
			"cannot move the location counter backwards, from %#x to %#x", dot, next)
	}
	return next, nil
}

// AssignSymbol evaluates an assignment to a symbol and returns the symbol's
// value, Absolute or Relative. PROVIDE is the engine's: it calls AssignSymbol
// only where the symbol is wanted.
//
// Inside an output section a plain number becomes an offset into it. Outside, a
// value made from the location counter becomes relative to env.DotSection().
func AssignSymbol(a *Assignment, env Env) (Value, error) {
	ev := evaluator{env: env, section: env.Section()}
	v, err := ev.assigned(a)
	if err != nil {
		return Value{}, err
	}
	if v.Kind == PlainNumber {
		v.Kind = Absolute
		if ev.section != "" {
			v.Kind, v.Section = Relative, ev.section
		}
	}
	if v.Kind == Absolute && v.FromDot && ev.section == "" {
		if near := env.DotSection(); near != "" {
			info, ok := env.SectionInfo(near)
			if !ok {
				return Value{}, errorAt(a.Pos, "", "no output section %q", near)
			}
			v = Rel(near, v.N-info.Addr)
		}
	}
	v.FromDot = false
	return v, nil
}

// CheckAssert evaluates a and returns an *Error with its message if it is false.
func CheckAssert(a *Assert, env Env) error {
	v, err := Eval(a.Cond, env)
	if err != nil {
		return err
	}
	if v.N == 0 {
		return errorAt(a.Pos, "", "ASSERT failed: %s", a.Message)
	}
	return nil
}

// Bytes returns the fill pattern. env may be nil for a literal; an expression
// cannot use the location counter.
func (f *FillValue) Bytes(env Env) ([]byte, error) {
	if f.Literal != nil {
		return f.Literal, nil
	}
	v, err := Eval(f.Value, env)
	if err != nil {
		return nil, err
	}
	n := uint32(v.N)
	return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, nil
}

// evaluator folds one expression.
type evaluator struct {
	env     Env
	section string // env.Section(), asked once
}

func (ev *evaluator) eval(e Expr) (Value, error) {
	switch e := e.(type) {
	case *Number:
		return ev.number(e.Value), nil
	case *Dot:
		return ev.dotRelative(ev.env.Dot()), nil
	case *Symbol:
		return ev.symbol(e)
	case *Unary:
		return ev.unary(e)
	case *Binary:
		return ev.binary(e)
	case *Cond:
		c, err := ev.eval(e.If)
		if err != nil {
			return Value{}, err
		}
		if c.N != 0 {
			return ev.eval(e.Then)
		}
		return ev.eval(e.Else)
	case *Call:
		return ev.call(e)
	}
	return Value{}, errorAt(e.Position(), "", "unknown expression %T", e)
}

// number returns a constant: outside of output sections GNU ld takes constants
// for absolute values, inside for plain numbers.
func (ev *evaluator) number(n uint64) Value {
	if ev.section == "" {
		return Abs(n)
	}
	return Plain(n)
}

// dotRelative turns an address made from the location counter into an offset
// into the current output section.
func (ev *evaluator) dotRelative(addr uint64) Value {
	if ev.section == "" {
		v := Abs(addr)
		v.FromDot = true
		return v
	}
	base, _ := ev.env.SectionInfo(ev.section)
	return Rel(ev.section, addr-base.Addr)
}

// address returns v as an address.
func (ev *evaluator) address(v Value, pos Pos) (uint64, error) {
	if v.Kind != Relative {
		return v.N, nil
	}
	info, ok := ev.env.SectionInfo(v.Section)
	if !ok {
		return 0, errorAt(pos, "", "no output section %q", v.Section)
	}
	return info.Addr + v.N, nil
}

func (ev *evaluator) absolute(v Value, pos Pos) (Value, error) {
	n, err := ev.address(v, pos)
	return Value{Kind: Absolute, N: n, FromDot: v.FromDot}, err
}

func (ev *evaluator) symbol(e *Symbol) (Value, error) {
	v, ok := ev.env.Symbol(e.Name)
	if !ok {
		return Value{}, errorAt(e.Pos, "define it in the script or in an input, or test it with DEFINED",
			"undefined symbol %q in an expression", e.Name)
	}
	if v.Kind == Absolute && ev.section != "" {
		v.Kind = PlainNumber
	}
	return v, nil
}

func (ev *evaluator) unary(e *Unary) (Value, error) {
	v, err := ev.eval(e.X)
	if err != nil {
		return Value{}, err
	}
	switch e.Op {
	case OpNeg:
		v.N = -v.N
	case OpNot:
		v.N = ^v.N
	case OpLNot:
		v.N = truth(v.N == 0)
	}
	return v, nil
}

// assigned evaluates the right side of a, with the operator of a compound
// assignment applied.
func (ev *evaluator) assigned(a *Assignment) (Value, error) {
	if a.Op == OpNone {
		return ev.eval(a.Value)
	}
	var left Expr = &Symbol{Pos: a.Pos, Name: a.Name}
	if a.IsDot() {
		left = &Dot{Pos: a.Pos}
	}
	return ev.binary(&Binary{Pos: a.Pos, Op: a.Op, X: left, Y: a.Value})
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// alignUp rounds n up to a multiple of align, which must be a power of two or 0;
// 0 and 1 leave n alone.
func alignUp(n, align uint64, pos Pos) (uint64, error) {
	if align <= 1 {
		return n, nil
	}
	if bits.OnesCount64(align) != 1 {
		return 0, errorAt(pos, "use 1, 2, 4, 8, …", "alignment %#x is not a power of two", align)
	}
	up := (n + align - 1) &^ (align - 1)
	if up < n {
		return 0, errorAt(pos, "", "aligning %#x to %#x exceeds 64 bits", n, align)
	}
	return up, nil
}
