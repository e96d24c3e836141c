// SPDX-License-Identifier: Apache-2.0

package prepare

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// stateFile is in an object tree that hypgen prepares.
const stateFile = ".hypgen-init"

const stateHead = "# What hypgen init prepared this object tree from. It prepares it again if that changes."

// incomplete is the sources of a tree whose preparation was not finished.
const incomplete = "incomplete"

// state says what a tree was prepared from.
type state struct {
	// source is the source tree.
	source string
	// configuration is a hash of the .config and the fragments that were given last; "" if none were.
	configuration string
	// arguments is a hash of make's.
	arguments string
	// sources is a hash of the dates of what make prepare reads.
	sources string
	// result is a hash of the .config that came of it.
	result string
}

// readState reads the state of an object tree; nil if it has none.
func readState(objects string) (*state, error) {
	text, err := os.ReadFile(filepath.Join(objects, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s := &state{}
	for _, line := range strings.Split(string(text), "\n") {
		name, value, _ := strings.Cut(line, " ")
		switch name {
		case "source":
			s.source = value
		case "configuration":
			s.configuration = value
		case "arguments":
			s.arguments = value
		case "sources":
			s.sources = value
		case "result":
			s.result = value
		}
	}
	return s, nil
}

func (s *state) write(objects string) error {
	return fileio.WriteBytes(filepath.Join(objects, stateFile), []byte(fmt.Sprintf("%s\nsource %s\nconfiguration %s\narguments %s\nsources %s\nresult %s\n",
		stateHead, s.source, s.configuration, s.arguments, s.sources, s.result)))
}

// hash returns the SHA-256 of texts, each of which is delimited.
func hash(texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(h, "%d\n%s\n", len(text), text)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// resultOf returns the hash of an object tree's .config; "" if it has none.
func resultOf(objects string) string {
	text, err := os.ReadFile(filepath.Join(objects, ".config"))
	if err != nil {
		return ""
	}
	return hash(string(text))
}
