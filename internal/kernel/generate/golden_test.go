// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

var updateGolden = flag.Bool("update-golden", false, "write the golden files")

// dirOf returns the directory of a dry run in testdata/golden.
func dirOf(name string) string {
	for part, dir := range map[string]string{"-linux-": DefaultDir, "-pi-": "arch/arm64/kernel/pi", "-libstub-": "drivers/firmware/efi/libstub"} {
		if strings.Contains(name, part) {
			return dir
		}
	}
	return "virt/el2"
}

// The inputs are make's output for three kernels (cut down to four objects), and for two invented directories: one with another prefix, without
// relocations and with options of one file; one compiled with clang. The others have objects that are renamed one by one: pi and the EFI stub.
func TestGolden(t *testing.T) {
	inputs, err := filepath.Glob("testdata/golden/*.in")
	if err != nil || len(inputs) < 5 {
		t.Fatalf("got %d inputs, %v; want 5 or more", len(inputs), err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(input), func(t *testing.T) {
			text, err := os.ReadFile(input)
			if err != nil {
				t.Fatal(err)
			}
			transcript, err := kbuild.FromDryRun(string(text), dirOf(input), "/src/linux", "1.2.3")
			if err != nil {
				t.Fatal(err)
			}
			got := write(t, transcript)
			golden := strings.TrimSuffix(input, ".in") + ".golden"
			if *updateGolden {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s: got\n%s\nwant\n%s", golden, got, want)
			}

			// A transcript does not change when it is written and read again.
			again, err := kbuild.ParseTranscript(transcript.Format())
			if err != nil {
				t.Fatal(err)
			}
			if again.Format() != transcript.Format() {
				t.Errorf("transcript written twice: got\n%s\nwant\n%s", again.Format(), transcript.Format())
			}
			if second := write(t, again); !bytes.Equal(second, got) {
				t.Errorf("from the transcript: got\n%s\nwant\n%s", second, got)
			}
		})
	}
}

func write(t *testing.T, transcript *kbuild.Transcript) []byte {
	t.Helper()
	request := &Request{
		BuildFile: "BUILD.bazel",
		Build:     buildfile.Options{Repository: "linux", Rules: "@rules_hyp//rules:defs.bzl", Name: "hyp_o", Command: "hypgen"},
	}
	files, err := request.Files(transcript, nil)
	if err != nil || len(files) != 1 {
		t.Fatalf("got %d files, %v; want the BUILD file", len(files), err)
	}
	return files[0].Text
}
