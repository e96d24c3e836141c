// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

const (
	owner = "rules-hyp"
	repo  = "rules_hyp"
)

// source is the source.json of a registry's entry (https://bazel.build/external/registry).
type source struct {
	Integrity   string `json:"integrity"`
	StripPrefix string `json:"strip_prefix"`
	URL         string `json:"url"`

	Overlay map[string]string `json:"overlay,omitempty"` // hashes of files that replace some of the archive's
}

// source returns where the source archive of a version is, from the template.
func (p *publisher) source(version string) (*source, error) {
	const template = "source.template.json"
	var s source
	if err := p.readJSON(template, &s); err != nil {
		return nil, err
	}
	fill := strings.NewReplacer("{OWNER}", owner, "{REPO}", repo, "{VERSION}", version, "{TAG}", "v"+version)
	s.StripPrefix, s.URL = fill.Replace(s.StripPrefix), fill.Replace(s.URL)
	name := s.URL[strings.LastIndexByte(s.URL, '/')+1:]
	if p.url != "" {
		s.URL = p.url + "/" + name
	}
	data, err := p.read(name)
	if err != nil {
		return nil, err
	}
	s.Integrity = integrity(data)
	return &s, nil
}

// register writes the entries of a release into a registry: one from source, and one with its programs.
func (p *publisher) register(registry string, r described, s *source) error {
	own, err := p.read(moduleFile)
	if err != nil {
		return err
	}
	if err := p.registerVersion(registry, r.Version, s, own); err != nil {
		return err
	}
	overlay, err := p.overlay(r, s)
	if err != nil {
		return err
	}
	prebuilt := *s
	prebuilt.Overlay = map[string]string{}
	entry := filepath.Join(registry, "modules", repo, r.Version+prebuiltSuffix)
	for name, text := range overlay {
		prebuilt.Overlay[name] = integrity(text)
		file := filepath.Join(entry, "overlay", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := put(file, text); err != nil {
			return err
		}
	}
	if err := p.registerVersion(registry, r.Version+prebuiltSuffix, &prebuilt, overlay[moduleFile]); err != nil {
		return err
	}
	if file := filepath.Join(registry, "bazel_registry.json"); !exists(file) {
		return fileio.WriteBytes(file, []byte("{}\n"))
	}
	return nil
}

// registerVersion writes the entry of a version, with its MODULE.bazel.
func (p *publisher) registerVersion(registry, version string, s *source, module []byte) error {
	dir := filepath.Join(registry, "modules", repo)
	entry := filepath.Join(dir, version)
	if err := os.MkdirAll(entry, 0o777); err != nil {
		return err
	}
	presubmit, err := p.read("presubmit.yml")
	if err != nil {
		return err
	}
	text, err := marshal(s)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{moduleFile: module, "presubmit.yml": presubmit, "source.json": text} {
		if err := put(filepath.Join(entry, name), data); err != nil {
			return err
		}
	}
	return p.addVersion(filepath.Join(dir, "metadata.json"), version)
}

// integrity returns the hash of a file as registries have it.
func integrity(data []byte) string {
	digest := sha256.Sum256(data)
	return "sha256-" + base64.StdEncoding.EncodeToString(digest[:])
}

// exists reports whether a file is there.
func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// addVersion adds a version to a module's metadata, which the template makes if there are none.
func (p *publisher) addVersion(name, version string) error {
	metadata := map[string]any{}
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := p.readJSON("metadata.template.json", &metadata); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(data, &metadata); err != nil {
			return errcode.ReleaseUnbuilt.Errorf("%s: %w", name, err)
		}
	}
	versions, ok := metadata["versions"].([]any)
	if !ok {
		return errcode.ReleaseUnbuilt.Errorf("%s: no list of versions", name)
	}
	if slices.Contains(versions, any(version)) {
		return nil
	}
	metadata["versions"] = append(versions, version)
	text, err := marshal(metadata)
	if err != nil {
		return err
	}
	return fileio.WriteBytes(name, text)
}

// marshal returns JSON as registries have it.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "    ")
	err := e.Encode(v)
	return b.Bytes(), err
}
