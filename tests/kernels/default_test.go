// SPDX-License-Identifier: Apache-2.0

// Package kernels_test tests the objects of //kernels.
package kernels_test

import (
	"bytes"
	"os"
	"testing"
)

// The default kernel's object is that of its version, byte for byte.
func TestDefault(t *testing.T) {
	var objects [2][]byte
	for i, variable := range []string{"DEFAULT", "VERSION"} {
		var err error
		if objects[i], err = os.ReadFile(os.Getenv(variable)); err != nil {
			t.Fatalf("%s: %v; run this with bazel test", variable, err)
		}
	}
	if !bytes.Equal(objects[0], objects[1]) {
		t.Errorf("%s differs from %s; give hyp_o in arch/arm64/kvm/hyp the attributes of the other",
			os.Getenv("DEFAULT"), os.Getenv("VERSION"))
	}
}
