// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"os/exec"
	"strings"
)

// ShellCheck runs shellcheck on the shell scripts among the files, in an empty
// directory; it follows what they source, by `# shellcheck source=`. The error has
// its output.
func ShellCheck(program, dir string, files []File) error {
	paths, err := writeFiles(dir, Scripts(files))
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return fmt.Errorf("none of the %d files is a shell script", len(files))
	}
	// --norc: no settings of the directories above.
	command := exec.Command(program, append([]string{"--norc", "--external-sources", "--format=gcc"}, paths...)...)
	command.Dir = dir
	// The program reads files in the locale's encoding.
	command.Env = append(command.Environ(), "LC_ALL=C.UTF-8")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("shellcheck: %w\n%s", err, output)
	}
	return nil
}

// Scripts returns the shell scripts among the files, but for test data.
func Scripts(files []File) []File {
	var scripts []File
	for _, file := range files {
		if isShell(file) && !strings.Contains(file.Path, "testdata/") {
			scripts = append(scripts, file)
		}
	}
	return scripts
}
