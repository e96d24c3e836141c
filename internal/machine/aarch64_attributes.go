// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Subsections of AArch64's build attributes, and their tags (Build Attributes for
// the Arm 64-bit Architecture, "Public aeabi prefixed subsections").
const (
	aarch64Public      = "aeabi" // prefix
	aarch64FeatureBits = "aeabi_feature_and_bits"
	aarch64PAuthABI    = "aeabi_pauthabi"
	tagPAuthPlatform   = 1
	tagPAuthSchema     = 2
)

// aarch64Set is a set of AArch64's build attributes.
type aarch64Set struct {
	features map[uint64]uint64 // tag to 0 or 1; nil without the subsection
	pauth    map[uint64]uint64
	unknown  []aarch64Subsection // that can be done without
}

type aarch64Subsection struct {
	name   string
	offset int64
}

// readAArch64Attributes decodes a set. Which subsections one cannot do without is
// in their headers; private ones have none and never matter to a linker.
func readAArch64Attributes(s AttributeSet) (*aarch64Set, *AttributeError) {
	d, set := s.Data, &aarch64Set{}
	if len(d) == 0 || d[0] != 'A' {
		return nil, damagedAttribute(0, "not those of AArch64")
	}
	order := aarch64Order(s)
	for at := 1; at < len(d); {
		if len(d)-at < 4 || order.Uint32(d[at:]) < 4 || uint64(order.Uint32(d[at:])) > uint64(len(d)-at) {
			return nil, damagedAttribute(at, "subsection is cut short")
		}
		end := at + int(order.Uint32(d[at:]))
		name, body, ok := bytes.Cut(d[at+4:end], []byte{0})
		public := bytes.HasPrefix(name, []byte(aarch64Public))
		if !ok || public && len(body) < 2 {
			return nil, damagedAttribute(at, "header of a subsection is cut short")
		}
		switch {
		case string(name) == aarch64FeatureBits || string(name) == aarch64PAuthABI:
			if err := set.read(string(name), body, end-len(body)); err != nil {
				return nil, err
			}
		case public && body[0] != 1:
			return nil, &AttributeError{
				Code: errcode.UnknownAttributes, Offset: int64(at), What: fmt.Sprintf("build attributes %q are not known, but must not be ignored", name),
				Advice: "compile without what they are about, or use a hyplink that knows them",
			}
		default:
			set.unknown = append(set.unknown, aarch64Subsection{string(name), int64(at)})
		}
		at = end
	}
	return set, nil
}

// read decodes the header and the tags of a subsection that is known.
func (set *aarch64Set) read(name string, body []byte, at int) *AttributeError {
	tags, optional := &set.features, byte(1)
	if name == aarch64PAuthABI {
		tags, optional = &set.pauth, 0
	}
	if body[0] != optional || body[1] != 0 {
		return damagedAttribute(at, "header of %s is %d and %d, want %d and 0", name, body[0], body[1], optional)
	}
	if *tags == nil {
		*tags = map[uint64]uint64{}
	}
	for off := 2; off < len(body); {
		tag, n := binary.Uvarint(body[off:])
		if n <= 0 {
			return damagedAttribute(at+off, "tag is cut short")
		}
		value, m := binary.Uvarint(body[off+n:])
		old, again := (*tags)[tag]
		switch {
		case m <= 0:
			return damagedAttribute(at+off+n, "number is cut short")
		case again && old != value:
			return damagedAttribute(at+off, "tag %d of %s is %d, but %d before", tag, name, value, old)
		case optional == 1 && value > 1:
			return damagedAttribute(at+off, "tag %d of %s is %d, want 0 or 1", tag, name, value)
		case optional == 0 && tag != tagPAuthPlatform && tag != tagPAuthSchema:
			return &AttributeError{
				Code: errcode.UnknownAttributes, Offset: int64(at + off), What: fmt.Sprintf("tag %d of build attributes %q is not known, but must not be ignored", tag, name),
				Advice: "compile without what it is about, or use a hyplink that knows it",
			}
		}
		(*tags)[tag] = value
		off += n + m
	}
	return nil
}

