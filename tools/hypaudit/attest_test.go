// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// record is what the aspect records of a target //p:o, made from one source and one header.
const record = `{"mnemonic":"HypCompile","label":"@@//p:a","command":["tools/hypcc","--unused=bazel-out/k8/bin/p/a.unused","--","gcc","-O2","-o","bazel-out/k8/bin/p/a.o","p/a.c"],"env":{},"inputs":["p/a.c","p/a.h","p/b.h"],"outputs":["bazel-out/k8/bin/p/a.o","bazel-out/k8/bin/p/a.unused"]}
{"mnemonic":"HypPrefix","label":"@@//p:o","command":["hyplink","prefix","bazel-out/k8/bin/p/a.o"],"env":{},"inputs":["bazel-out/k8/bin/p/a.o"],"outputs":["bazel-out/k8/bin/p/hyp.o"]}
`

// workspace makes a build's files, keys and policies, and changes to their directory.
func workspace(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("SOURCE_DATE_EPOCH", "")
	files := map[string]string{
		"record": record, "p/a.c": "int a;", "p/a.h": "a", "p/b.h": "b",
		"bazel-out/k8/bin/p/a.o": "a.o", "bazel-out/k8/bin/p/a.unused": "p/b.h\n", "bazel-out/k8/bin/p/hyp.o": "hyp.o",
		"other.o": "other", "bad.json": `{"proven":false,"banner":"Linux version 6.1"}`, "good.json": `{"proven":true,"banner":"Linux version 6.1"}`,
		"now.policy":     `{"schema":1,"keys":[{"name":"release","file":"a.pub"}]}`,
		"expired.policy": `{"schema":1,"keys":[{"name":"release","file":"a.pub","valid_until":"2020-01-01T00:00:00Z"}]}`,
		"revoked.policy": `{"schema":1,"keys":[{"name":"release","file":"a.pub","revoked":"its token was lost"}]}`,
		"bounded.policy": `{"schema":1,"keys":[{"name":"release","file":"a.pub","valid_from":"2019-01-01T00:00:00Z","valid_until":"2020-01-01T00:00:00Z"}]}`,
	}
	for i, name := range []string{"a", "b"} {
		k := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(i)}, ed25519.SeedSize))
		private, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		public, err := x509.MarshalPKIXPublicKey(k.Public())
		if err != nil {
			t.Fatal(err)
		}
		files[name+".key"] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
		files[name+".pub"] = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	}
	for name, content := range files {
		put(t, name, content)
	}
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// hypaudit runs a command and returns its exit code and all that it wrote.
func hypaudit(args ...string) (int, string) {
	var out, messages bytes.Buffer
	code := run(commands, args, &out, &messages)
	return code, out.String() + messages.String()
}

const recorded = "attest --record=record --subject=bazel-out/k8/bin/p/hyp.o "

// attest runs attest, which has to succeed.
func attest(t *testing.T, args string) {
	t.Helper()
	if code, out := hypaudit(strings.Fields(args)...); code != exitProven || out != "" {
		t.Fatalf("%s: exit code %d, %s", args, code, out)
	}
}

// change writes a copy of an envelope with another payload, or other fields.
func change(t *testing.T, from, to string, f func(e map[string]any, payload string) string) {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal([]byte(get(t, from)), &e); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.StdEncoding.DecodeString(e["payload"].(string))
	if err != nil {
		t.Fatal(err)
	}
	e["payload"] = base64.StdEncoding.EncodeToString([]byte(f(e, string(payload))))
	out, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	put(t, to, string(out))
}

// replace returns an edit of the payload.
func replace(t *testing.T, old, new string) func(map[string]any, string) string {
	return func(_ map[string]any, payload string) string {
		if !strings.Contains(payload, old) {
			t.Errorf("%s is not in the statement", old)
		}
		return strings.Replace(payload, old, new, 1)
	}
}

// resign signs a statement of any contents, as only the owner of the key could.
func resign(t *testing.T, to, payload string) {
	t.Helper()
	put(t, to, signed(t, []byte(payload)))
}

