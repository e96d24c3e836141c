// SPDX-License-Identifier: Apache-2.0

package dsse

import "github.com/rules-hyp/rules_hyp/internal/errcode"

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

// ErrorCode returns the kind of the error, which follows from its cause.
func (f *Fault) ErrorCode() errcode.Code {
	switch f.Cause {
	case CauseUnsigned:
		return errcode.Unsigned
	case CauseUnknownKey:
		return errcode.KeyUnknown
	case CauseSignature:
		return errcode.SignatureBad
	case CauseExpired, CauseNotYet, CauseRevoked:
		return errcode.KeyNotValid
	case CauseThreshold:
		return errcode.ThresholdMissed
	}
	return errcode.EnvelopeMalformed
}
