// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/image"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

const (
	kernelTarget = "//arch/arm64/kvm/hyp:hyp_o"
	seedTarget   = "//examples/el2:seed"
)

// run runs hypaudit and returns its exit code and what it wrote.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	c := exec.Command("./"+os.Getenv("HYPAUDIT"), args...)
	var out, messages bytes.Buffer
	c.Stdout, c.Stderr = &out, &messages
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String(), messages.String()
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// keys writes a pair of keys and returns their paths.
func keys(t *testing.T) (private, public string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	priv, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := x509.MarshalPKIXPublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	private, public = filepath.Join(dir, "key"), filepath.Join(dir, "key.pub")
	for path, block := range map[string]*pem.Block{private: {Type: "EC PRIVATE KEY", Bytes: priv}, public: {Type: "PUBLIC KEY", Bytes: pub}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return private, public
}

func parse(t *testing.T, path string) *provenance.Statement {
	t.Helper()
	s, err := provenance.Parse(read(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSeed says exactly what a small object was made from.
func TestSeed(t *testing.T) {
	s := parse(t, os.Getenv("SEED_STATEMENT"))
	var own, packages []string
	for _, d := range s.Graph.Deps {
		switch {
		case d.Package != nil:
			packages = append(packages, d.Name+" "+d.Package.Version)
		case strings.HasPrefix(d.Name, "examples/"):
			own = append(own, d.Kind+" "+strings.TrimPrefix(d.Name, "examples/el2/"))
		}
	}
	want := []string{"header calls.h", "source entry.S", "source hyp.lds.S", "source name.c", "header percpu.h", "header sections.h", "source trap.c"}
	if !slices.Equal(own, want) {
		t.Errorf("made from %q, want %q", own, want)
	}
	for _, p := range []string{"gcc-12-aarch64-linux-gnu 12.2.0-14cross1", "binutils-aarch64-linux-gnu 2.40-2"} {
		if !slices.Contains(packages, p) {
			t.Errorf("packages %q, want %s", packages, p)
		}
	}
	// Each compile was offered both headers. Only trap.c reads percpu.h.
	read := map[string]int{}
	for _, step := range s.Graph.Steps {
		for _, in := range step.Inputs {
			if strings.HasPrefix(in, "examples/") {
				read[filepath.Base(in)] = step.Headers
			}
		}
	}
	for source, headers := range map[string]int{"entry.S": 1, "name.c": 1, "trap.c": 2, "hyp.lds.S": 1} {
		if read[source] != headers {
			t.Errorf("%s read %d headers, want %d", source, read[source], headers)
		}
	}
}

// TestProgram says what a program of other rules was made from: Bazel finds the headers of
// its compiles while it runs them.
func TestProgram(t *testing.T) {
	s := parse(t, os.Getenv("PROGRAM_STATEMENT"))
	var own []string
	for _, d := range s.Graph.Deps {
		if name, ok := strings.CutPrefix(d.Name, "tests/attest/fixtures/"); ok {
			own = append(own, d.Kind+" "+name)
		}
	}
	want := []string{"source greet.c", "header greet.h", "source main.c", "header private.h"}
	if !slices.Equal(own, want) || len(s.Graph.Subjects) != 1 || s.Graph.Subjects[0].Name != "tests/attest/program" {
		t.Errorf("%v made from %q, want %q", s.Graph.Subjects, own, want)
	}
}

// TestKernel says what the kernel's object was made from.
func TestKernel(t *testing.T) {
	s := parse(t, os.Getenv("KERNEL_STATEMENT"))
	k := s.Graph.Kernel
	if k == nil || k.Name != "linux-source-6.1" || !strings.HasPrefix(k.Version, "6.1.") || s.Graph.Target != kernelTarget {
		t.Errorf("target %s, kernel %+v", s.Graph.Target, k)
	}
	compiles, kinds := 0, map[string]int{}
	for _, step := range s.Graph.Steps {
		if step.Mnemonic == "HypCompile" {
			compiles++
		}
	}
	for _, d := range s.Graph.Deps {
		kinds[d.Kind]++
	}
	// Each object from one source, and the linker script from one.
	if compiles < 20 || kinds[provenance.KindSource] < compiles+1 || kinds[provenance.KindHeader] < 300 || kinds[provenance.KindPackage] < 10 {
		t.Errorf("%d compiles, %v", compiles, kinds)
	}
	if digest, err := provenance.FileDigest(os.Getenv("KERNEL_SBOM")); err != nil || s.SBOM != digest {
		t.Errorf("bill of materials %s, want %s: %v", s.SBOM, digest, err)
	}
}

// TestChain goes from the build's statement to the kernel that a distribution ships: audit,
// sign, verify. Then each link is broken.
func TestChain(t *testing.T) {
	private, public := keys(t)
	_, other := keys(t)
	dir := t.TempDir()
	object, kernel := os.Getenv("KERNEL_OBJECT"), os.Getenv("KERNEL_IMAGE")
	code, report, messages := run(t, "image", "--json", object, kernel)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, messages)
	}
	audit := filepath.Join(dir, "audit.json")
	if err := os.WriteFile(audit, []byte(report), 0o644); err != nil {
		t.Fatal(err)
	}
	signed, seed := filepath.Join(dir, "kernel.dsse"), filepath.Join(dir, "seed.dsse")
	for _, args := range [][]string{
		{"attest", "--statement=" + os.Getenv("KERNEL_STATEMENT"), "--output=" + object, "--audit=" + audit, "--key=" + private, "-o", signed, kernelTarget},
		{"attest", "--statement=" + os.Getenv("SEED_STATEMENT"), "--key=" + private, "-o", seed, seedTarget},
	} {
		if code, out, messages := run(t, args...); code != 0 || out+messages != "" {
			t.Fatalf("%q: exit code %d: %s%s", args, code, out, messages)
		}
	}
	tampered := filepath.Join(dir, "Image")
	if err := os.WriteFile(tampered, flip(t, object, kernel), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, cause string
		args        []string
	}{
		{"the kernel", "", []string{"--key=" + public, "--target=" + kernelTarget, "--output=" + object, "--image=" + kernel, "--require-audit", signed}},
		{"a bit of the kernel is flipped", "another hypervisor", []string{"--key=" + public, "--target=" + kernelTarget, "--output=" + object, "--image=" + tampered, signed}},
		{"another object", "another output", []string{"--key=" + public, "--target=" + kernelTarget, "--output=" + os.Getenv("SEED_OBJECT"), "--image=" + kernel, signed}},
		{"the statement of another target", "another target", []string{"--key=" + public, "--target=" + kernelTarget, seed}},
		{"the statement of another object", "another output", []string{"--key=" + public, "--output=" + object, "--image=" + kernel, seed}},
		{"another key", "unknown key", []string{"--key=" + other, "--target=" + kernelTarget, signed}},
	} {
		code, out, messages := run(t, append([]string{"verify", "--json"}, test.args...)...)
		var r struct {
			Verified bool
			Faults   []struct{ Cause, Detail string }
			Image    string
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%s: %v, %s", test.name, err, messages)
		}
		if test.cause == "" {
			if code != 0 || !r.Verified || !strings.HasPrefix(r.Image, "Linux version 6.1.") {
				t.Errorf("%s: exit code %d, %+v", test.name, code, r)
			}
			continue
		}
		if code != 1 || r.Verified || len(r.Faults) != 1 || r.Faults[0].Cause != test.cause {
			t.Errorf("%s: exit code %d, %+v; want %s", test.name, code, r, test.cause)
		}
	}
}

// flip returns the kernel's Image with one bit of the hypervisor's text flipped.
func flip(t *testing.T, object, kernel string) []byte {
	t.Helper()
	o, _, err := elfobj.ReadFile(object)
	if err != nil {
		t.Fatal(err)
	}
	k, err := vmlinuz.Open(kernel, read(t, kernel))
	if err != nil {
		t.Fatal(err)
	}
	r, err := image.Run(o, k, image.Options{SymbolsName: kernel})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Sections {
		if s.Name == ".hyp.text" {
			img := bytes.Clone(k.Image)
			// Without the signature, which is no part of k.Image: the entry of the certificate table (PE Format, Optional Header Data Directories, PE32+).
			pe := binary.LittleEndian.Uint32(img[0x3c:])
			clear(img[pe+24+112+4*8:][:8])
			img[uint64(s.Address)-uint64(r.LinkAddress)+uint64(s.Size)/2] ^= 0x10
			return img
		}
	}
	t.Fatal("no .hyp.text")
	return nil
}
