package ldscript

func (ev *evaluator) binary(e *Binary) (Value, error) {
	x, err := ev.eval(e.X)
	if err != nil {
		return Value{}, err
	}
	y, err := ev.eval(e.Y)
	if err != nil {
		return Value{}, err
	}
	x, y, rel, err := ev.common(x, y, e)
	if err != nil {
		return Value{}, err
	}
	n, err := compute(e, x.N, y.N)
	if err != nil {
		return Value{}, err
	}
	r := Value{N: n, FromDot: x.FromDot || y.FromDot}
	switch e.Op {
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe, OpLogAnd, OpLogOr:
		// Comparisons and logic give plain numbers whatever they look at.
		return r, nil
	}
	r.Kind, r.Section = rel.Kind, rel.Section
	return r, nil
}

// common brings the operands of a binary operator to one section, and returns
// as rel the section of an arithmetic result.
//
// "Using ld, Expression Section": a plain number leaves the section of the other
// operand; two values of one section give a plain number (an absolute one
// outside of output sections); values of two sections are made absolute.
func (ev *evaluator) common(x, y Value, e *Binary) (x2, y2, rel Value, err error) {
	same := x.Kind == y.Kind && x.Section == y.Section
	switch {
	case same:
		rel.Kind = PlainNumber
		if ev.section == "" {
			rel.Kind = Absolute
		}
	case x.Kind == PlainNumber:
		rel = y
	case y.Kind == PlainNumber:
		rel = x
	default:
		if x, err = ev.absolute(x, e.X.Position()); err != nil {
			return
		}
		if y, err = ev.absolute(y, e.Y.Position()); err != nil {
			return
		}
		rel.Kind = PlainNumber
		if ev.section == "" {
			rel.Kind = Absolute
		}
	}
	return x, y, rel, nil
}

// compute applies e.Op. Division and remainder are signed, comparisons unsigned,
// as in GNU ld.
func compute(e *Binary, x, y uint64) (uint64, error) {
	switch e.Op {
	case OpAdd:
		return x + y, nil
	case OpSub:
		return x - y, nil
	case OpMul:
		return x * y, nil
	case OpDiv, OpMod:
		if y == 0 {
			return 0, errorAt(e.Y.Position(), "", "division by zero")
		}
		if y == ^uint64(0) { // -1: the quotient of the least int64 has no int64
			if e.Op == OpMod {
				return 0, nil
			}
			return -x, nil
		}
		if e.Op == OpMod {
			return uint64(int64(x) % int64(y)), nil
		}
		return uint64(int64(x) / int64(y)), nil
	case OpShl, OpShr:
		if y >= 64 {
			return 0, errorAt(e.Y.Position(), "", "shift by %d, which is not less than 64", y)
		}
		if e.Op == OpShl {
			return x << y, nil
		}
		return x >> y, nil
	case OpAnd:
		return x & y, nil
	case OpOr:
		return x | y, nil
	case OpXor:
		return x ^ y, nil
	case OpEq:
		return truth(x == y), nil
	case OpNe:
		return truth(x != y), nil
	case OpLt:
		return truth(x < y), nil
	case OpLe:
		return truth(x <= y), nil
	case OpGt:
		return truth(x > y), nil
	case OpGe:
		return truth(x >= y), nil
	case OpLogAnd:
		return truth(x != 0 && y != 0), nil
	case OpLogOr:
		return truth(x != 0 || y != 0), nil
	}
	return 0, errorAt(e.Pos, "", "unknown operator %d", e.Op)
}

func (ev *evaluator) call(e *Call) (Value, error) {
	switch e.Func {
	case FuncDefined:
		_, ok := ev.env.Symbol(e.Name)
		return ev.number(truth(ok)), nil
	case FuncAddr, FuncSizeOf, FuncAlignOf:
		return ev.sectionFunc(e)
	}
	args := make([]Value, len(e.Args))
	for i, a := range e.Args {
		v, err := ev.eval(a)
		if err != nil {
			return Value{}, err
		}
		args[i] = v
	}
	switch e.Func {
	case FuncAbsolute:
		return ev.absolute(args[0], e.Pos)
	case FuncAlign:
		return ev.align(e, args)
	}
	// MAX and MIN compare as the operators do.
	b := &Binary{Pos: e.Pos, X: e.Args[0], Y: e.Args[1]}
	x, y, _, err := ev.common(args[0], args[1], b)
	if err != nil {
		return Value{}, err
	}
	if (x.N < y.N) == (e.Func == FuncMax) {
		return y, nil
	}
	return x, nil
}

func (ev *evaluator) sectionFunc(e *Call) (Value, error) {
	info, ok := ev.env.SectionInfo(e.Name)
	if !ok {
		return Value{}, errorAt(e.Pos, "name a section of this script that has contents",
			"%v of an output section %q that does not exist", e.Func, e.Name)
	}
	switch e.Func {
	case FuncAddr:
		return Rel(e.Name, 0), nil
	case FuncSizeOf:
		return ev.number(info.Size), nil
	}
	return ev.number(max(info.Align, 1)), nil
}

// align is ALIGN(alignment), which aligns the location counter, and
// ALIGN(expression, alignment). Both align the address, not the offset.
func (ev *evaluator) align(e *Call, args []Value) (Value, error) {
	if len(args) == 1 {
		n, err := alignUp(ev.env.Dot(), args[0].N, e.Args[0].Position())
		return ev.dotRelative(n), err
	}
	b := &Binary{Pos: e.Pos, X: e.Args[0], Y: e.Args[1]}
	x, y, rel, err := ev.common(args[0], args[1], b)
	if err != nil {
		return Value{}, err
	}
	n, err := alignUp(x.N, y.N, e.Args[1].Position())
	return Value{Kind: rel.Kind, Section: rel.Section, N: n, FromDot: x.FromDot || y.FromDot}, err
}
