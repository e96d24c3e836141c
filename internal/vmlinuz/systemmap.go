// SPDX-License-Identifier: Apache-2.0

package vmlinuz

import (
	"bytes"
	"strconv"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// ParseSystemMap reads a System.map: lines of an address, a type and a name, as nm
// writes them. name is for messages.
func ParseSystemMap(name string, data []byte) ([]Symbol, error) {
	list := make([]Symbol, 0, bytes.Count(data, []byte{'\n'}))
	for n := 1; len(data) > 0; n++ {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		data = rest
		if len(line) == 0 {
			continue
		}
		address, more, ok := bytes.Cut(line, []byte{' '})
		if !ok || len(more) < 3 || more[1] != ' ' {
			return nil, errcode.SystemMapMalformed.Errorf("%s: line %d: want an address, a type and a name; give the System.map of the kernel, which Debian has in the package linux-image-VERSION-dbg", name, n)
		}
		at, err := strconv.ParseUint(string(address), 16, 64)
		if err != nil {
			return nil, errcode.SystemMapMalformed.Errorf("%s: line %d: the address is no hexadecimal number; give the System.map of the kernel", name, n)
		}
		if more[0] == 'A' || more[0] == 'a' {
			continue // a number
		}
		list = append(list, Symbol{Name: string(more[2:]), Address: at})
	}
	if len(list) == 0 {
		return nil, errcode.SystemMapMalformed.Errorf("%s: is empty; give the System.map of the kernel", name)
	}
	return list, nil
}
