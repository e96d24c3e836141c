// SPDX-License-Identifier: Apache-2.0

package main

import (
	stdcontext "context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/dsse"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/image"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// verification is the command line of verify.
type verification struct {
	policy, key, at        string
	unsigned               bool
	target, builder        string
	outputs                words
	log, root, tree        string
	sbom                   string
	requireAudit, badAudit bool
	image, systemMap       string
	asJSON                 bool
	lines                  int
	statement              string
}

func (v *verification) declare(c *context) {
	f := c.flags
	f.StringVar(&v.policy, "policy", "", "`FILE`: the key policy: which keys count, when, and which are revoked (docs/attest.md)")
	f.StringVar(&v.key, "key", "", "`FILE`: instead of a policy: the one public key, in PEM, that has to have signed")
	f.StringVar(&v.at, "at", "", "`TIME`: check keys as of this time, as 2030-01-31T00:00:00Z; by default now")
	f.BoolVar(&v.unsigned, "unsigned", false, "check a statement without a signature: nothing says who made it")
	f.StringVar(&v.target, "target", "", "`LABEL`: the target that the statement has to be of")
	f.StringVar(&v.builder, "builder-id", "", "`URI`: the builder that the statement has to name")
	f.Var(&v.outputs, "output", "`FILE`: a file that the statement has to be of; may be repeated")
	f.StringVar(&v.log, "execution-log", "", "`FILE`: compare with what this execution log of Bazel says")
	f.StringVar(&v.root, "execution-root", ".", "`DIRECTORY`: with --execution-log: the execution root, for the files that the log has digests of")
	f.StringVar(&v.tree, "source-root", "", "`DIRECTORY`: compare with the files of this source tree")
	f.StringVar(&v.sbom, "sbom", "", "`FILE`: the CycloneDX bill of materials that belongs to the statement")
	f.BoolVar(&v.requireAudit, "require-audit", false, "fail if the statement has no audit's report")
	f.BoolVar(&v.badAudit, "accept-failed-audit", false, "accept a statement of an audit that did not prove its kernel")
	f.StringVar(&v.image, "image", "", "`FILE`: prove that the hypervisor of this kernel is the one of --output")
	f.StringVar(&v.systemMap, "system-map", "", "`FILE`: with --image: the System.map of the kernel")
	f.BoolVar(&v.asJSON, "json", false, "print the result as JSON (docs/attest.md has its fields)")
	f.IntVar(&v.lines, "lines", shownLines, "how many differences are listed at most; -1: all")
}

// check checks what goes together.
func (v *verification) check(operands []string) error {
	switch {
	case len(operands) != 1:
		return usagef(errcode.Operands, "%d files, want a statement", len(operands))
	case v.unsigned && (v.policy != "" || v.key != ""):
		return usagef(errcode.OptionsDisagree, "--unsigned checks no signature; leave out --policy and --key")
	case !v.unsigned && (v.policy == "") == (v.key == ""):
		return usagef(errcode.OptionsDisagree, "give the keys that count: one of --policy and --key; or --unsigned")
	case v.target == "" && len(v.outputs) == 0:
		return usagef(errcode.OptionsDisagree, "give --target or --output: a statement of something else is as well signed")
	case v.image != "" && len(v.outputs) != 1:
		return usagef(errcode.OptionsDisagree, "--image needs the object: one --output")
	case v.systemMap != "" && v.image == "":
		return usagef(errcode.OptionsDisagree, "--system-map goes with --image")
	}
	v.statement = operands[0]
	return nil
}

// runVerify checks a statement.
func runVerify(c *context) error {
	var v verification
	v.declare(c)
	operands, err := c.parse()
	if err != nil {
		return err
	}
	if err := v.check(operands); err != nil {
		return err
	}
	at := time.Now()
	if v.at != "" {
		if at, err = time.Parse(time.RFC3339, v.at); err != nil {
			return usagef(errcode.OptionValue, "--at=%s: want a time as 2030-01-31T00:00:00Z", v.at)
		}
	}
	r := &verdict{Schema: 1, File: filepath.Base(v.statement)}
	if err := v.run(r, at); err != nil {
		return err
	}
	r.Verified = len(r.Faults) == 0
	if v.asJSON {
		err = r.writeJSON(c.json)
	} else {
		r.writeText(c.stdout, v.lines)
	}
	if err == nil && !r.Verified {
		err = errDiffers
	}
	return err
}

// run makes all checks. What does not match goes to the verdict; an error means that a
// check could not be made.
func (v *verification) run(r *verdict, at time.Time) error {
	policy, err := v.keys()
	if err != nil {
		return err
	}
	data, err := fileio.Map(v.statement)
	if err != nil {
		return err
	}
	payload, fault := v.payload(r, data.Data, policy, at)
	if fault != nil {
		return r.fail(fault)
	}
	s, err := provenance.Parse(payload)
	if err != nil {
		return r.fail(err)
	}
	r.describe(s)
	if err := v.claims(r, s); err != nil {
		return err
	}
	if err := v.inputs(r, s); err != nil {
		return err
	}
	// Not before the object is known to be the subject.
	if v.image == "" || len(r.Faults) > 0 {
		return nil
	}
	return v.kernel(r)
}

// keys returns the policy, or one of the only key; nil for none.
func (v *verification) keys() (*dsse.Policy, error) {
	read := func(path string) ([]byte, error) { return fileio.ReadText(path, "a key in PEM") }
	switch {
	case v.unsigned:
		return nil, nil
	case v.policy != "":
		text, err := fileio.ReadText(v.policy, "a key policy")
		if err != nil {
			return nil, err
		}
		return dsse.ParsePolicy(v.policy, text, read)
	}
	pem, err := read(v.key)
	if err != nil {
		return nil, err
	}
	key, err := dsse.ParseKey(v.key, pem)
	if err != nil {
		return nil, err
	}
	return &dsse.Policy{Threshold: 1, Keys: []dsse.PolicyKey{{Key: key, Name: filepath.Base(v.key)}}}, nil
}

// payload returns the statement in an envelope whose signatures count.
func (v *verification) payload(r *verdict, data []byte, policy *dsse.Policy, at time.Time) ([]byte, error) {
	e, err := dsse.Parse(data)
	var f *dsse.Fault
	switch {
	case v.unsigned && err == nil:
		return nil, &provenance.Fault{Cause: provenance.CauseSigned, Detail: "the statement has a signature, which --unsigned does not check; give --policy or --key"}
	case v.unsigned && errors.As(err, &f) && f.Cause == dsse.CauseUnsigned:
		if e != nil {
			data = e.Payload
		}
		r.check("statement without a signature")
		return data, nil
	case err != nil:
		return nil, err
	}
	accepted, err := policy.Verify(stdcontext.Background(), e, at)
	if err != nil {
		return nil, err
	}
	for _, a := range accepted {
		r.Keys = append(r.Keys, verdictKey{a.ID, a.Name})
	}
	r.check("signature")
	return e.Payload, nil
}

// claims checks what the statement says of itself.
func (v *verification) claims(r *verdict, s *provenance.Statement) error {
	if v.target != "" {
		if want := provenance.CanonicalLabel(v.target); s.Graph.Target != want {
			r.fault(provenance.CauseTarget, "the statement is of %s, not of %s", s.Graph.Target, want)
		}
		r.check("target")
	}
	if v.builder != "" {
		if s.Builder != v.builder {
			r.fault(provenance.CauseBuilder, "the statement names %q, not %q", s.Builder, v.builder)
		}
		r.check("builder")
	}
	for _, out := range v.outputs {
		digest, err := provenance.FileDigest(out)
		if err != nil {
			return err
		}
		if s.Subject(digest) == nil {
			r.fault(provenance.CauseOutput, "%s has SHA-256 %s, and the statement is of %s", out, digest, describeFiles(s.Graph.Subjects))
		}
		r.check("output " + filepath.Base(out))
	}
	switch {
	case s.Audit == nil && v.requireAudit:
		r.fault(provenance.CauseNoAudit, "the statement has no report of an audit")
	case s.Audit != nil && !s.Audit.Proven && !v.badAudit:
		r.fault(provenance.CauseAudit, "the audit in the statement did not prove its kernel %q; --accept-failed-audit accepts that", s.Audit.Banner)
	}
	return nil
}

// inputs compares what the statement says with a build, a source tree and a bill of
// materials.
func (v *verification) inputs(r *verdict, s *provenance.Statement) error {
	if v.log != "" {
		var digests []string
		for _, f := range s.Graph.Subjects {
			digests = append(digests, f.SHA256)
		}
		g, err := walkLog(v.log, v.root, s.Graph.Target, digests)
		var another *provenance.Fault
		switch {
		case errors.As(err, &another):
			r.fault(another.Cause, "%s", another.Detail)
		case err != nil:
			return err
		default:
			r.add(s.CompareBuild(g))
		}
		r.check("execution log")
	}
	if v.tree != "" {
		if st, err := os.Stat(v.tree); err != nil || !st.IsDir() {
			return errcode.NoSourceTree.Errorf("%s: is no directory; give the root of the source tree", v.tree)
		}
		faults, n := s.CompareTree(v.tree)
		r.add(faults)
		r.check(fmt.Sprintf("%d files of the source tree", n))
	}
	if v.sbom != "" {
		digest, err := provenance.FileDigest(v.sbom)
		if err != nil {
			return err
		}
		if s.SBOM != digest {
			r.fault(provenance.CauseSBOM, "%s has SHA-256 %s, the statement's has %q", v.sbom, digest, s.SBOM)
		}
		r.check("bill of materials")
	}
	return nil
}

// kernel proves that a kernel has the hypervisor of the object.
func (v *verification) kernel(r *verdict) error {
	object, _, err := elfobj.ReadFile(v.outputs[0])
	if err != nil {
		return err
	}
	file, err := fileio.Map(v.image)
	if err != nil {
		return err
	}
	kernel, err := vmlinuz.Open(v.image, file.Data)
	if err != nil {
		return err
	}
	opts, err := imageOptions(v.image, v.systemMap)
	if err != nil {
		return err
	}
	report, err := image.Run(object, kernel, opts)
	if err != nil {
		return err
	}
	r.Image = report.Banner
	if !report.Proven {
		r.fault(provenance.CauseImage, "the hypervisor of %s is not the one of %s: %d of %d functions are; hypaudit image lists the differences",
			filepath.Base(v.image), filepath.Base(v.outputs[0]), report.FunctionsProven, report.Functions)
	}
	r.check("hypervisor of " + filepath.Base(v.image))
	return nil
}
