// SPDX-License-Identifier: Apache-2.0

package vary

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// pause is the time between two looks at the clock.
const pause = 5 * time.Millisecond

// observe writes what this process sees.
func observe(dir, file string) error {
	o := Observation{Env: map[string]string{}}
	o.Dir, _ = os.Getwd()
	o.HostName, _ = os.Hostname()
	if u, err := user.LookupId(fmt.Sprint(os.Getuid())); err == nil {
		o.User, o.Home = u.Username, u.HomeDir
	}
	o.Umask = unix.Umask(0)
	unix.Umask(o.Umask)
	o.Processors = runtime.NumCPU()
	o.Now = time.Now().UnixNano()
	time.Sleep(pause)
	o.Later = time.Now().UnixNano()
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		o.Env[name] = value
	}
	o.Locales = hasLocale(o.Env["LC_ALL"])
	var err error
	if o.Order, err = order(dir); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	for _, name := range files {
		var st unix.Stat_t
		if unix.Stat(name, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG {
			o.ModTime, o.Inode = st.Mtim.Sec, st.Ino
			o.Real, _ = filepath.EvalSymlinks(name)
			break
		}
	}
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// localeDir is where the GNU C library looks for locales.
const localeDir = "/usr/lib/locale"

// hasLocale reports whether the C library has the files of a locale: a directory, or an
// entry of its archive. C is built in.
func hasLocale(name string) bool {
	if name == "" || name == "C" || name == "POSIX" {
		return true
	}
	// The C library writes the name of the character set in lower case, without a hyphen.
	language, set, _ := strings.Cut(name, ".")
	short := language + "." + strings.ToLower(strings.ReplaceAll(set, "-", ""))
	for _, dir := range []string{name, short, language} {
		if _, err := os.Stat(filepath.Join(localeDir, dir, "LC_CTYPE")); err == nil {
			return true
		}
	}
	archive, err := os.ReadFile(filepath.Join(localeDir, "locale-archive"))
	return err == nil && bytes.Contains(archive, []byte("\x00"+short+"\x00"))
}

// order tells in which order the files of a directory are listed. What is read entry by
// entry is in the kernel's order, also if each listing is reversed.
func order(dir string) (string, error) {
	single, err := list(dir, entryHeader+13) // room for one entry whose name is short
	if err != nil {
		return "", err
	}
	whole, err := list(dir, 1<<15)
	if err != nil {
		return "", err
	}
	reverse := slices.Clone(single)
	slices.Reverse(reverse)
	switch {
	case slices.Equal(whole, single):
		return KernelOrder, nil
	case slices.Equal(whole, reverse):
		return Reversed, nil
	}
	return OtherOrder, nil
}

// list lists a directory with a buffer of a size. Names that are longer than the buffer
// has room for are an error.
func list(dir string, size int) ([]string, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errcode.VariationUnavailable.Errorf("%s: %w", dir, err)
	}
	defer unix.Close(fd)
	var names []string
	for buffer := make([]byte, size); ; {
		n, err := unix.Getdents(fd, buffer)
		if err != nil {
			return nil, errcode.VariationUnavailable.Errorf("%s: cannot be listed: %w", dir, err)
		}
		if n == 0 {
			return names, nil
		}
		for entry := buffer[:n]; len(entry) > entryHeader; {
			length := int(entry[entryLength]) | int(entry[entryLength+1])<<8
			if length <= entryHeader || length > len(entry) {
				return nil, errcode.VariationUnavailable.Errorf("%s: has a damaged entry", dir)
			}
			name, _, _ := bytes.Cut(entry[entryHeader:length], []byte{0})
			names = append(names, string(name))
			entry = entry[length:]
		}
	}
}

// Check starts a process under the conditions and finds out whether it sees them. The
// error is the reason why they cannot be had here. The directory must be writable;
// userName is the one in spec.Passwd.
func Check(ctx context.Context, spec Spec, userName, dir string) error {
	listed, file := filepath.Join(dir, "listed"), filepath.Join(dir, "seen")
	if err := os.MkdirAll(listed, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(listed)
	defer os.Remove(file)
	for i := range 4 {
		if err := os.WriteFile(filepath.Join(listed, fmt.Sprint(i)), nil, 0o644); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	spec.Dir, spec.After = dir, nil
	spec.Commands = [][]string{append([]string{self}, ObserveArgs(listed, file)...)}
	var output bytes.Buffer
	code, err := Run(ctx, spec, os.Environ(), &output, &output)
	if err != nil {
		return err
	}
	var o Observation
	data, err := os.ReadFile(file)
	if code != 0 || err != nil || json.Unmarshal(data, &o) != nil {
		return errcode.VariationUnavailable.Errorf("a first process ended with exit code %d: %s", code, strings.TrimSpace(output.String()))
	}
	switch shift := time.Until(time.Unix(0, o.Now)); {
	case spec.HostName != "" && o.HostName != spec.HostName:
		return errcode.VariationUnseen.Errorf("a process sees the host name %q", o.HostName)
	case spec.Passwd != "" && o.User != userName:
		return errcode.VariationUnseen.Errorf("a process sees the user name %q", o.User)
	case spec.Umask >= 0 && o.Umask != spec.Umask:
		return errcode.VariationUnseen.Errorf("a process sees the umask %03o", o.Umask)
	case spec.Processors != 0 && o.Processors != spec.Processors:
		return errcode.VariationUnseen.Errorf("a process sees %d processors", o.Processors)
	case spec.Stopped != 0 && (o.Now != spec.Stopped || o.Later != o.Now):
		return errcode.VariationUnseen.Errorf("a process sees a clock that goes on")
	case spec.Stopped == 0 && spec.Clock != 0 && (shift-spec.Clock).Abs() > time.Minute:
		return errcode.VariationUnseen.Errorf("a process sees a clock that is off by %s", shift)
	case spec.ReverseDirs && o.Order != Reversed:
		return errcode.VariationUnseen.Errorf("a process lists files in an order that is %s", o.Order)
	}
	return nil
}
