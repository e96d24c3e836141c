// SPDX-License-Identifier: Apache-2.0

package vmlinuz

import (
	"bufio"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// windowGuard passes an xz stream on and fails if its first block asks for a window
// that is too large: the decoder would allocate it at once (xz file format 3.1,
// 5.3.1).
type windowGuard struct {
	r       *bufio.Reader
	checked bool
}

// Filters of the xz format.
const (
	filterLZMA2  = 0x21
	streamHeader = 12
)

// Read implements io.Reader.
func (g *windowGuard) Read(p []byte) (int, error) {
	if !g.checked {
		g.checked = true
		if err := checkWindow(g.r); err != nil {
			return 0, err
		}
	}
	return g.r.Read(p)
}

func checkWindow(r *bufio.Reader) error {
	head, err := r.Peek(streamHeader + 1)
	if err != nil {
		return nil // the decoder says what is wrong
	}
	// The size of a block header is counted in words, and 0 starts the index.
	size := int(head[streamHeader]+1) * 4
	if head[streamHeader] == 0 {
		return nil
	}
	head, err = r.Peek(streamHeader + size)
	if err != nil {
		return nil
	}
	block := head[streamHeader:]
	pos := 2
	for _, bit := range []byte{0x40, 0x80} { // the sizes, packed and unpacked
		if block[1]&bit != 0 {
			for pos < len(block) && block[pos]&0x80 != 0 {
				pos++
			}
			pos++
		}
	}
	if pos+3 > len(block) {
		return nil
	}
	if block[pos] != filterLZMA2 || block[1]&3 != 0 {
		return errcode.KernelCompression.Errorf("it uses a filter that is not supported")
	}
	// The window is 2 or 3 times a power of two; 40 stands for 4 GiB.
	bits := block[pos+2]
	if bits > 40 || uint64(2|bits&1)<<(bits/2+11) > maxWindow {
		return errcode.KernelCompression.Errorf("its window is larger than %d bytes", maxWindow)
	}
	return nil
}
