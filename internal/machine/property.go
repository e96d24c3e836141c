package machine

// Protection is the type of the property (GNU_PROPERTY_…_FEATURE_1_AND) with the
// branch protection of an object's code, and its bits for branch targets and
// return addresses. It is zero for a machine without such a property.
type Protection struct{ Property, BTI, PAC uint32 }

// PropertyRule says how to merge the values of a property.
type PropertyRule uint8

// Rules for properties.
const (
	PropertyUnknown PropertyRule = iota // unknown property
	PropertyAnd                         // the bits that all inputs have
	PropertyOr                          // the bits that any input has
	PropertyOrAnd                       // as PropertyOr, if all inputs have the property
)

// propertyRange is a range of property types with one rule.
type propertyRange struct {
	low, high uint32
	rule      PropertyRule
}

// genericProperties are the same on all machines (Linux Extensions to gABI,
// "Program Property": GNU_PROPERTY_UINT32_AND and _OR).
var genericProperties = []propertyRange{
	{0xb0000000, 0xb0007fff, PropertyAnd},
	{0xb0008000, 0xb000ffff, PropertyOr},
}

// PropertyRule returns how to merge a property with a 32-bit value.
func (m *Machine) PropertyRule(typ uint32) PropertyRule {
	for _, ranges := range [][]propertyRange{genericProperties, m.properties} {
		for _, r := range ranges {
			if r.low <= typ && typ <= r.high {
				return r.rule
			}
		}
	}
	return PropertyUnknown
}
