// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestProvenance reads the statement as any program would: it needs no package of rules_hyp.
func TestProvenance(t *testing.T) {
	text, err := os.ReadFile(os.Args[len(os.Args)-1])
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Type          string `json:"_type"`
		PredicateType string
		Subject       []struct{ Name string }
		Predicate     struct {
			BuildDefinition struct {
				ExternalParameters   struct{ Target string }
				ResolvedDependencies []struct {
					Name        string
					Annotations struct{ Kind string }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	d := s.Predicate.BuildDefinition
	if s.Type != "https://in-toto.io/Statement/v1" || s.PredicateType != "https://slsa.dev/provenance/v1" || d.ExternalParameters.Target != "//:monitor_o" ||
		len(s.Subject) != 1 || s.Subject[0].Name != "monitor_o/hyp.o" {
		t.Errorf("%+v", s)
	}
	names := map[string][]string{}
	for _, r := range d.ResolvedDependencies {
		names[r.Annotations.Kind] = append(names[r.Annotations.Kind], r.Name)
	}
	if !slices.Equal(names["source"], []string{"checksum.c", "monitor.lds.S", "report.c"}) || !slices.Equal(names["header"], []string{"monitor.h"}) || !slices.Contains(names["package"], "gcc-12-aarch64-linux-gnu") {
		t.Errorf("made from %q", names)
	}
}
