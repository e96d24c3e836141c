// SPDX-License-Identifier: Apache-2.0

package main

import (
	stdcontext "context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/dsse"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
)

// attestation is the command line of attest.
type attestation struct {
	bazel, bazelLabel         string
	log, root, statement      string
	record                    string
	outputs, subjects         words
	audit, sbom, builder, out string
	finished                  string
	key, program, public      string
	unsigned                  bool
	target                    string
}

// words is a flag that may be given several times.
type words []string

func (w *words) String() string     { return strings.Join(*w, " ") }
func (w *words) Set(s string) error { *w = append(*w, s); return nil }

func (a *attestation) declare(c *context) {
	f := c.flags
	f.StringVar(&a.bazel, "bazel", "", "`COMMAND`: the program that builds TARGET, with options before its command; by default ./bazelw, or bazel if there is none")
	f.StringVar(&a.bazelLabel, "rules", "@rules_hyp", "`LABEL`: the repository of the rules, for the aspect that Bazel runs")
	f.StringVar(&a.log, "execution-log", "", "`FILE`: do not build: take the actions from this execution log of Bazel")
	f.StringVar(&a.root, "execution-root", ".", "`DIRECTORY`: with --execution-log: the execution root, for the files that the log has digests of")
	f.StringVar(&a.statement, "statement", "", "`FILE`: do not build: take this unsigned statement, such as one of hyp_provenance")
	f.StringVar(&a.record, "record", "", "`FILE`: do not build: take the actions from this record of the aspect; for the rules")
	f.Var(&a.outputs, "output", "`FILE`: a file that has to be what the statement is of; may be repeated")
	f.Var(&a.subjects, "subject", "`FILE`: with --record: the path of an output that the statement is of; may be repeated")
	f.StringVar(&a.audit, "audit", "", "`FILE`: the JSON report of an audit, of a failure too, which the statement is to contain")
	f.StringVar(&a.sbom, "sbom", "", "`FILE`: also write a CycloneDX bill of materials to this file")
	f.StringVar(&a.builder, "builder-id", "", "`URI`: the URI of who builds, for the statement")
	f.StringVar(&a.finished, "finished", "", "`TIME`: when the build ended, as 2030-01-31T00:00:00Z; by default SOURCE_DATE_EPOCH, or not said")
	f.StringVar(&a.key, "key", "", "`FILE`: sign with this private key, in PEM: Ed25519 or ECDSA")
	f.StringVar(&a.program, "sign-with", "", "`PROGRAM`: sign with this program: it gets the bytes to sign on standard input and writes the signature to standard output")
	f.StringVar(&a.public, "public-key", "", "`FILE`: with --sign-with: the public key, in PEM")
	f.BoolVar(&a.unsigned, "unsigned", false, "write the statement without a signature")
	f.StringVar(&a.out, "o", "", "`FILE`: write to this file instead of standard output")
}

// check checks what goes together.
func (a *attestation) check(operands []string) error {
	ways, signers := 0, 0
	for _, s := range []string{a.log, a.statement, a.record} {
		if s != "" {
			ways++
		}
	}
	for _, given := range []bool{a.key != "", a.program != "", a.unsigned} {
		if given {
			signers++
		}
	}
	switch {
	case len(operands) != 1:
		return usagef(errcode.Operands, "%d targets, want the label of one", len(operands))
	case ways > 1:
		return usagef(errcode.OptionsDisagree, "give one of --execution-log, --statement and --record")
	case signers == 0:
		return usagef(errcode.OptionsDisagree, "nothing to sign with; give --key or --sign-with, or --unsigned for a statement that proves nothing by itself")
	case signers > 1:
		return usagef(errcode.OptionsDisagree, "give one of --key, --sign-with and --unsigned")
	case (a.program != "") != (a.public != ""):
		return usagef(errcode.OptionsDisagree, "--sign-with and --public-key go together")
	case strings.HasPrefix(operands[0], "-") || strings.TrimSpace(operands[0]) == "":
		return usagef(errcode.Operands, "%q is no label", operands[0])
	case a.record != "" && len(a.subjects) == 0:
		return usagef(errcode.OptionsDisagree, "--record needs --subject")
	}
	a.target = operands[0]
	return nil
}

// runAttest makes a statement of a target.
func runAttest(c *context) error {
	var a attestation
	a.declare(c)
	operands, err := c.parse()
	if err != nil {
		return err
	}
	if err := a.check(operands); err != nil {
		return err
	}
	// Before a build that takes long: whether its result could be signed.
	signer, err := a.signer()
	if err != nil {
		return err
	}
	opts := provenance.Options{Builder: a.builder}
	if opts.Finished, err = a.time(); err != nil {
		return err
	}
	if a.audit != "" {
		if opts.Audit, err = fileio.ReadText(a.audit, "an audit's report"); err != nil {
			return err
		}
	}
	statement, err := a.make(opts)
	if err != nil {
		return err
	}
	out := provenance.Indent(statement)
	if signer != nil {
		if out, err = dsse.Sign(stdcontext.Background(), statement, signer); err != nil {
			return err
		}
	}
	if a.out == "" {
		_, err = c.json.Write(out)
		return err
	}
	return fileio.WriteBytes(a.out, out)
}

