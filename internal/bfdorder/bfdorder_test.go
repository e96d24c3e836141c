// SPDX-License-Identifier: Apache-2.0

package bfdorder

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The names of an object, and the order in which binutils 2.40, 2.44 and 2.47 write them. kvm_1 and pkvm_356 are in one bucket. tests/symbolorder compares many more.
const (
	seen    = "kvm_1 pkvm_356 kvm_vcpu_run __hyp_section_.hyp.text memcpy _start x __kvm_nvhe_handle_trap"
	written = "x pkvm_356 kvm_1 memcpy kvm_vcpu_run _start __hyp_section_.hyp.text __kvm_nvhe_handle_trap"
)

func TestOrder(t *testing.T) {
	names := strings.Fields(seen)
	var got []string
	for _, n := range Order(names) {
		got = append(got, names[n])
	}
	if want := strings.Fields(written); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Each name is there once, whatever the size of the table.
func TestPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 3038, 3039, 3070, 6144, 100000} {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("%x", i*2654435761)
		}
		order := Order(names)
		slices.Sort(order)
		if len(order) != n {
			t.Fatalf("%d names: got %d", n, len(order))
		}
		for i, number := range order {
			if uint32(i) != number {
				t.Fatalf("%d names: the number %d is not there once", n, i)
			}
		}
	}
}

func BenchmarkOrder(b *testing.B) {
	names := make([]string, 200000)
	size := 0
	for i := range names {
		names[i] = fmt.Sprintf("__kvm_nvhe_handle_%d", i)
		size += len(names[i])
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		Order(names)
	}
}