// codes are those of the causes that TestFaults seeds.
var codes = map[string]errcode.Code{
	"another bill of materials": "E8612", "another build": "E8609", "another builder": "E8608", "another hypervisor": "E8613", "another output": "E8608",
	"another target": "E8608", "bad signature": "E8604", "changed input": "E8610", "expired key": "E8605", "extra input": "E8610", "failed audit": "E8611",
	"key not yet valid": "E8605", "malformed envelope": "E8602", "malformed statement": "E8607", "missing input": "E8610", "no audit": "E8611",
	"revoked key": "E8605", "signed": "E8614", "too few signatures": "E8606", "truncated": "E8602", "unknown build type": "E8607", "unknown key": "E8603",
	"unknown payload type": "E8602", "unknown predicate type": "E8607", "unknown statement type": "E8607", "unsigned": "E8601",
}

// TestFaults seeds faults: each is caught, and named by its cause.
func TestFaults(t *testing.T) {
	workspace(t)
	attest(t, recorded+"--key=a.key --sbom=sbom.json -o good //p:o")
	attest(t, recorded+"--key=b.key -o resigned //p:o")
	attest(t, recorded+"--unsigned -o unsigned //p:o")
	attest(t, recorded+"--key=a.key --audit=bad.json -o failed-audit //p:o")
	attest(t, recorded+"--key=a.key --audit=good.json -o audited //p:o")
	attest(t, "attest --record=record --subject=bazel-out/k8/bin/p/a.o --key=a.key -o other-target //p:a")
	put(t, "truncated", get(t, "good")[:500])
	put(t, "empty", "")
	change(t, "good", "altered", replace(t, "-O2", "-O3"))
	change(t, "good", "stripped", func(e map[string]any, p string) string { e["signatures"] = []any{}; return p })
	change(t, "good", "another-type", func(e map[string]any, p string) string { e["payloadType"] = "application/json"; return p })
	change(t, "resigned", "renamed", func(e map[string]any, p string) string {
		change(t, "good", "unused", func(g map[string]any, q string) string {
			e["signatures"].([]any)[0].(map[string]any)["keyid"] = g["signatures"].([]any)[0].(map[string]any)["keyid"]
			return q
		})
		return p
	})
	payload := get(t, "unsigned")
	resign(t, "predicate", strings.Replace(payload, "slsa.dev/provenance/v1", "slsa.dev/provenance/v9", 1))
	resign(t, "statement-type", strings.Replace(payload, "in-toto.io/Statement/v1", "in-toto.io/Statement/v9", 1))
	resign(t, "build-type", strings.Replace(payload, "attest/actions/v1", "attest/actions/v9", 1))
	resign(t, "no-statement", "[]")
	put(t, "tree/p/a.c", "int b;")
	put(t, "tree/p/a.h", "a")
	put(t, "no-source/p/a.h", "a")

	const known = "verify --policy=now.policy --target=//p:o "
	for _, test := range []struct{ args, cause string }{
		{known + "good", ""},
		{known + "--output=bazel-out/k8/bin/p/hyp.o --source-root=. --sbom=sbom.json good", ""},
		{known + "--require-audit audited", ""},
		{known + "--accept-failed-audit failed-audit", ""},
		{"verify --key=a.pub --target=p:o good", ""},
		{"verify --policy=bounded.policy --at=2019-06-01T00:00:00Z --target=//p:o good", ""},
		{"verify --unsigned --target=//p:o unsigned", ""},

		{known + "unsigned", "unsigned"},
		{known + "stripped", "unsigned"},
		{known + "resigned", "unknown key"},
		{known + "renamed", "bad signature"},
		{known + "altered", "bad signature"},
		{known + "truncated", "truncated"},
		{known + "empty", "truncated"},
		{known + "another-type", "unknown payload type"},
		{known + "other-target", "another target"},
		{"verify --policy=now.policy --output=bazel-out/k8/bin/p/hyp.o other-target", "another output"},
		{known + "--output=other.o good", "another output"},
		{known + "predicate", "unknown predicate type"},
		{known + "statement-type", "unknown statement type"},
		{known + "build-type", "unknown build type"},
		{known + "no-statement", "malformed statement"},
		{"verify --policy=expired.policy --target=//p:o good", "expired key"},
		{"verify --policy=bounded.policy --at=2018-01-01T00:00:00Z --target=//p:o good", "key not yet valid"},
		{"verify --policy=revoked.policy --target=//p:o good", "revoked key"},
		{"verify --key=b.pub --target=//p:o good", "unknown key"},
		{"verify --unsigned --target=//p:o good", "signed"},
		{known + "--source-root=tree good", "changed input"},
		{known + "--source-root=no-source good", "extra input"},
		{known + "failed-audit", "failed audit"},
		{known + "--require-audit good", "no audit"},
		{known + "--sbom=good.json good", "another bill of materials"},
		{known + "--builder-id=https://example.com/ci good", "another builder"},
		{known + "--execution-log=testdata.log good", "another build"},
	} {
		put(t, "testdata.log", "")
		code, out := hypaudit(strings.Fields(test.args)...)
		want := exitProven
		if test.cause != "" {
			want = exitDiffers
		}
		if code != want || test.cause == "" && strings.Contains(out, "NOT VERIFIED") || test.cause != "" && !strings.Contains(out, "\n  "+test.cause+": ") {
			t.Errorf("%s: exit code %d, want %d and %q:\n%s", test.args, code, want, test.cause, out)
		}
		// The same as JSON.
		code, out = hypaudit(strings.Fields(test.args + " --json")...)
		var r verdict
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != want || r.Verified != (test.cause == "") || r.Schema != 1 {
			t.Errorf("%s --json: exit code %d, %v, %s", test.args, code, err, out)
		}
		if test.cause != "" && (len(r.Faults) != 1 || r.Faults[0].Cause != test.cause) {
			t.Errorf("%s --json: %v, want only %q", test.args, r.Faults, test.cause)
		}
		if test.cause != "" && r.Faults[0].Code != codes[test.cause] {
			t.Errorf("%s --json: code %q of %q, want %q", test.args, r.Faults[0].Code, test.cause, codes[test.cause])
		}
	}
}

