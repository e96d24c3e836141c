// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"encoding/binary"
	"testing"
)

// Instructions that change x18, as GNU's assembler writes them.
var changing = map[uint32]string{
	0x10000012: "adr x18, 0",
	0x90000012: "adrp x18, 0",
	0x910043b2: "add x18, x29, #0x10",
	0x71000432: "subs w18, w1, #0x1",
	0x92401c32: "and x18, x1, #0xff",
	0xd2800032: "movz x18, #0x1",
	0xf2a00032: "movk x18, #0x1, lsl #16",
	0xd3410832: "ubfm x18, x1, #1, #2",
	0x93c20c32: "extr x18, x1, x2, #3",
	0xaa0003f2: "orr x18, xzr, x0",
	0x8b020032: "add x18, x1, x2",
	0x9a820032: "csel x18, x1, x2, eq",
	0x9b020c32: "madd x18, x1, x2, x3",
	0x1ac20832: "udiv w18, w1, w2",
	0xdac00c32: "rev x18, x1",
	0xdac10032: "pacia x18, x1",
	0x9a020032: "adc x18, x1, x2",
	0x9adf1032: "irg x18, x1",
	0xd53cd052: "mrs x18, tpidr_el2",
	0xd5287012: "sysl x18, #0, C7, C0, #0",
	0xf9400012: "ldr x18, [x0]",
	0xb8616812: "ldr w18, [x0, x1]",
	0xf8408412: "ldr x18, [x0], #8",
	0xf85f8012: "ldur x18, [x0, #-8]",
	0xf8400812: "ldtr x18, [x0]",
	0x39c00012: "ldrsb w18, [x0]",
	0xb9800412: "ldrsw x18, [x0, #4]",
	0x58000012: "ldr x18, 6c",
	0xf8200412: "ldraa x18, [x0]",
	0xf8201e40: "ldraa x0, [x18, #8]!",
	0xf8008640: "str x0, [x18], #8",
	0xf8008e40: "str x0, [x18, #8]!",
	0x3cc10640: "ldr q0, [x18], #16",
	0xa9404c12: "ldp x18, x19, [x0]",
	0xa9404811: "ldp x17, x18, [x0]",
	0x69404801: "ldpsw x1, x18, [x0]",
	0xa9bf0640: "stp x0, x1, [x18, #-16]!",
	0xacc10640: "ldp q0, q1, [x18], #32",
	0x4cdf7240: "ld1 {v0.16b}, [x18], #16",
	0x0d9f0e40: "st1 {v0.b}[3], [x18], #1",
	0xc85f7c12: "ldxr x18, [x0]",
	0xc87fc801: "ldaxp x1, x18, [x0]",
	0xc8127c20: "stxr w18, x0, [x1]",
	0xc8328440: "stlxp w18, x0, x1, [x2]",
	0x88dffc12: "ldar w18, [x0]",
	0xc8b27c20: "cas x18, x0, [x1]",
	0x48327c40: "casp x18, x19, x0, x1, [x2]",
	0xf8200032: "ldadd x0, x18, [x1]",
	0xf8208032: "swp x0, x18, [x1]",
	0x38bfc012: "ldaprb w18, [x0]",
	0xd9408012: "ldapur x18, [x0, #8]",
	0xd9600012: "ldg x18, [x0]",
	0xd9201640: "stg x0, [x18], #16",
	0xd9e00012: "ldgm x18, [x0]",
	0x19010452: "cpyfp [x18]!, [x1]!, x2!",
	0x19120440: "cpyfp [x0]!, [x18]!, x2!",
	0x19010640: "cpyfp [x0]!, [x1]!, x18!",
	0x19c20432: "setp [x18]!, x1!, x2",
	0x19c20640: "setp [x0]!, x18!, x2",
	0x19211052: "ldclrp x18, x1, [x2]",
	0x19328041: "swpp x1, x18, [x2]",
	0xf83fd00c: "ld64b x12, [x0]",
	0xf832b040: "st64bv x18, x0, [x2]",
	0x9e660012: "fmov x18, d0",
	0x9e780012: "fcvtzs x18, d0",
	0x1e19f412: "fcvtzu w18, s0, #3",
	0x0e033c12: "umov w18, v0.b[1]",
	0x4e062c12: "smov x18, v0.h[1]",
	0x04bf5032: "rdvl x18, #1",
	0x04205032: "addvl x18, x0, #1",
	0x04605032: "addpl x18, x0, #1",
	0x0420e3f2: "cntb x18",
	0x04f0e3f2: "incd x18",
	0x04bf5832: "rdsvl x18, #1",
}

