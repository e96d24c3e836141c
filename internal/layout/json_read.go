// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// Read reads what WriteJSON wrote. The name is for messages.
func Read(name string, data []byte) (*Layout, error) {
	l := &Layout{}
	if err := json.Unmarshal(data, l); err != nil {
		var syntax *json.SyntaxError
		var typ *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			return nil, mapError(name, data, syntax.Offset-1, syntax.Error()) // the offset is that of the next byte
		case errors.As(err, &typ):
			return nil, mapError(name, data, typ.Offset, fmt.Sprintf("%s is a %s", typ.Field, typ.Value))
		}
		return nil, mapError(name, data, 0, err.Error())
	}
	if l.Schema != Schema {
		return nil, mapError(name, data, 0, fmt.Sprintf("schema is %d, want %d", l.Schema, Schema))
	}
	for i := range l.Sections {
		s := &l.Sections[i]
		end := uint64(0)
		for _, in := range s.Inputs {
			if in.Offset < end || in.Offset > s.Size || in.Size > s.Size-in.Offset {
				return nil, &elfobj.Error{
					Code: errcode.NotAMap, File: name, Section: s.Name, Offset: int64(in.Offset & (1<<63 - 1)),
					What: fmt.Sprintf("input section of %d bytes overlaps another or leaves its section of %d bytes", in.Size, s.Size), Advice: badMap,
				}
			}
			end = in.Offset + in.Size
		}
	}
	return l, nil
}

const badMap = "give the file that 'hyplink link --map' wrote"

func mapError(name string, data []byte, offset int64, what string) error {
	before := data[:min(max(offset, 0), int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	col := len(before) - bytes.LastIndexByte(before, '\n')
	return errcode.NotAMap.Errorf("%s:%d:%d: not a map: %s; %s", name, line, col, what, badMap)
}

// ReadFile reads a map from a file.
func ReadFile(path string) (*Layout, error) {
	text, err := fileio.ReadText(path, "the map that 'hyplink link --map' wrote")
	if err != nil {
		return nil, err
	}
	return Read(path, text)
}
