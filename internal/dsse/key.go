// SPDX-License-Identifier: Apache-2.0

package dsse

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"

	ssl "github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Key is a public key, or a private one with its public key.
type Key struct {
	// ID is the SHA-256 of the public key as securesystemslib writes it, in hexadecimal.
	ID      string
	Private bool
	scheme  ssl.SignerVerifier
}

// ParseKey reads an Ed25519 or ECDSA key in PEM: "PUBLIC KEY" (PKIX), "PRIVATE KEY"
// (PKCS #8) or "EC PRIVATE KEY" (SEC 1). The name is for errors.
func ParseKey(name string, pem []byte) (*Key, error) {
	if bytes.Contains(pem, []byte("ENCRYPTED")) {
		return nil, errcode.KeyUnusable.Errorf("%s: is encrypted; decrypt it, or sign with a program, --sign-with", name)
	}
	k, err := signerverifier.LoadKey(pem)
	if err != nil {
		return nil, errcode.KeyUnusable.Errorf("%s: is no key in PEM: %v; give an Ed25519 or ECDSA key, such as `openssl genpkey -algorithm ed25519` writes", name, err)
	}
	key := &Key{ID: k.KeyID, Private: k.KeyVal.Private != ""}
	switch k.KeyType {
	case signerverifier.ED25519KeyType:
		key.scheme, err = signerverifier.NewED25519SignerVerifierFromSSLibKey(k)
	case signerverifier.ECDSAKeyType:
		key.scheme, err = signerverifier.NewECDSASignerVerifierFromSSLibKey(k)
	default:
		return nil, errcode.KeyUnusable.Errorf("%s: is a key of type %s; give an Ed25519 or ECDSA key", name, k.KeyType)
	}
	if err != nil {
		return nil, errcode.KeyUnusable.Errorf("%s: %v", name, err)
	}
	return key, nil
}

// Program signs with a program, such as one that talks to a hardware token: it gets
// the bytes to sign (DSSE's pre-authentication encoding) on standard input and writes
// the signature to standard output.
type Program struct {
	Command []string
	Public  *Key // of the key that the program signs with
}

// Sign runs the program. A signature that the public key does not verify is an error.
func (p *Program) Sign(ctx context.Context, data []byte) ([]byte, error) {
	// A file, and not a pipe: openssl wants to know how much there is.
	in, err := os.CreateTemp("", "hypaudit")
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := errors.Join(os.Remove(in.Name()), write(in, data)); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, p.Command[0], p.Command[1:]...)
	var out, messages bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &messages
	if err := cmd.Run(); err != nil {
		return nil, errcode.SigningFailed.Errorf("the signing program %s failed: %v: %s", p.Command[0], err, strings.TrimSpace(messages.String()))
	}
	return out.Bytes(), nil
}

// write writes a file and goes back to its start.
func write(f *os.File, data []byte) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// KeyID returns the ID of the public key.
func (p *Program) KeyID() (string, error) { return p.Public.ID, nil }

// Signer is what signs: a [*Key] with its private half, or a [*Program].
type Signer interface {
	signer() (ssl.Signer, *Key, error)
}

func (k *Key) signer() (ssl.Signer, *Key, error) {
	if !k.Private {
		return nil, nil, errcode.KeyUnusable.Errorf("the key is a public one; sign with the private one")
	}
	return k.scheme, k, nil
}

func (p *Program) signer() (ssl.Signer, *Key, error) { return p, p.Public, nil }

// Public is for securesystemslib.
func (k *Key) Public() crypto.PublicKey { return k.scheme.Public() }