// Instructions that name x18, or have 18 in a field, and do not change it.
var keeping = map[uint32]string{
	0xf9000012: "str x18, [x0]",
	0xf8008412: "str x18, [x0], #8",
	0xa9004c12: "stp x18, x19, [x0]",
	0xa9814811: "stp x17, x18, [x0, #16]!",
	0xf9400240: "ldr x0, [x18]",
	0xf8726820: "ldr x0, [x1, x18]",
	0xa9410640: "ldp x0, x1, [x18, #16]",
	0xa9000640: "stp x0, x1, [x18]",
	0xf100065f: "subs xzr, x18, #0x1",
	0xeb12001f: "subs xzr, x0, x18",
	0xfa410242: "ccmp x18, x1, #0x2, eq",
	0xba521022: "ccmn x1, x18, #0x2, ne",
	0xfa520802: "ccmp x0, #0x12, #0x2, eq",
	0xba008642: "rmif x18, #1, #2",
	0x3a000a4d: "setf8 w18",
	0x91004a40: "add x0, x18, #0x12",
	0xb4000012: "cbz x18, 170",
	0x37080012: "tbnz w18, #1, 174",
	0x14000012: "b 1c0",
	0x94000012: "bl 1c4",
	0xd63f0240: "blr x18",
	0xd61f0240: "br x18",
	0xd65f0240: "ret x18",
	0xd51cd052: "msr tpidr_el2, x18",
	0xd50b7e32: "sys #3, C7, C14, #1, x18",
	0xc8007c32: "stxr w0, x18, [x1]",
	0xc800fe41: "stlxr w0, x1, [x18]",
	0xc89ffc12: "stlr x18, [x0]",
	0xc8a07c32: "cas x0, x18, [x1]",
	0x48207c52: "casp x0, x1, x18, x19, [x2]",
	0xf8320020: "ldadd x18, x0, [x1]",
	0xf832003f: "ldadd x18, xzr, [x1]",
	0xf8328240: "swp x18, x0, [x18]",
	0xf9800240: "prfm pldl1keep, [x18]",
	0xf9800012: "prfm pstl2keep, [x0]",
	0xf8a16812: "prfm pstl2keep, [x0, x1]",
	0xd8000012: "prfm pstl2keep, 1c0",
	0x3dc00012: "ldr q18, [x0]",
	0xad404c12: "ldp q18, q19, [x0]",
	0x4c407012: "ld1 {v18.16b}, [x0]",
	0x4c007240: "st1 {v0.16b}, [x18]",
	0x1c000012: "ldr s18, 1d4",
	0xfc5f8012: "ldur d18, [x0, #-8]",
	0x9e670012: "fmov d18, x0",
	0x9e670240: "fmov d0, x18",
	0x9e620012: "scvtf d18, x0",
	0x1e43f412: "ucvtf d18, w0, #3",
	0x1e612812: "fadd d18, d0, d1",
	0x0e033e40: "umov w0, v18.b[1]",
	0x4e040c12: "dup v18.4s, w0",
	0x4e011e52: "ins v18.b[0], w18",
	0xd9200812: "stg x18, [x0]",
	0xd9200012: "stzgm x18, [x0]",
	0xd9008012: "stlur x18, [x0, #8]",
	0xf83f9012: "st64b x18, [x0]",
	0xf820b052: "st64bv x0, x18, [x2]",
	0x19211240: "ldclrp x0, x1, [x18]",
	0xf8201640: "ldraa x0, [x18, #8]",
	0x19d20420: "setp [x0]!, x1!, x18",
	0xd503201f: "hint #0x0",
	0xd4000241: "svc #0x12",
	0x04325020: "addvl x0, x18, #1",
}

func TestChanges(t *testing.T) {
	code := &Named("AArch64").Code
	for want, list := range map[bool]map[uint32]string{true: changing, false: keeping} {
		for word, text := range list {
			if got := code.Changes(binary.LittleEndian.AppendUint32(nil, word), 18); got != want {
				t.Errorf("%#08x %s: got %v, want %v", word, text, got, want)
			}
		}
	}
	if code.Changes([]byte{1, 2}, 18) {
		t.Error("half an instruction changes x18")
	}
	if (&Named("x86-64").Code).Changes([]byte{0x90, 0x90, 0x90, 0x90}, 1) {
		t.Error("a machine without a decoder of registers says that one changes")
	}
}
