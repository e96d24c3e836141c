// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

const (
	readyNVHE = "[    0.1] kvm [1]: Hyp mode initialized successfully\r\n"
	readyP    = "[    0.1] kvm [1]: Protected nVHE mode initialized successfully\r\n"
	guestRan  = "hypboot: running the guest\r\nhypboot: marker 0x7\r\nhypboot: done\r\n"
)

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name, mode, console string
		exit                error
		want                []string // of the error; none for success
	}{
		{"nvhe", "nvhe", readyNVHE + guestRan, nil, nil},
		{"nvhe of 6.12", "nvhe", strings.Replace(readyNVHE, "Hyp mode", "Hyp nVHE mode", 1) + guestRan, nil, nil},
		{"protected", "protected", readyP + guestRan, nil, nil},
		{"empty", "nvhe", "", nil, []string{"did not start the guest", `got "nothing"`}},
		{"VHE", "nvhe", "kvm [1]: VHE mode initialized successfully\r\n" + guestRan, nil, []string{`got "VHE mode initialized successfully" from the kernel`}},
		{"protected in place of nvhe", "nvhe", readyP + guestRan, nil, []string{`got "Protected nVHE`}},
		{"nvhe in place of protected", "protected", readyNVHE + guestRan, nil, []string{`got "Hyp mode`}},
		{"nvhe of 6.12 in place of protected", "protected", strings.Replace(readyNVHE, "Hyp mode", "Hyp nVHE mode", 1) + guestRan, nil, []string{`got "Hyp nVHE mode`}},
		{"a guest without result", "nvhe", readyNVHE + "hypboot: running the guest\r\n", nil, []string{"nothing was seen of it"}},
		{
			"the first process failed", "nvhe", readyNVHE + "hypboot: failed: open /dev/kvm: no such device\r\nmore", nil,
			[]string{"hypboot: failed: open /dev/kvm: no such device"},
		},
		{"a panic after the result", "nvhe", readyNVHE + guestRan + "Kernel panic - not syncing: HYP panic:\r\n", nil, []string{"the hypervisor panicked"}},
		{"the emulator failed", "nvhe", readyNVHE + guestRan, errors.New("exit status 1"), []string{"exit status 1"}},
		{"another marker", "nvhe", readyNVHE + strings.Replace(guestRan, "0x7", "0x8", 1), nil, []string{`"hypboot: marker 0x7" is not on the console`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &settings{Mode: c.mode}
			if c.want == nil || c.name == "another marker" {
				s.Expect = []string{"hypboot: marker 0x7"}
			}
			err := judge(s, []byte(c.console), c.exit)
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		})
	}
}

// TestLines checks that each thing that is wrong has its own line and code.
func TestLines(t *testing.T) {
	err := judge(&settings{Mode: "nvhe", Expect: []string{"a"}}, nil, errcode.BootTimeout.Errorf("too slow"))
	want := []string{
		"the kernel did not start the guest [E8705]",
		"too slow [E8702]",
		`mode nvhe: got "nothing" from the kernel, want "Hyp mode initialized successfully" [E8706]`,
		`expect: "a" is not on the console [E8707]`,
	}
	if got := errcode.Lines(err); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWanted(t *testing.T) {
	panicked := errors.New("the hypervisor panicked\n  at f+0x4")
	for _, c := range []struct {
		name    string
		failure []string
		verdict error
		want    string
	}{
		{"success", nil, nil, ""},
		{"failure", nil, panicked, "panicked"},
		{"the failure that was wanted", []string{"panicked", "at f+"}, panicked, ""},
		{"another failure", []string{"panicked", "at g+"}, panicked, `without "at g+": the hypervisor panicked`},
		{"success instead of a failure", []string{"at f+"}, nil, "the boot succeeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := wanted(&settings{Failure: c.failure}, c.verdict)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestParseSettings(t *testing.T) {
	good := `{"emulator": "q", "image": "i", "init": "n", "mode": "nvhe", "seconds": 60}`
	for _, c := range []struct{ name, text, want string }{
		{"good", good, ""},
		{"empty", "", "EOF"},
		{"unknown", strings.Replace(good, "{", `{"more": 1, `, 1), "more"},
		{"no emulator", strings.Replace(good, `"q"`, `""`, 1), "emulator"},
		{"no image", strings.Replace(good, `"i"`, `""`, 1), "image"},
		{"no init", strings.Replace(good, `"n"`, `""`, 1), "init"},
		{"mode", strings.Replace(good, `"nvhe"`, `"vhe"`, 1), `mode: got "vhe"`},
		{"seconds", strings.Replace(good, "60", "0", 1), "seconds: got 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseSettings([]byte(c.text))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestInitrd(t *testing.T) {
	got := string(newInitrd([]byte("program")).end())
	want := "07070100000001000041ed000000000000000000000001000000000000000000000000000000000000000000000000000000040000000" + "0dev\x00\x00\x00"
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got[:len(want)], want)
	}
	if len(got)%4 != 0 || strings.Count(got, "070701") != 4 {
		t.Errorf("got %d bytes with %d entries, want a multiple of 4 with 4", len(got), strings.Count(got, "070701"))
	}
	if !strings.Contains(got, "init\x00\x00program\x00") {
		t.Error("the program is not in it, at a multiple of 4 after its name")
	}
}

func TestLastLine(t *testing.T) {
	for text, want := range map[string]string{"": "", "a": "a", "a\r\nb\r\n\r\n": "b", "\n": ""} {
		if got := lastLine(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestLimited(t *testing.T) {
	l := &limited{left: 5}
	for _, text := range []string{"abc", "def", "ghi"} {
		if n, err := l.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("Write(%q): got %d %v, want %d", text, n, err, len(text))
		}
	}
	if got := l.text.String(); got != "abcde" {
		t.Errorf("got %q, want abcde", got)
	}
}
