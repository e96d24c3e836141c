// SPDX-License-Identifier: Apache-2.0

package dsse_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/dsse"
)

var statement = []byte(`{"_type":"https://in-toto.io/Statement/v1"}`)

// pair is a key in PEM, private and public.
type pair struct{ private, public []byte }

func encode(t testing.TB, private any, public any) pair {
	t.Helper()
	priv, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return pair{pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: priv}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub})}
}

// ed returns the Ed25519 key of a seed.
func ed(t testing.TB, seed byte) pair {
	k := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return encode(t, k, k.Public())
}

func ec(t testing.TB, curve elliptic.Curve) pair {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, k, k.Public())
}

func key(t testing.TB, text []byte) *dsse.Key {
	t.Helper()
	k, err := dsse.ParseKey("key", text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, p pair, payload []byte) []byte {
	t.Helper()
	out, err := dsse.Sign(context.Background(), payload, key(t, p.private))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// verify returns the cause why an envelope is not accepted; empty if it is.
func verify(t testing.TB, envelope []byte, policy *dsse.Policy, at time.Time) string {
	t.Helper()
	e, err := dsse.Parse(envelope)
	if err == nil {
		_, err = policy.Verify(context.Background(), e, at)
	}
	var f *dsse.Fault
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return f.Cause
	}
	t.Fatal(err)
	return ""
}

func policyOf(keys ...dsse.PolicyKey) *dsse.Policy {
	return &dsse.Policy{Threshold: 1, Keys: keys}
}

func day(d int) time.Time { return time.Date(2030, 1, d, 0, 0, 0, 0, time.UTC) }

// edit changes an envelope's JSON.
func edit(t testing.TB, envelope []byte, change func(map[string]any)) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(envelope, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEnvelopes(t *testing.T) {
	a, b := ed(t, 1), ed(t, 2)
	good := sign(t, a, statement)
	other := sign(t, b, statement)
	ka, kb := key(t, a.public), key(t, b.public)
	first := func(m map[string]any) map[string]any { return m["signatures"].([]any)[0].(map[string]any) }
	unsigned, err := dsse.Wrap(statement)
	if err != nil {
		t.Fatal(err)
	}
	both := edit(t, good, func(m map[string]any) {
		edit(t, other, func(o map[string]any) { m["signatures"] = append(m["signatures"].([]any), o["signatures"].([]any)...) })
	})
	twice := edit(t, good, func(m map[string]any) { m["signatures"] = append(m["signatures"].([]any), m["signatures"].([]any)...) })
	for _, test := range []struct {
		name     string
		envelope []byte
		policy   *dsse.Policy
		cause    string
	}{
		{"signed", good, policyOf(dsse.PolicyKey{Key: ka}), ""},
		{"URL-safe base64", edit(t, good, func(m map[string]any) {
			url := strings.NewReplacer("+", "-", "/", "_")
			m["payload"], first(m)["sig"] = url.Replace(m["payload"].(string)), url.Replace(first(m)["sig"].(string))
		}), policyOf(dsse.PolicyKey{Key: ka}), ""},
		{"signatures twice, by another s", bytes.Replace(good, []byte(`"signatures"`), []byte(`"signatureſ":[],"signatures"`), 1), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseMalformed},
		{"signed by the second key", good, policyOf(dsse.PolicyKey{Key: kb}, dsse.PolicyKey{Key: ka}), ""},
		{"signed by both", both, &dsse.Policy{Threshold: 2, Keys: []dsse.PolicyKey{{Key: ka}, {Key: kb}}}, ""},
		{"valid now", good, policyOf(dsse.PolicyKey{Key: ka, From: day(10), Until: day(11)}), ""},
		{"no signature", unsigned, policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseUnsigned},
		{"no envelope", statement, policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseUnsigned},
		{"no signatures", edit(t, good, func(m map[string]any) { delete(m, "signatures") }), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseUnsigned},
		{"another key", other, policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseUnknownKey},
		{"another key with the name of this", edit(t, other, func(m map[string]any) { first(m)["keyid"] = ka.ID }), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseSignature},
		{"another key without a name", edit(t, other, func(m map[string]any) { first(m)["keyid"] = "" }), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseSignature},
		{"altered payload", edit(t, good, func(m map[string]any) { m["payload"] = "e30=" }), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseSignature},
		{"altered type", edit(t, good, func(m map[string]any) { m["payloadType"] = "text/plain" }), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseType},
		{"cut off", good[:len(good)/2], policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseTruncated},
		{"empty", nil, policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseTruncated},
		{"something after it", append(bytes.Clone(good), good...), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseMalformed},
		{"payload twice", bytes.Replace(good, []byte(`{"payloadType"`), []byte(`{"Payload":"e30=","payloadType"`), 1), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseMalformed},
		{"no base64", edit(t, good, func(m map[string]any) { m["payload"] = "e30" }), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseMalformed},
		{"empty signature", edit(t, good, func(m map[string]any) { first(m)["sig"] = "" }), policyOf(dsse.PolicyKey{Key: ka}), dsse.CauseMalformed},
		{"expired", good, policyOf(dsse.PolicyKey{Key: ka, Until: day(10)}), dsse.CauseExpired},
		{"not yet valid", good, policyOf(dsse.PolicyKey{Key: ka, From: day(11)}), dsse.CauseNotYet},
		{"revoked", good, policyOf(dsse.PolicyKey{Key: ka, Revoked: "stolen"}), dsse.CauseRevoked},
		{"one of two", good, &dsse.Policy{Threshold: 2, Keys: []dsse.PolicyKey{{Key: ka}, {Key: kb}}}, dsse.CauseThreshold},
		{"one twice", twice, &dsse.Policy{Threshold: 2, Keys: []dsse.PolicyKey{{Key: ka}, {Key: kb}}}, dsse.CauseThreshold},
		{"one of two is revoked", both, &dsse.Policy{Threshold: 2, Keys: []dsse.PolicyKey{{Key: ka}, {Key: kb, Revoked: "lost"}}}, dsse.CauseRevoked},
	} {
		if got := verify(t, test.envelope, test.policy, day(10)); got != test.cause {
			t.Errorf("%s: %q, want %q", test.name, got, test.cause)
		}
	}
}

// TestBits flips each bit of an envelope's payload and signature: no change is accepted.
func TestBits(t *testing.T) {
	p := ed(t, 1)
	good := sign(t, p, statement)
	policy := policyOf(dsse.PolicyKey{Key: key(t, p.public)})
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			e, err := dsse.Parse(bad)
			if err != nil {
				continue
			}
			if _, err := policy.Verify(context.Background(), e, day(1)); err == nil && !bytes.Equal(e.Payload, statement) {
				t.Fatalf("bit %d of byte %d: another payload is accepted", bit, i)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	for name, p := range map[string]pair{"Ed25519": ed(t, 1), "P-256": ec(t, elliptic.P256()), "P-384": ec(t, elliptic.P384()), "P-521": ec(t, elliptic.P521())} {
		envelope := sign(t, p, statement)
		if got := verify(t, envelope, policyOf(dsse.PolicyKey{Key: key(t, p.public)}), day(1)); got != "" {
			t.Errorf("%s: %s", name, got)
		}
		if name == "Ed25519" && !bytes.Equal(envelope, sign(t, p, statement)) {
			t.Error("Ed25519 signatures of the same bytes differ")
		}
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text []byte
		want string
	}{
		{encode(t, r, r.Public()).private, "is a key of type rsa"},
		{[]byte("no key"), "is no key in PEM"},
		{[]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "is encrypted"},
	} {
		if _, err := dsse.ParseKey("key.pem", test.text); err == nil || !strings.HasPrefix(err.Error(), "key.pem: "+test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
	if _, err := dsse.Sign(context.Background(), statement, key(t, ed(t, 1).public)); err == nil {
		t.Error("a public key signs")
	}
}

// TestMain is also the signing program of TestProgram.
func TestMain(m *testing.M) {
	path := os.Getenv("SIGN_WITH")
	if path == "" {
		os.Exit(m.Run())
	}
	if path == "fail" {
		os.Stderr.WriteString("no token\n")
		os.Exit(1)
	}
	seed := byte(path[0] - '0')
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		os.Exit(1)
	}
	os.Stdout.Write(ed25519.Sign(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)), data))
}

func TestProgram(t *testing.T) {
	p := ed(t, 1)
	program := &dsse.Program{Command: []string{os.Args[0]}, Public: key(t, p.public)}
	t.Setenv("SIGN_WITH", "1")
	envelope, err := dsse.Sign(context.Background(), statement, program)
	if err != nil || !bytes.Equal(envelope, sign(t, p, statement)) {
		t.Errorf("the program's signature is another one than the key's: %v", err)
	}
	for by, want := range map[string]string{"2": "does not fit the public key", "fail": "no token"} {
		t.Setenv("SIGN_WITH", by)
		if _, err := dsse.Sign(context.Background(), statement, program); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestPolicies(t *testing.T) {
	p := ed(t, 1)
	quoted, _ := json.Marshal(string(p.public))
	private, _ := json.Marshal(string(p.private))
	read := func(path string) ([]byte, error) {
		if path != "keys/release.pub" {
			return nil, errors.New(path + ": no such key")
		}
		return p.public, nil
	}
	for _, test := range []struct{ text, want string }{
		{`{"schema":1,"keys":[{"name":"a","file":"release.pub","valid_from":"2030-01-01T00:00:00Z","valid_until":"2031-01-01T00:00:00Z"}]}`, ""},
		{`{"schema":1,"keys":[{"pem":` + string(quoted) + `,"revoked":"lost"}]}`, ""},
		{`{"schema":2,"keys":[{"file":"release.pub"}]}`, "schema 2, want 1"},
		{`{"schema":1,"keys":[]}`, "threshold 1 of 0 keys"},
		{`{"schema":1,"threshold":2,"keys":[{"file":"release.pub"}]}`, "threshold 2 of 1 keys"},
		{`{"schema":1,"threshold":-1,"keys":[{"file":"release.pub"}]}`, "threshold -1 of 1 keys"},
		{`{"schema":1,"threshold":2,"keys":[{"file":"release.pub"},{"file":"release.pub"}]}`, "is the same key as keys[0]"},
		{`{"schema":1,"keys":[{"file":"other.pub"}]}`, "no such key"},
		{`{"schema":1,"keys":[{}]}`, "give one of pem and file"},
		{`{"schema":1,"keys":[{"pem":` + string(private) + `}]}`, "is a private key"},
		{`{"schema":1,"keys":[{"file":"release.pub","valid_until":"tomorrow"}]}`, "want a time as"},
		{`{"schema":1,"keys":[{"file":"release.pub","valid_from":"2031-01-01T00:00:00Z","valid_until":"2030-01-01T00:00:00Z"}]}`, "valid_until is not after"},
		{`{"schema":1,"keys":[{"file":"release.pub","expires":"2030"}]}`, `unknown field "expires"`},
		{`{"schema":1,"keys":[{"file":"release.pub","revoked":"x","revoked":""}]}`, `"revoked" is there twice`},
		{`{"schema":1,"threſhold":1,"threshold":1,"keys":[{"file":"release.pub"}]}`, `"threshold" is there twice`},
		{`{"schema":1,"keys":[{"file":"release.pub"}]} {}`, "something follows"},
		{`no policy`, "is no key policy"},
	} {
		policy, err := dsse.ParsePolicy("keys/policy.json", []byte(test.text), read)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.text, err, test.want)
		}
		if err == nil && (policy.Threshold != 1 || len(policy.Keys) != 1) {
			t.Errorf("%s: %+v", test.text, policy)
		}
	}
}

// FuzzParse reads anything: a fault or an envelope whose payload fits, never a panic.
func FuzzParse(f *testing.F) {
	good := sign(f, ed(f, 1), statement)
	f.Add(good)
	f.Add(good[:len(good)-10])
	f.Add([]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":"AAAA"}]}`))
	f.Add([]byte(`{"payloadType":"a","PAYLOADTYPE":"b"}`))
	f.Add([]byte(`[[[[[[[[`))
	f.Add(bytes.Repeat([]byte(`{"a":`), 100))
	policy := policyOf(dsse.PolicyKey{Key: key(f, ed(f, 1).public)})
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := dsse.Parse(data)
		var fault *dsse.Fault
		if err != nil && !errors.As(err, &fault) {
			t.Fatalf("%v is no fault", err)
		}
		if err != nil {
			return
		}
		if _, err := policy.Verify(context.Background(), e, day(1)); err == nil && !bytes.Equal(e.Payload, statement) {
			t.Errorf("%q is accepted", e.Payload)
		}
	})
}
