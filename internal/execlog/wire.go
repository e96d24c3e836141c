// SPDX-License-Identifier: Apache-2.0

package execlog

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// field is a field of a message: v is the value of a varint, b that of bytes.
type field struct {
	tag uint64
	v   uint64
	b   []byte
}

func (f field) bool() bool { return f.v != 0 }

// fields calls visit for each field of a message, in order.
func fields(message string, data []byte, visit func(f field) error) error {
	for len(data) > 0 {
		tag, n := protowire.ConsumeVarint(data)
		if n < 0 || tag>>3 == 0 || tag>>3 > uint64(protowire.MaxValidNumber) {
			return damaged("no field where %s should have one", message)
		}
		data = data[n:]
		f := field{tag: tag}
		switch tag & 7 {
		case varint:
			f.v, n = protowire.ConsumeVarint(data)
		case length:
			f.b, n = protowire.ConsumeBytes(data)
		default:
			return unknown(message, f)
		}
		if n < 0 {
			return damaged("field %d of %s goes beyond its end", tag>>3, message)
		}
		data = data[n:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// unknown is the error for a field that no known version has.
func unknown(message string, f field) error {
	return &problem{errcode.LogVersion, "unknown field: " + message + " has one with the number " + decimal(f.tag>>3) + " and the wire type " + decimal(f.tag&7), adviceVersion}
}

func decimal(v uint64) string {
	var b [20]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + v%10)
		if v /= 10; v == 0 {
			return string(b[i:])
		}
	}
}

// ids calls visit for each number of a repeated uint32 field, packed or not.
func ids(message string, f field, visit func(id uint32) error) error {
	if f.tag&7 == varint {
		return visit(uint32(f.v))
	}
	for b := f.b; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return damaged("field %d of %s goes beyond its end", f.tag>>3, message)
		}
		if err := visit(uint32(v)); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// digest decodes a Digest into f.
func (b *builder) digest(data []byte, f *file, action bool) error {
	return fields("Digest", data, func(d field) error {
		switch d.tag {
		case digestHash:
			f.hash = d.b
		case digestSize:
			f.size = int64(d.v)
		case digestFunction:
			// The digest of the action has another spelling: SHA256 instead of SHA-256.
			if !action {
				return b.hashFunction(d.b)
			}
		default:
			return unknown("Digest", d)
		}
		return nil
	})
}

// variable decodes an EnvironmentVariable or Platform.Property.
func (b *builder) variable(message string, data []byte) (v Var, err error) {
	err = fields(message, data, func(f field) error {
		switch f.tag {
		case varName:
			v.Name = b.string(f.b)
		case varValue:
			v.Value = b.string(f.b)
		default:
			return unknown(message, f)
		}
		return nil
	})
	return v, err
}

// platform decodes a Platform.
func (b *builder) platform(data []byte) (list []Var, err error) {
	err = fields("Platform", data, func(f field) error {
		if f.tag != platformProperty {
			return unknown("Platform", f)
		}
		v, err := b.variable("Property", f.b)
		list = append(list, v)
		b.kept += varCost
		return err
	})
	return list, err
}
