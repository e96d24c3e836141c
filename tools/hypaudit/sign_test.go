// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/dsse"
)

// signed returns an envelope of the key a.key.
func signed(t *testing.T, payload []byte) string {
	t.Helper()
	key, err := dsse.ParseKey("a.key", []byte(get(t, "a.key")))
	if err != nil {
		t.Fatal(err)
	}
	out, err := dsse.Sign(t.Context(), payload, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
