// SPDX-License-Identifier: Apache-2.0

package dsse

// Causes why a signature is not accepted. They are part of hypaudit's output: a
// program may look for them.
const (
	CauseUnsigned   = "unsigned"
	CauseTruncated  = "truncated"
	CauseMalformed  = "malformed envelope"
	CauseType       = "unknown payload type"
	CauseUnknownKey = "unknown key"
	CauseSignature  = "bad signature"
	CauseExpired    = "expired key"
	CauseNotYet     = "key not yet valid"
	CauseRevoked    = "revoked key"
	CauseThreshold  = "too few signatures"
)

// Fault is why an envelope is not accepted.
type Fault struct {
	Cause  string // one of the constants
	Detail string // what was found, and what to do
}

func (f *Fault) Error() string { return f.Cause + ": " + f.Detail }
