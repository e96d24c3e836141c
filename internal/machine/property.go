// SPDX-License-Identifier: Apache-2.0

package machine

import "fmt"

// Protection is the type of the property (GNU_PROPERTY_…_FEATURE_1_AND) in which
// objects of a machine say that their code guards its branches: a bit for
// branch targets, and one for return addresses. It is zero for a machine whose
// objects cannot say so.
type Protection struct{ Property, BTI, PAC uint32 }

// PropertyRule says how to merge the values of a property.
type PropertyRule uint8

// Rules for properties.
const (
	// PropertyUnknown is carried over where all inputs have the same value.
	PropertyUnknown PropertyRule = iota
	PropertyAnd                  // 4 bytes: bits that all inputs have; none is as good as no property
	PropertyOr                   // 4 bytes: bits that any input has; none is as good as no property
	PropertyOrAnd                // 4 bytes: bits that any input has, if each input has the property
	PropertyMax                  // 8 bytes: the largest number; 0 is as good as no property
	PropertyAny                  // 0 bytes: there, if any input has it
	PropertyFinal                // 0 bytes: for the final link to give, whatever its inputs have
	PropertySame                 // 16 bytes: the one value that inputs with the property have
)

// Size is the number of bytes that a value has which is merged by the rule, -1
// for any number.
func (r PropertyRule) Size() int {
	return [...]int{PropertyUnknown: -1, PropertyAnd: 4, PropertyOr: 4, PropertyOrAnd: 4, PropertyMax: 8, PropertyAny: 0, PropertyFinal: 0, PropertySame: 16}[r]
}

// propertyRange is a range of property types with one rule.
type propertyRange struct {
	low, high uint32
	rule      PropertyRule
	name      string // of the only type, where there is one
}

// genericProperties mean the same on all machines (Linux Extensions to gABI,
// "Program Property").
var genericProperties = []propertyRange{
	{1, 1, PropertyMax, "STACK_SIZE"},
	{2, 2, PropertyAny, "NO_COPY_ON_PROTECTED"},
	{3, 3, PropertyFinal, "MEMORY_SEAL"},
	{0xb0000000, 0xb0007fff, PropertyAnd, ""},
	{0xb0008000, 0xb000ffff, PropertyOr, ""},
}

// PropertyRule returns how a property of a type is merged.
func (m *Machine) PropertyRule(typ uint32) PropertyRule { return m.property(typ).rule }

// PropertyName is what messages call a property of a type.
func (m *Machine) PropertyName(typ uint32) string {
	if name := m.property(typ).name; name != "" {
		return "GNU_PROPERTY_" + name
	}
	return fmt.Sprintf("property type %#x", typ)
}

// property returns the range of a type, the zero one for a type that is not known.
func (m *Machine) property(typ uint32) propertyRange {
	for _, ranges := range [][]propertyRange{genericProperties, m.properties} {
		for _, r := range ranges {
			if r.low <= typ && typ <= r.high {
				return r
			}
		}
	}
	return propertyRange{}
}
