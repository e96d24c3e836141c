// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"math"
	"strconv"
	"strings"
)

// initPriority returns the priority of a constructor by the name of its section
// (gcc's init_priority), or -1 if there is none: the number after the last dot.
// Numbers of .ctors and .dtors count down from 65535.
func initPriority(section string) int64 {
	dot := strings.LastIndexByte(section, '.')
	if dot < 0 {
		return -1
	}
	n, err := strconv.ParseUint(section[dot+1:], 10, 63)
	if err != nil {
		return -1
	}
	priority := int64(n)
	if kind := section[:dot]; kind == ".ctors" || kind == ".dtors" {
		priority = 65535 - priority
	}
	if priority < 0 || priority > math.MaxInt32 {
		return -1
	}
	return priority
}

// someWithoutPriority reports whether some of the input sections have a priority
// and others none. Those without are compared by their names with all others,
// which is no order: what comes out depends on GNU ld's way to sort.
func (s *sorter) someWithoutPriority(list []int) bool {
	with := 0
	for _, i := range list {
		if initPriority(s.inputs[i].Name) >= 0 {
			with++
		}
	}
	return with > 0 && with < len(list)
}