func aarch64Order(s AttributeSet) interface {
	binary.ByteOrder
	binary.AppendByteOrder
} {
	if s.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// aarch64AttributeProperties translates tags of features to bits, and the signing
// schema, which is 0 and 0 where it is not known and 0 and 1 where the property is
// 0 and 0.
func aarch64AttributeProperties(s AttributeSet) ([]AttributeProperty, *AttributeError) {
	set, err := readAArch64Attributes(s)
	if err != nil {
		return nil, err
	}
	order := aarch64Order(s)
	var props []AttributeProperty
	if set.features != nil {
		bits := uint32(0)
		for tag, value := range set.features {
			if tag < 32 {
				bits |= uint32(value) << tag
			}
		}
		props = append(props, AttributeProperty{aarch64Features, order.AppendUint32(nil, bits)})
	}
	if platform, schema := set.pauth[tagPAuthPlatform], set.pauth[tagPAuthSchema]; platform != 0 || schema != 0 {
		if platform == 0 && schema == 1 {
			schema = 0
		}
		props = append(props, AttributeProperty{aarch64PAuth, order.AppendUint64(order.AppendUint64(nil, platform), schema)})
	}
	return props, nil
}

// mergeAArch64Attributes makes the set that says what the output's properties
// say, of the tags and subsections that inputs have.
func mergeAArch64Attributes(in AttributeMerge) (merged []byte, bad []AttributeError) {
	ones, tags := map[uint64]int{}, []uint64{}
	features, pauth := false, false
	warned := map[string]bool{}
	for i, s := range in.Sets {
		set, err := readAArch64Attributes(s)
		if err != nil {
			err.Set = i
			bad = append(bad, *err)
			continue
		}
		features, pauth = features || set.features != nil, pauth || set.pauth != nil
		for tag, value := range set.features {
			tags = append(tags, tag)
			ones[tag] += int(value)
		}
		for _, sub := range set.unknown {
			if !warned[sub.name] {
				warned[sub.name] = true
				bad = append(bad, AttributeError{
					Code: errcode.UnknownAttributes, Set: i, Offset: sub.offset, Warning: true,
					What: fmt.Sprintf("build attributes %q are not known and left out", sub.name), Advice: "use a hyplink that knows them, if something needs them",
				})
			}
		}
	}
	order := aarch64Order(in.Sets[0])
	out := []byte{'A'}
	if features {
		bits := uint32(0)
		if value := in.Property(aarch64Features); value != nil {
			bits = order.Uint32(value)
		}
		var body []byte
		slices.Sort(tags)
		for _, tag := range slices.Compact(tags) {
			value := uint64(0)
			if tag < 32 {
				value = uint64(bits >> tag & 1)
			} else if in.Everywhere && ones[tag] == len(in.Sets) {
				value = 1
			}
			body = binary.AppendUvarint(binary.AppendUvarint(body, tag), value)
		}
		out = appendAArch64Subsection(out, order, aarch64FeatureBits, 1, body)
	}
	if value := in.Property(aarch64PAuth); pauth && value != nil {
		platform, schema := order.Uint64(value), order.Uint64(value[8:])
		if platform == 0 && schema == 0 {
			schema = 1
		}
		body := binary.AppendUvarint([]byte{tagPAuthPlatform}, platform)
		body = binary.AppendUvarint(append(body, tagPAuthSchema), schema)
		out = appendAArch64Subsection(out, order, aarch64PAuthABI, 0, body)
	}
	if len(out) == 1 {
		return nil, bad
	}
	return out, bad
}

func appendAArch64Subsection(out []byte, order binary.ByteOrder, name string, optional byte, body []byte) []byte {
	at := len(out)
	out = append(append(out, 0, 0, 0, 0), name...)
	out = append(append(out, 0, optional, 0), body...)
	order.PutUint32(out[at:], uint32(len(out)-at))
	return out
}
