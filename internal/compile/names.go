// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// WriteNames writes those of the headers that share the last part of their paths with another one, sorted. Which of them an #include finds may change
// when one is added or removed; with all others it is always the same. The directories of Bazel's configurations are left out.
func WriteNames(out string, headers []string) error {
	byBase := map[string][]string{}
	for _, h := range headers {
		h = withoutConfiguration(path.Clean(h))
		byBase[path.Base(h)] = append(byBase[path.Base(h)], h)
	}
	var shared []string
	for _, names := range byBase {
		slices.Sort(names)
		if names = slices.Compact(names); len(names) > 1 {
			shared = append(shared, names...)
		}
	}
	slices.Sort(shared)
	// Not empty: there are remote execution servers that do not have an empty file.
	return fileio.WriteBytes(out, []byte("# Headers that share a name.\n"+strings.Join(append(shared, ""), "\n")))
}

// withoutConfiguration returns bazel-out/cfg/REST for bazel-out/CONFIGURATION/REST, as Bazel maps paths.
func withoutConfiguration(name string) string {
	const outputs = "bazel-out/"
	if rest, ok := strings.CutPrefix(name, outputs); ok {
		if _, rest, ok := strings.Cut(rest, "/"); ok {
			return outputs + "cfg/" + rest
		}
	}
	return name
}

// asks are the preprocessor's questions whether there is a file. The answer is no file that is read.
var asks = [][]byte{[]byte("__has_include"), []byte("__has_embed")}

// asksForHeaders reports whether a file has one of these words. The compiler has removed temporary files; directories are arguments of options.
func asksForHeaders(files []string) (bool, error) {
	for _, name := range files {
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular():
			continue
		case err != nil:
			return false, err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return false, err
		}
		for _, word := range asks {
			if bytes.Contains(text, word) {
				return true, nil
			}
		}
	}
	return false, nil
}
