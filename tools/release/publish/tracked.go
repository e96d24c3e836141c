// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// checkTracked compares a release with the git repository that it was built in: the source archive has what is in the directory, a key or an editor's backup
// as well. It has to have the files that git tracks, and no others, as the commit has them, and a commit that the release names is the one that is checked out.
func (p *publisher) checkTracked(r described) error {
	if _, err := os.Stat(filepath.Join(p.workspace, ".git")); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(os.Stderr, "publish: there is no .git: whether the archive has files of no commit was not checked")
		return nil
	}
	packed, err := p.packed(r.Version)
	if err != nil {
		return err
	}
	list, err := p.runGit("ls-files", "-z")
	if err != nil {
		return err
	}
	tracked := map[string]bool{}
	for name := range strings.SplitSeq(strings.TrimSuffix(list, "\x00"), "\x00") {
		tracked[name] = true
	}
	var untracked []string
	for _, name := range packed {
		if !tracked[name] {
			untracked = append(untracked, name)
		}
		delete(tracked, name)
	}
	if len(untracked) > 0 {
		return errcode.ReleaseUntracked.Errorf("the source archive has %s, which git does not track; move %s out of the repository",
			strings.Join(quoteSome(untracked), ", "), map[bool]string{true: "it", false: "them"}[len(untracked) == 1])
	}
	if missing := slices.Sorted(maps.Keys(tracked)); len(missing) > 0 {
		return errcode.ReleaseUntracked.Errorf("the source archive lacks %s; symbolic links are not packed", strings.Join(quoteSome(missing), ", "))
	}
	changed, err := p.runGit("diff", "--name-only", "-z", "HEAD")
	if err != nil {
		return err
	}
	if changed != "" {
		names := strings.Split(strings.TrimSuffix(changed, "\x00"), "\x00")
		return errcode.ReleaseUntracked.Errorf("%s: differs from the commit; commit or undo the change", strings.Join(quoteSome(names), ", "))
	}
	head, err := p.runGit("rev-parse", "HEAD")
	if err != nil {
		return err
	}
	if head = strings.TrimSpace(head); r.Commit != "" && r.Commit != head {
		return errcode.ReleaseUntracked.Errorf("the release is stamped with the commit %q, and %s is checked out; set RULES_HYP_COMMIT=\"$(git rev-parse HEAD)\"", r.Commit, head)
	}
	return nil
}

// quoteSome returns the first names, quoted, and the number of the others.
func quoteSome(names []string) []string {
	const most = 5
	var quoted []string
	for _, name := range names[:min(len(names), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	if more := len(names) - most; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return quoted
}

// packed returns the paths of the files in the source archive of a version, without its directory.
func (p *publisher) packed(version string) ([]string, error) {
	top := "rules_hyp-" + version
	data, err := p.read(top + ".tar.gz")
	if err != nil {
		return nil, err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errcode.ReleaseUnbuilt.Errorf("%s.tar.gz: %w", top, err)
	}
	var names []string
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return names, nil
		}
		if err != nil {
			return nil, errcode.ReleaseUnbuilt.Errorf("%s.tar.gz: %w", top, err)
		}
		if header.Typeflag == tar.TypeDir {
			continue
		}
		names = append(names, strings.TrimPrefix(header.Name, top+"/"))
	}
}

// runGit runs git, of a package, in the repository, which may be another user's.
func (p *publisher) runGit(args ...string) (string, error) {
	cmd := exec.Command(p.git, append([]string{"-c", "safe.directory=*"}, args...)...)
	cmd.Dir = p.workspace
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		return "", errcode.ReleaseUntracked.Errorf("git %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(messages.Bytes()))
	}
	return string(out), nil
}