// TestCleanRuns attests and verifies ten times: the same bytes, and nothing to report.
func TestCleanRuns(t *testing.T) {
	first := ""
	for i := range 10 {
		workspace(t)
		attest(t, recorded+"--key=a.key --sbom=sbom.json --audit=good.json -o statement //p:o")
		code, out := hypaudit(strings.Fields("verify --policy=now.policy --target=//p:o --output=bazel-out/k8/bin/p/hyp.o --source-root=. --sbom=sbom.json --require-audit statement")...)
		if code != exitProven || !strings.HasPrefix(out, "VERIFIED: statement\n") {
			t.Errorf("run %d: exit code %d, %s", i, code, out)
		}
		if got := get(t, "statement"); i == 0 {
			first = got
		} else if got != first {
			t.Errorf("run %d: other bytes", i)
		}
	}
}

// TestStatements signs a statement that is there, and refuses one that does not fit.
func TestStatements(t *testing.T) {
	workspace(t)
	attest(t, recorded+"--unsigned -o unsigned //p:o")
	attest(t, recorded+"--key=a.key -o direct //p:o")
	attest(t, "attest --statement=unsigned --key=a.key -o signed //p:o")
	if get(t, "direct") != get(t, "signed") {
		t.Error("the statement that was signed later has other bytes")
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1893456000")
	attest(t, "attest --statement=unsigned --unsigned -o dated //p:o")
	if !strings.Contains(get(t, "dated"), `"finishedOn": "2030-01-01T00:00:00Z"`) {
		t.Error("SOURCE_DATE_EPOCH is not in the statement")
	}
	for args, want := range map[string]string{
		"attest --statement=unsigned --key=a.key //p:a":                  "is a statement of //p:o, not of //p:a",
		"attest --statement=unsigned --key=a.key --output=other.o //p:o": "another build: other.o has SHA-256",
		"attest --statement=record --key=a.key //p:o":                    "malformed statement",
		"attest --statement=unsigned --key=a.pub //p:o":                  "is a public key",
		"attest --statement=unsigned --key=record //p:o":                 "is no key in PEM",
		"attest --statement=missing --key=a.key //p:o":                   "missing: ",
		"attest --statement=unsigned --key=a.key --audit=record //p:o":   "audit",
		"attest --execution-log=record --key=a.key //p:o":                "record",
	} {
		code, out := hypaudit(append(strings.Fields(args), "-o", "new")...)
		if code != exitFailed || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, %s; want %d, %s", args, code, out, exitFailed, want)
		}
		if _, err := os.Stat("new"); err == nil {
			t.Errorf("%s: wrote something", args)
		}
	}
}

