// SPDX-License-Identifier: Apache-2.0

package dsse

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Policy says which keys count, and when.
type Policy struct {
	Threshold int // how many of the keys have to have signed
	Keys      []PolicyKey
}

// PolicyKey is a key of a policy.
type PolicyKey struct {
	Key  *Key
	Name string
	// From and Until bound when its signatures are accepted: from From on, and before
	// Until. A zero time is no bound.
	From, Until time.Time
	// Revoked is why it is revoked; empty if it is not. A revoked key never counts: what
	// it signed before cannot be told from what its thief signed.
	Revoked string
}

// policyFile is the JSON of a policy.
type policyFile struct {
	Schema    int         `json:"schema"`
	Threshold int         `json:"threshold"`
	Keys      []policyKey `json:"keys"`
}

type policyKey struct {
	Name       string `json:"name"`
	PEM        string `json:"pem"`
	File       string `json:"file"`
	ValidFrom  string `json:"valid_from"`
	ValidUntil string `json:"valid_until"`
	Revoked    string `json:"revoked"`
}

// ParsePolicy reads a policy. Names of key files are relative to it; read reads one.
func ParsePolicy(name string, data []byte, read func(path string) ([]byte, error)) (*Policy, error) {
	bad := func(format string, args ...any) (*Policy, error) {
		return nil, errcode.PolicyMalformed.Errorf("%s: "+format+"; docs/attest.md describes key policies", append([]any{name}, args...)...)
	}
	if _, err := topLevel(data); err != nil {
		return bad("is no key policy: %v", err)
	}
	var f policyFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return bad("is no key policy: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad("something follows the policy")
	}
	if f.Schema != 1 {
		return bad("schema %d, want 1", f.Schema)
	}
	if f.Threshold == 0 {
		f.Threshold = 1
	}
	if f.Threshold < 1 || f.Threshold > len(f.Keys) {
		return bad("threshold %d of %d keys", f.Threshold, len(f.Keys))
	}
	p := &Policy{Threshold: f.Threshold}
	seen := map[string]string{}
	for i, k := range f.Keys {
		where := fmt.Sprintf("keys[%d]", i)
		if k.Name != "" {
			where += " " + k.Name
		}
		pem := []byte(k.PEM)
		switch {
		case (k.PEM == "") == (k.File == ""):
			return bad("%s: give one of pem and file", where)
		case k.File != "":
			path := k.File
			if !filepath.IsAbs(path) {
				path = filepath.Join(filepath.Dir(name), path)
			}
			var err error
			if pem, err = read(path); err != nil {
				return nil, err
			}
		}
		key, err := ParseKey(name+": "+where, pem)
		if err != nil {
			return nil, err
		}
		if key.Private {
			return bad("%s: is a private key; a policy has public ones", where)
		}
		if other, twice := seen[key.ID]; twice {
			return bad("%s: is the same key as %s", where, other)
		}
		seen[key.ID] = where
		pk := PolicyKey{Key: key, Name: k.Name, Revoked: k.Revoked}
		for _, t := range []struct {
			field, text string
			to          *time.Time
		}{{"valid_from", k.ValidFrom, &pk.From}, {"valid_until", k.ValidUntil, &pk.Until}} {
			if t.text == "" {
				continue
			}
			if *t.to, err = time.Parse(time.RFC3339, t.text); err != nil {
				return bad("%s: %s: %q, want a time as 2030-01-31T00:00:00Z", where, t.field, t.text)
			}
		}
		if !pk.Until.IsZero() && !pk.From.Before(pk.Until) {
			return bad("%s: valid_until is not after valid_from", where)
		}
		p.Keys = append(p.Keys, pk)
	}
	return p, nil
}

// Accepted is a key whose signature counts.
type Accepted struct{ ID, Name string }

// Verify checks the signatures of an envelope as of a time. An error is a [*Fault]; it
// names the nearest reason: a signature of a known key that does not count comes before one
// of an unknown key.
func (p *Policy) Verify(ctx context.Context, e *Envelope, at time.Time) ([]Accepted, error) {
	if len(e.raw.Signatures) == 0 {
		return nil, &Fault{CauseUnsigned, "the envelope has no signature"}
	}
	var accepted []Accepted
	var refused *Fault
	for i := range p.Keys {
		k := &p.Keys[i]
		if !k.Key.signed(ctx, &e.raw) {
			continue
		}
		if f := k.refuse(at); f != nil {
			refused = f
			continue
		}
		accepted = append(accepted, Accepted{k.Key.ID, k.Name})
	}
	switch {
	case len(accepted) >= p.Threshold:
		return accepted, nil
	case refused != nil:
		return nil, refused
	case len(accepted) > 0:
		return nil, &Fault{CauseThreshold, fmt.Sprintf("%d keys of the policy signed, want %d", len(accepted), p.Threshold)}
	}
	for _, s := range e.raw.Signatures {
		for i := range p.Keys {
			if k := &p.Keys[i]; s.KeyID == k.Key.ID || s.KeyID == "" {
				return nil, &Fault{CauseSignature, fmt.Sprintf("it is not what %s signed: the payload was altered after that, or another key signed it", k)}
			}
		}
	}
	return nil, &Fault{CauseUnknownKey, fmt.Sprintf("signed by %s, which the policy does not have", short(e.raw.Signatures[0].KeyID))}
}

// refuse returns why a key does not count at a time, or nil.
func (k *PolicyKey) refuse(at time.Time) *Fault {
	switch {
	case k.Revoked != "":
		return &Fault{CauseRevoked, fmt.Sprintf("%s is revoked: %s", k, k.Revoked)}
	case !k.From.IsZero() && at.Before(k.From):
		return &Fault{CauseNotYet, fmt.Sprintf("%s counts from %s on, and it is %s", k, stamp(k.From), stamp(at))}
	case !k.Until.IsZero() && !at.Before(k.Until):
		return &Fault{CauseExpired, fmt.Sprintf("%s counted until %s, and it is %s", k, stamp(k.Until), stamp(at))}
	}
	return nil
}

func (k *PolicyKey) String() string {
	if k.Name != "" {
		return "key " + k.Name + " (" + short(k.Key.ID) + ")"
	}
	return "key " + short(k.Key.ID)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// short is the beginning of a key's ID.
func short(id string) string {
	if id == "" {
		return "a key without an ID"
	}
	return strings.ToValidUTF8(id[:min(len(id), 12)], "?")
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
