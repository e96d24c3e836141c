// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
)

// outputGroup is the output group of the aspect with the statement.
const outputGroup = "hyp_provenance"

// buildStatement has Bazel build a target with the aspect of the rules, and returns the
// path of the statement that the aspect's action wrote.
func buildStatement(program, rules, target string) (string, error) {
	command := strings.Fields(program)
	if len(command) == 0 {
		command = []string{"bazel"}
		if st, err := os.Stat("bazelw"); err == nil && st.Mode().IsRegular() {
			command = []string{"./bazelw"}
		}
	}
	dir, err := os.MkdirTemp("", "hypaudit")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	events := filepath.Join(dir, "events.json")
	args := append(command[1:len(command):len(command)], "build",
		"--aspects="+rules+"//rules:defs.bzl%hyp_provenance_aspect", "--output_groups=+"+outputGroup,
		"--build_event_json_file="+events, "--", target)
	cmd := exec.Command(command[0], args...)
	var messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &messages, &messages
	if err := cmd.Run(); err != nil {
		return "", errcode.BazelFailed.Errorf("%s build of %s failed: %v\n%s", command[0], target, err, messages.String())
	}
	text, err := os.ReadFile(events)
	if err != nil {
		return "", err
	}
	return statementOf(text, target)
}

// event is what is read of an event of Bazel's build event protocol, as JSON.
type event struct {
	ID struct {
		NamedSet        struct{ ID string }
		TargetCompleted *struct{ Label, Aspect string }
	}
	NamedSetOfFiles struct {
		Files    []struct{ Name, URI string }
		FileSets []struct{ ID string }
	}
	Completed struct {
		Success     bool
		OutputGroup []struct {
			Name     string
			FileSets []struct{ ID string }
		}
	}
}

// statementOf finds the statement in the events of a build.
func statementOf(events []byte, target string) (string, error) {
	sets := map[string]*event{}
	var wanted []string
	d := json.NewDecoder(bufio.NewReader(bytes.NewReader(events)))
	for {
		e := &event{}
		err := d.Decode(e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", errcode.StatementMissing.Errorf("the build event file of %s cannot be read: %v", target, err)
		}
		if id := e.ID.NamedSet.ID; id != "" {
			sets[id] = e
		}
		t := e.ID.TargetCompleted
		if t == nil || t.Aspect == "" || provenance.CanonicalLabel(t.Label) != provenance.CanonicalLabel(target) {
			continue
		}
		for _, g := range e.Completed.OutputGroup {
			for _, s := range g.FileSets {
				if g.Name == outputGroup {
					wanted = append(wanted, s.ID)
				}
			}
		}
	}
	for len(wanted) > 0 {
		set := sets[wanted[0]]
		wanted = wanted[1:]
		if set == nil {
			continue
		}
		for _, f := range set.NamedSetOfFiles.Files {
			u, err := url.Parse(f.URI)
			if err != nil || !strings.HasSuffix(f.Name, "/statement.json") {
				continue
			}
			if u.Scheme != "file" {
				return "", errcode.StatementMissing.Errorf("the statement of %s was not downloaded; build with --remote_download_outputs=toplevel", target)
			}
			return u.Path, nil
		}
		for _, s := range set.NamedSetOfFiles.FileSets {
			wanted = append(wanted, s.ID)
		}
	}
	return "", errcode.StatementMissing.Errorf("Bazel made no statement of %s; name one target, not a pattern or an alias", target)
}
