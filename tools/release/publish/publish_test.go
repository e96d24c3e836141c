// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/version"
)

const (
	archive     = "rules_hyp-" + version.Number + ".tar.gz"
	tools       = "rules_hyp_tools_linux_amd64.tar.gz"
	description = "rules_hyp-" + version.Number + ".release.json"
)

// release makes the files of a release and of the repository.
func release(t *testing.T) *publisher {
	t.Helper()
	dir := t.TempDir()
	digest := func(text string) string { s := sha256.Sum256([]byte(text)); return hex.EncodeToString(s[:]) }
	p := &publisher{files: map[string]string{}}
	for name, text := range map[string]string{
		archive:         "sources",
		tools:           "programs",
		"SHA256SUMS":    "sums",
		"MODULE.bazel":  moduleText,
		toolchainFile:   "bool_flag(\n    name = \"from_source\",\n    build_setting_default = True,\n)\n",
		"presubmit.yml": "tasks:\n",
		description: fmt.Sprintf(`{"version": %q, "files": [{"name": %q, "sha256": %q}, {"name": %q, "sha256": %q}]}`,
			version.Number, archive, digest("sources"), tools, digest("programs")),
		"source.template.json": `{"integrity": "", "strip_prefix": "{REPO}-{VERSION}",
			"url": "https://github.com/{OWNER}/{REPO}/releases/download/{TAG}/{REPO}-{VERSION}.tar.gz"}`,
		"metadata.template.json": `{"homepage": "https://github.com/rules-hyp/rules_hyp", "versions": [], "yanked_versions": {}}`,
	} {
		p.files[name] = filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(p.files[name], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A release gets its files, and an entry with the archive's hash. Publishing it again changes nothing.
func TestPublish(t *testing.T) {
	p, dir := release(t), t.TempDir()
	p.url = "https://example.com/mirror"
	registry := filepath.Join(dir, "registry")
	for range 2 {
		if err := p.publish(filepath.Join(dir, "files"), registry); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{archive, tools, "SHA256SUMS", description} {
		if _, err := os.Stat(filepath.Join(dir, "files", name)); err != nil {
			t.Error(err)
		}
	}
	module := filepath.Join(registry, "modules/rules_hyp")
	var s source
	readJSON(t, filepath.Join(module, version.Number, "source.json"), &s)
	want := source{Integrity: integrity([]byte("sources")), StripPrefix: "rules_hyp-" + version.Number, URL: "https://example.com/mirror/" + archive}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("source.json has %+v, want %+v", s, want)
	}
	var metadata struct{ Versions []string }
	readJSON(t, filepath.Join(module, "metadata.json"), &metadata)
	if !slices.Equal(metadata.Versions, []string{version.Number, version.Number + ".prebuilt"}) {
		t.Errorf("metadata.json has the versions %v", metadata.Versions)
	}
	for _, name := range []string{"modules/rules_hyp/" + version.Number + "/MODULE.bazel", "modules/rules_hyp/" + version.Number + "/presubmit.yml", "bazel_registry.json"} {
		if _, err := os.Stat(filepath.Join(registry, name)); err != nil {
			t.Error(err)
		}
	}
}

// The entry's address is that of the template, unless -url gives one; earlier versions of a registry stay.
func TestRegistry(t *testing.T) {
	p, registry := release(t), t.TempDir()
	module := filepath.Join(registry, "modules/rules_hyp")
	if err := os.MkdirAll(module, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(module, "metadata.json"), []byte(`{"homepage": "x", "versions": ["0.0.1"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.publish(t.TempDir(), registry); err != nil {
		t.Fatal(err)
	}
	var s source
	readJSON(t, filepath.Join(module, version.Number, "source.json"), &s)
	if want := "https://github.com/rules-hyp/rules_hyp/releases/download/v" + version.Number + "/" + archive; s.URL != want {
		t.Errorf("the address is %s, want %s", s.URL, want)
	}
	var metadata struct {
		Homepage string
		Versions []string
	}
	readJSON(t, filepath.Join(module, "metadata.json"), &metadata)
	if metadata.Homepage != "x" || strings.Join(metadata.Versions, " ") != "0.0.1 "+version.Number+" "+version.Number+".prebuilt" {
		t.Errorf("metadata.json has %+v", metadata)
	}
}

// What was published does not change.
func TestPublishedStays(t *testing.T) {
	p, dir, registry := release(t), t.TempDir(), t.TempDir()
	if err := p.publish(dir, registry); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.files[archive], []byte("other sources"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.publish(dir, ""); err == nil || !strings.Contains(err.Error(), archive+": is there, with other contents") {
		t.Errorf("into the directory: error %v", err)
	}
	if err := p.publish(t.TempDir(), registry); err == nil || !strings.Contains(err.Error(), "source.json: is there, with other contents") {
		t.Errorf("into the registry: error %v", err)
	}
	delete(p.files, tools)
	if err := p.publish(t.TempDir(), ""); err == nil || !strings.Contains(err.Error(), tools+": not built") {
		t.Errorf("without a file: error %v", err)
	}
}
