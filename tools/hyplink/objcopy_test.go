// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"
)

// A new OUT of objcopy has default permissions, whatever IN has, and an existing
// file keeps its own (GNU objcopy 2.40 to 2.47, for relocatable objects; LLVM's
// gives a new OUT those of IN).
func TestObjcopyPermissions(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o027))
	for _, c := range []struct {
		name    string
		in, out os.FileMode // 0: there is no such file
		args    string
		want    os.FileMode
	}{
		{"new, from an executable file", 0o755, 0, "good.o out.o", 0o640},
		{"new, from a private file", 0o600, 0, "good.o out.o", 0o640},
		{"existing", 0o755, 0o604, "good.o out.o", 0o604},
		{"in place, executable", 0o755, 0, "good.o", 0o755},
		{"in place, private", 0o600, 0, "good.o", 0o600},
	} {
		t.Run(c.name, func(t *testing.T) {
			sampleDir(t)
			if err := os.Chmod("good.o", c.in); err != nil {
				t.Fatal(err)
			}
			args := strings.Fields("objcopy --prefix-symbols=p_ " + c.args)
			result := args[len(args)-1]
			if c.out != 0 {
				if err := os.WriteFile("out.o", nil, 0o666); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod("out.o", c.out); err != nil {
					t.Fatal(err)
				}
			}
			var messages bytes.Buffer
			if code := run(commands, args, &messages, &messages); code != 0 {
				t.Fatalf("exit code %d: %s", code, messages.String())
			}
			if st, err := os.Stat(result); err != nil || st.Mode() != c.want {
				t.Errorf("%s: %v, %v, want %v", result, st, err, c.want)
			}
		})
	}
}