// make returns the statement, and writes the bill of materials.
func (a *attestation) make(opts provenance.Options) ([]byte, error) {
	if a.log == "" && a.record == "" {
		return a.fromStatement(opts)
	}
	graph, err := a.graph()
	if err != nil {
		return nil, err
	}
	if err := a.writeSBOM(graph, &opts); err != nil {
		return nil, err
	}
	return provenance.Make(graph, opts)
}

func (a *attestation) writeSBOM(g *provenance.Graph, opts *provenance.Options) (err error) {
	if a.sbom == "" {
		return nil
	}
	if opts.SBOM, err = provenance.SBOM(g, opts.Finished); err != nil {
		return err
	}
	return fileio.WriteBytes(a.sbom, opts.SBOM)
}

// graph walks a log or a record.
func (a *attestation) graph() (*provenance.Graph, error) {
	if a.record != "" {
		text, err := os.ReadFile(a.record)
		if err != nil {
			return nil, err
		}
		b, err := provenance.FromRecord(a.record, text, ".")
		if err != nil {
			return nil, err
		}
		return provenance.Walk(b, a.target, a.subjects)
	}
	digests, err := fileDigests(a.outputs)
	if err != nil {
		return nil, err
	}
	return walkLog(a.log, a.root, a.target, digests)
}

func fileDigests(paths []string) ([]string, error) {
	var digests []string
	for _, path := range paths {
		d, err := provenance.FileDigest(path)
		if err != nil {
			return nil, err
		}
		digests = append(digests, d)
	}
	return digests, nil
}

// walkLog walks back from outputs of a target in an execution log: those with the digests,
// or the target's results.
func walkLog(name, root, target string, digests []string) (*provenance.Graph, error) {
	file, err := fileio.Map(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	log, err := execlog.Read(name, file.Data)
	if err != nil {
		return nil, err
	}
	b, err := provenance.FromLog(name, log, root)
	if err != nil {
		return nil, err
	}
	subjects, err := provenance.FindSubjects(name, b, target, digests)
	if err != nil {
		return nil, err
	}
	return provenance.Walk(b, target, subjects)
}

// fromStatement takes a statement that is given, or one that Bazel makes.
func (a *attestation) fromStatement(opts provenance.Options) ([]byte, error) {
	path := a.statement
	if path == "" {
		made, err := buildStatement(a.bazel, a.bazelLabel, a.target)
		if err != nil {
			return nil, err
		}
		path = made
	}
	text, err := fileio.ReadText(path, "a statement")
	if err != nil {
		return nil, err
	}
	s, err := provenance.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if want := provenance.CanonicalLabel(a.target); s.Graph.Target != want {
		return nil, errcode.StatementTarget.Errorf("%s: is a statement of %s, not of %s", path, s.Graph.Target, want)
	}
	digests, err := fileDigests(a.outputs)
	if err != nil {
		return nil, err
	}
	for i, d := range digests {
		if s.Subject(d) == nil {
			return nil, &provenance.Fault{Cause: provenance.CauseBuild, Detail: fmt.Sprintf("%s has SHA-256 %s, which is not that of an output of %s", a.outputs[i], d, s.Graph.Target)}
		}
	}
	if err := a.writeSBOM(&s.Graph, &opts); err != nil {
		return nil, err
	}
	return s.Amend(opts)
}

// signer returns what signs, or nil.
func (a *attestation) signer() (dsse.Signer, error) {
	if a.unsigned {
		return nil, nil
	}
	path := a.key
	if path == "" {
		path = a.public
	}
	pem, err := fileio.ReadText(path, "a key in PEM")
	if err != nil {
		return nil, err
	}
	key, err := dsse.ParseKey(path, pem)
	if err != nil {
		return nil, err
	}
	if a.program == "" {
		if !key.Private {
			return nil, errcode.KeyUnusable.Errorf("%s: is a public key; sign with the private one", path)
		}
		return key, nil
	}
	command := strings.Fields(a.program)
	if len(command) == 0 {
		return nil, usagef(errcode.OptionValue, "--sign-with is empty")
	}
	return &dsse.Program{Command: command, Public: key}, nil
}

// time returns when the build ended, if somebody says so.
func (a *attestation) time() (time.Time, error) {
	if a.finished != "" {
		t, err := time.Parse(time.RFC3339, a.finished)
		if err != nil {
			return t, usagef(errcode.OptionValue, "--finished=%s: want a time as 2030-01-31T00:00:00Z", a.finished)
		}
		return t.UTC(), nil
	}
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil || seconds < 0 {
		return time.Time{}, usagef(errcode.OptionValue, "SOURCE_DATE_EPOCH=%s: want seconds since 1970", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
