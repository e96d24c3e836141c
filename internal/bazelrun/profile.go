// SPDX-License-Identifier: Apache-2.0

package bazelrun

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// maxProfile bounds how much of a profile is read, in bytes.
const maxProfile = 1 << 30

// concurrency returns how many actions ran at once at most, by Bazel's JSON trace profile.
func concurrency(path string) (int, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return 0, errcode.LogIncomplete.Errorf("%s: %w", path, err)
	}
	n, err := concurrent(io.LimitReader(unpacked, maxProfile))
	if err != nil {
		return 0, errcode.LogIncomplete.Errorf("%s: is no profile: %w", path, err)
	}
	return n, nil
}

// concurrent reads a profile: an object with the list traceEvents.
func concurrent(r io.Reader) (int, error) {
	type edge struct {
		at    float64
		start bool
	}
	var edges []edge
	d := json.NewDecoder(r)
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return 0, err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth != 1 || token != "traceEvents" {
			continue
		}
		if _, err := d.Token(); err != nil {
			return 0, err
		}
		break
	}
	for d.More() {
		var event struct {
			Cat string
			Ph  string
			Ts  float64
			Dur float64
		}
		if err := d.Decode(&event); err != nil {
			return 0, err
		}
		if event.Cat == "action processing" && event.Ph == "X" {
			edges = append(edges, edge{event.Ts, true}, edge{event.Ts + event.Dur, false})
		}
	}
	// What ends when another starts did not run beside it.
	slices.SortFunc(edges, func(a, b edge) int {
		if a.at != b.at {
			return cmp.Compare(a.at, b.at)
		}
		if a.start == b.start {
			return 0
		} else if a.start {
			return 1
		}
		return -1
	})
	running, most := 0, 0
	for _, e := range edges {
		if e.start {
			running++
			most = max(most, running)
		} else {
			running--
		}
	}
	return most, nil
}
