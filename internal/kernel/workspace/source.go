// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Source is where Bazel gets rules_hyp from: a checkout, an archive or a registry.
type Source struct {
	// Version is that of the bazel_dep.
	Version string
	// Checkout is a directory with rules_hyp, absolute or relative to the workspace.
	Checkout string
	// Archive is a URL, and Integrity its hash as Bazel writes them. StripPrefix is a directory in the archive.
	Archive, Integrity, StripPrefix string
	// Registry is a URL.
	Registry string
}

// override returns the statement that replaces the version of a registry, or nil.
func (s *Source) override() *build.CallExpr {
	var override *build.CallExpr
	switch {
	case s.Checkout != "":
		override = call("local_path_override", text("module_name", moduleName), text("path", s.Checkout))
	case s.Archive != "":
		override = call("archive_override", text("module_name", moduleName), text("integrity", s.Integrity))
		if s.StripPrefix != "" {
			override.List = append(override.List, text("strip_prefix", s.StripPrefix))
		}
		override.List = append(override.List, &build.AssignExpr{
			LHS: &build.Ident{Name: "urls"}, Op: "=", RHS: &build.ListExpr{List: []build.Expr{str(s.Archive)}},
		})
	default:
		return nil
	}
	override.ForceMultiLine = true
	return override
}

// Integrity returns a SHA-256 of 64 hexadecimal digits as Bazel's integrity.
func Integrity(sha256 string) (string, error) {
	sum, err := hex.DecodeString(sha256)
	if err != nil || len(sum) != 32 {
		return "", errcode.OptionValue.Errorf("got SHA-256 %q, want 64 hexadecimal digits", sha256)
	}
	return "sha256-" + base64.StdEncoding.EncodeToString(sum), nil
}

// IsCheckout tells whether a directory has the module rules_hyp. An empty name is no directory.
func IsCheckout(dir string) bool {
	if dir == "" {
		return false
	}
	name := filepath.Join(dir, "MODULE.bazel")
	text, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	module, err := ParseModule(name, text)
	return err == nil && module.IsRules()
}

// workspaceFile is a file in Bazel's output base with the path of the workspace.
const workspaceFile = "DO_NOT_BUILD_HERE"

// FindCheckout returns the checkout of rules_hyp that a program was built from; "" if there is none. command is how the program
// was called, absolute; program is its file, links resolved. In Bazel's output base, other than in an archive unpacked there, the
// checkout is the workspace, or a repository that is a link to it.
func FindCheckout(command, program string) string {
	for dir := filepath.Dir(command); ; dir = filepath.Dir(dir) {
		// In the directory that actions run in, MODULE.bazel is a link; it has no other files than what the last build needed.
		info, err := os.Lstat(filepath.Join(dir, "MODULE.bazel"))
		if err == nil && info.Mode().IsRegular() && IsCheckout(dir) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for dir := filepath.Dir(program); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		root, err := os.ReadFile(filepath.Join(dir, workspaceFile))
		if err != nil {
			continue
		}
		if root := strings.TrimSpace(string(root)); IsCheckout(root) {
			return root
		}
		for _, repository := range []string{"rules_hyp~", "rules_hyp+", "rules_hyp"} {
			link := filepath.Join(dir, "external", repository)
			if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
				continue
			}
			if target, err := filepath.EvalSymlinks(link); err == nil && IsCheckout(target) {
				return target
			}
		}
	}
	return ""
}
