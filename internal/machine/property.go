package machine

// Protection is the type of the property (GNU_PROPERTY_…_FEATURE_1_AND) in which
// objects of a machine say that their code guards its branches: a bit for
// branch targets, and one for return addresses. It is zero for a machine whose
// objects cannot say so.
type Protection struct{ Property, BTI, PAC uint32 }
