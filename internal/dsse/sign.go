// SPDX-License-Identifier: Apache-2.0

package dsse

import (
	"context"
	"encoding/json"

	ssl "github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Sign returns an envelope with the payload, as JSON. The signature is verified before
// it is returned. An Ed25519 signature of the same payload always has the same bytes; one
// of ECDSA never has.
func Sign(ctx context.Context, payload []byte, by Signer) ([]byte, error) {
	signer, public, err := by.signer()
	if err != nil {
		return nil, err
	}
	es, err := ssl.NewEnvelopeSigner(signer)
	if err != nil {
		return nil, err
	}
	e, err := es.SignPayload(ctx, PayloadType, payload)
	if err != nil {
		return nil, err
	}
	if !public.signed(ctx, e) {
		return nil, errcode.SigningFailed.Errorf("the signature does not fit the public key %s; give the public key of the one that signs", short(public.ID))
	}
	out, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return append(out, '\n'), nil
}

// Wrap returns an envelope without signatures.
func Wrap(payload []byte) ([]byte, error) {
	e := ssl.Envelope{PayloadType: PayloadType, Payload: encode(payload), Signatures: []ssl.Signature{}}
	out, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return append(out, '\n'), nil
}

// signed reports whether one of the envelope's signatures is the key's.
func (k *Key) signed(ctx context.Context, e *ssl.Envelope) bool {
	v, err := ssl.NewEnvelopeVerifier(k.scheme)
	if err != nil {
		return false
	}
	accepted, err := v.Verify(ctx, e)
	return err == nil && len(accepted) == 1
}