func TestAttestUsage(t *testing.T) {
	workspace(t)
	for args, want := range map[string]string{
		"attest --key=a.key":                                         "0 targets, want the label of one",
		"attest //p:o":                                               "nothing to sign with",
		"attest --key=a.key --unsigned //p:o":                        "give one of --key",
		"attest --sign-with=x //p:o":                                 "go together",
		"attest --key=a.key --statement=x --execution-log=y //p:o":   "give one of --execution-log",
		"attest --key=a.key --finished=now --statement=x //p:o":      "want a time as",
		"verify good":                                                "give the keys that count",
		"verify --key=a.pub --policy=now.policy --target=//p:o good": "one of --policy and --key",
		"verify --key=a.pub good":                                    "give --target or --output",
		"verify --key=a.pub --target=//p:o":                          "0 files, want a statement",
		"verify --key=a.pub --target=//p:o --image=x good":           "--image needs the object",
		"verify --key=a.pub --unsigned --target=//p:o good":          "--unsigned checks no signature",
		"verify --key=a.pub --target=//p:o --at=now good":            "want a time as",
	} {
		if code, out := hypaudit(strings.Fields(args)...); code != exitUsage || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, %s; want %d, %s", args, code, out, exitUsage, want)
		}
	}
	for args, want := range map[string]string{
		"verify --key=a.pub --target=//p:o missing":                       "missing: ",
		"verify --policy=record --target=//p:o record":                    "is no key policy",
		"verify --key=missing --target=//p:o record":                      "missing: ",
		"attest --bazel=./missing --key=a.key //p:o":                      "./missing build of //p:o failed",
		"attest --record=record --subject=p/a.c --key=a.key //p:o":        "no action of the build made it",
		"attest --record=p/a.c --subject=p/a.c --key=a.key //p:o":         "p/a.c:1: is no action of a record",
		"attest --sign-with=./missing --public-key=a.pub --statement=x x": "x: ",
	} {
		if code, out := hypaudit(strings.Fields(args)...); code != exitFailed || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, %s; want %d, %s", args, code, out, exitFailed, want)
		}
	}
}

// TestEvents finds the statement among the events of a build.
func TestEvents(t *testing.T) {
	const events = `{"id":{"started":{}},"started":{"command":"build"}}
{"id":{"namedSet":{"id":"0"}},"namedSetOfFiles":{"files":[{"name":"p/o.provenance/statement.json","uri":"file:///out/p/o.provenance/a%20b/statement.json"}]}}
{"id":{"namedSet":{"id":"1"}},"namedSetOfFiles":{"fileSets":[{"id":"0"}]}}
{"id":{"targetCompleted":{"label":"//p:o"}},"completed":{"success":true,"outputGroup":[{"name":"default","fileSets":[{"id":"9"}]}]}}
{"id":{"targetCompleted":{"label":"//p:o","aspect":"hyp_provenance_aspect"}},"completed":{"success":true,"outputGroup":[{"name":"hyp_provenance","fileSets":[{"id":"1"}]}]}}
`
	for _, test := range []struct{ old, new, path, want string }{
		{"", "", "/out/p/o.provenance/a b/statement.json", ""},
		{"file://", "bytestream://", "", "was not downloaded"},
		{`"label":"//p:o","aspect"`, `"label":"//p:q","aspect"`, "", "no statement of //p:o"},
		{`"hyp_provenance","fileSets"`, `"hyp_sbom","fileSets"`, "", "no statement of //p:o"},
		{`{"id":{"started"`, `{"id":{{`, "", "cannot be read"},
	} {
		path, err := statementOf([]byte(strings.Replace(events, test.old, test.new, 1)), "@@//p:o")
		if test.want == "" {
			if err != nil || path != test.path {
				t.Errorf("%q, %v; want %q", path, err, test.path)
			}
		} else if err == nil || !strings.Contains(strings.Replace(err.Error(), "@@", "", 1), test.want) {
			t.Errorf("%s: %v, want %s", test.new, err, test.want)
		}
	}
}
