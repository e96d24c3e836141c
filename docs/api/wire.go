// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"fmt"
)

// message is a decoded protocol buffer: the values of each field, in the order they came. Numbers and byte strings are all that Bazel's
// documentation has.
type message map[int][]value

// value is one value of a field: number for a varint, data for a string or a nested message.
type value struct {
	number uint64
	data   []byte
}

// Wire types, as in the encoding guide of protocol buffers.
const (
	wireVarint = 0
	wireBytes  = 2
)

// decode reads a message; it fails on wire types that the documentation does not use, and on a message that ends too early.
func decode(data []byte) (message, error) {
	m := make(message)
	for offset := 0; offset < len(data); {
		key, n := binary.Uvarint(data[offset:])
		if n <= 0 {
			return nil, fmt.Errorf("offset %d: the key is cut off", offset)
		}
		start := offset
		offset += n
		number, n := binary.Uvarint(data[offset:])
		if n <= 0 {
			return nil, fmt.Errorf("offset %d: the value is cut off", offset)
		}
		offset += n
		v := value{number: number}
		switch key & 7 {
		case wireVarint:
		case wireBytes:
			if number > uint64(len(data)-offset) {
				return nil, fmt.Errorf("offset %d: %d bytes are announced, %d are left", start, number, len(data)-offset)
			}
			v = value{data: data[offset : offset+int(number)]}
			offset += int(number)
		default:
			return nil, fmt.Errorf("offset %d: got wire type %d, want 0 or 2", start, key&7)
		}
		field := int(key >> 3)
		m[field] = append(m[field], v)
	}
	return m, nil
}

// text returns a string field; empty when it is not set.
func (m message) text(field int) string {
	if v := m[field]; len(v) > 0 {
		return string(v[len(v)-1].data)
	}
	return ""
}

// number returns a numeric field; 0 when it is not set.
func (m message) number(field int) uint64 {
	if v := m[field]; len(v) > 0 {
		return v[len(v)-1].number
	}
	return 0
}

// each decodes the messages of a repeated field.
func (m message) each(field int) ([]message, error) {
	var out []message
	for _, v := range m[field] {
		sub, err := decode(v.data)
		if err != nil {
			return nil, fmt.Errorf("field %d: %w", field, err)
		}
		out = append(out, sub)
	}
	return out, nil
}
