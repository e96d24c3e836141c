package machine

// Protection is the type of the property (GNU_PROPERTY_…_FEATURE_1_AND) in which
// objects of a machine say that their code guards its branches: a bit for
// branch targets, and one for return addresses. It is zero for a machine whose
// objects cannot say so.
type Protection struct{ Property, BTI, PAC uint32 }

// PropertyRule is how the values of a property are merged into the output's.
type PropertyRule uint8

// Rules for properties.
const (
	PropertyUnknown PropertyRule = iota // nobody knows
	PropertyAnd                         // bits that all inputs have
	PropertyOr                          // bits that any input has
	PropertyOrAnd                       // the same, if each input has the property
)

// propertyRange is a range of property types with one rule.
type propertyRange struct {
	low, high uint32
	rule      PropertyRule
}

// genericProperties mean the same on all machines (Linux Extensions to gABI,
// "Program Property": GNU_PROPERTY_UINT32_AND and _OR).
var genericProperties = []propertyRange{
	{0xb0000000, 0xb0007fff, PropertyAnd},
	{0xb0008000, 0xb000ffff, PropertyOr},
}

// PropertyRule returns how a property of a type, which is a value of 32 bits, is
// merged.
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
