// SPDX-License-Identifier: Apache-2.0

// Package dsse signs statements and verifies signatures: envelopes of DSSE, the
// Dead Simple Signing Envelope, with Ed25519 and ECDSA keys, and policies that say
// which keys count.
//
// The cryptography is that of github.com/secure-systems-lab/go-securesystemslib.
// This package decides what is accepted, and says why something is not.
package dsse

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	ssl "github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// PayloadType is the type of in-toto statements in an envelope.
const PayloadType = "application/vnd.in-toto+json"

// Limits of an envelope, in bytes and in signatures. A statement of the kernel's
// object has less than 1 MiB.
const (
	maxEnvelope   = 64 << 20
	maxSignatures = 64
)

// Envelope is a payload with its signatures, none of which is verified yet.
type Envelope struct {
	Payload []byte
	raw     ssl.Envelope
}

// Parse reads an envelope. It accepts exactly one reading of the bytes: no field
// twice, nothing after the end. Each error is a [*Fault].
func Parse(data []byte) (*Envelope, error) {
	if len(data) > maxEnvelope {
		return nil, &Fault{CauseMalformed, fmt.Sprintf("%d bytes, of which %d are allowed", len(data), maxEnvelope)}
	}
	names, err := topLevel(data)
	if err != nil {
		return nil, err
	}
	if names["_type"] {
		return nil, &Fault{CauseUnsigned, "a statement without an envelope; sign it with hypaudit attest --statement=FILE --key=PEM"}
	}
	e := &Envelope{}
	if err := json.Unmarshal(data, &e.raw); err != nil {
		return nil, &Fault{CauseMalformed, err.Error()}
	}
	switch {
	case !names["payloadtype"] || !names["payload"]:
		return nil, &Fault{CauseMalformed, "it has no payload with a type; name a DSSE envelope"}
	case e.raw.PayloadType != PayloadType:
		return nil, &Fault{CauseType, fmt.Sprintf("%q, want %q", e.raw.PayloadType, PayloadType)}
	case len(e.raw.Signatures) > maxSignatures:
		return nil, &Fault{CauseMalformed, fmt.Sprintf("%d signatures, of which %d are allowed", len(e.raw.Signatures), maxSignatures)}
	}
	// The payload is decoded once, strictly, so that what is verified is what is read.
	if e.Payload, err = decode(e.raw.Payload); err != nil {
		return nil, &Fault{CauseMalformed, "the payload is no base64: " + err.Error()}
	}
	for i, s := range e.raw.Signatures {
		if sig, err := decode(s.Sig); err != nil || len(sig) == 0 {
			return nil, &Fault{CauseMalformed, fmt.Sprintf("signature %d is no base64, or empty", i)}
		}
	}
	if len(e.raw.Signatures) == 0 {
		return e, &Fault{CauseUnsigned, "the envelope has no signature"}
	}
	return e, nil
}

// decode decodes either form of base64, which the protocol allows (DSSE, "Envelope").
func decode(s string) ([]byte, error) {
	if strings.ContainsAny(s, "-_") {
		return base64.URLEncoding.Strict().DecodeString(s)
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}

// topLevel returns the names of the fields, in lower case, since encoding/json does
// not tell them apart by case; and checks that no object has a name twice.
func topLevel(data []byte) (map[string]bool, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	first, err := d.Token()
	if err != nil {
		return nil, syntaxFault(err)
	}
	if first != json.Delim('{') {
		return nil, &Fault{CauseMalformed, "no JSON object; name a DSSE envelope"}
	}
	names := map[string]bool{}
	if err := object(d, names, 0, false); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &Fault{CauseMalformed, "something follows the end of the envelope"}
	}
	return names, nil
}

// maxDepth is how deep the JSON of an envelope or statement may be nested.
const maxDepth = 64

// ofFiles are the fields whose names are those of variables and files: two of them may
// differ in case only, as a kernel's xt_MARK.h and xt_mark.h.
var ofFiles = map[string]bool{"environment": true, "outputs": true}

// fold returns what encoding/json takes for the same name: it also takes U+017F for s.
func fold(name string) string { return strings.ReplaceAll(strings.ToLower(name), "\u017f", "s") }

// object reads the rest of an object after its brace, and notes its names. Those of
// fields are folded, unless they are keys of a map.
func object(d *json.Decoder, names map[string]bool, depth int, keys bool) error {
	if depth > maxDepth {
		return &Fault{CauseMalformed, "it is nested too deep"}
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return syntaxFault(err)
		}
		name, ok := token.(string)
		if !ok {
			return &Fault{CauseMalformed, "an object without a name for a value"}
		}
		if !keys {
			name = fold(name)
		}
		if names[name] {
			return &Fault{CauseMalformed, fmt.Sprintf("the field %q is there twice", name)}
		}
		names[name] = true
		if err := value(d, depth, ofFiles[name]); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return syntaxFault(err)
}

func value(d *json.Decoder, depth int, keys bool) error {
	token, err := d.Token()
	if err != nil {
		return syntaxFault(err)
	}
	switch token {
	case json.Delim('{'):
		return object(d, map[string]bool{}, depth+1, keys)
	case json.Delim('['):
		if depth > maxDepth {
			return &Fault{CauseMalformed, "it is nested too deep"}
		}
		for d.More() {
			if err := value(d, depth+1, false); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return syntaxFault(err)
	}
	return nil
}

func syntaxFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "unexpected end of JSON"):
		return &Fault{CauseTruncated, "the file ends inside the JSON; copy or sign it again"}
	}
	return &Fault{CauseMalformed, err.Error()}
}
