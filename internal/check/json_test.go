// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

// The JSON is that of the encoder, which would need all of it in memory.
func TestJSON(t *testing.T) {
	finding := Finding{ID: "HYP001", Rule: "r", Symbol: "a<b>&\x1b\n\u2028", Offset: -1, Message: "m", Fix: "f", Section: ".s"}
	for _, r := range []Report{
		{Schema: 1, Object: "x.o", Passed: true, Findings: []Finding{}, Suppressed: []Suppressed{}, Unused: []Suppression{}},
		{Schema: 1, Object: "\xff", Findings: []Finding{finding}, Suppressed: []Suppressed{{finding, "why"}}, Unused: []Suppression{{ID: "HYP002"}}},
		{Schema: 1, Findings: []Finding{finding, {}, finding}, Suppressed: []Suppressed{{}, {finding, ""}}, Unused: []Suppression{{}, {Reason: "x"}, {}}},
	} {
		var got, want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := errors.Join(r.WriteJSON(&got), e.Encode(&r)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("got\n%s\nwant\n%s", got.String(), want.String())
		}
	}
}

type fullDisk struct{ room int }

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, errors.New("no space left")
	}
	return len(b), nil
}

// An error of the first write or of a later one is returned.
func TestJSONWriteError(t *testing.T) {
	r := &Report{Findings: []Finding{{}, {}}}
	for _, room := range []int{0, 10, 100, 300} {
		if err := r.WriteJSON(&fullDisk{room}); err == nil {
			t.Errorf("room for %d bytes: no error", room)
		}
	}
}
