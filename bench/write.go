// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// write writes a report into docs/performance.md, between the markers of its case, and the pictures next to it.
func (r report) write(docs, name, machine string) error {
	path := filepath.Join(docs, "performance.md")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := replaceMarked(string(data), name, fmt.Sprintf("%s\nMeasured %s on %s.\n", r.text, time.Now().UTC().Format(time.DateOnly), machine))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for picture, content := range r.pictures {
		if err := fileio.WriteBytes(filepath.Join(docs, picture), []byte(content)); err != nil {
			return err
		}
	}
	return fileio.WriteBytes(path, []byte(text))
}

// replaceMarked replaces the text between <!-- bench NAME --> and <!-- /bench NAME -->.
func replaceMarked(text, name, content string) (string, error) {
	begin, end := "<!-- bench "+name+" -->\n", "<!-- /bench "+name+" -->"
	before, rest, ok := strings.Cut(text, begin)
	if !ok {
		return "", fmt.Errorf("has no line %q", strings.TrimSpace(begin))
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("has no line %q after %q", end, strings.TrimSpace(begin))
	}
	return before + begin + "\n" + content + "\n" + end + after, nil
}

// describeMachine describes the machine and the file system of out.
func describeMachine(out string) (string, error) {
	cpu, err := fieldOf("/proc/cpuinfo", "model name")
	if err != nil {
		return "", err
	}
	memory, err := fieldOf("/proc/meminfo", "MemTotal")
	if err != nil {
		return "", err
	}
	var kib int64
	if _, err := fmt.Sscan(memory, &kib); err != nil {
		return "", fmt.Errorf("/proc/meminfo: MemTotal: got %q", memory)
	}
	// Without the distribution's suffix.
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "", err
	}
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "", err
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(release)), "-")
	minute, _, _ := strings.Cut(string(load), " ")
	var fs syscall.Statfs_t
	if err := syscall.Statfs(out, &fs); err != nil {
		return "", fmt.Errorf("%s: %w", out, err)
	}
	return fmt.Sprintf("%d processors (%s), %.0f GiB, Linux %s, inputs and outputs on %s, load average %s before the run", runtime.NumCPU(), cpu,
		float64(kib)/(1<<20), version, fileSystem(int64(fs.Type)), minute), nil
}

// fieldOf returns the value of the first line NAME: VALUE of a file.
func fieldOf(path, name string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("%s: no field %s", path, name)
}

// fileSystem returns the name of a file system with a magic number (statfs(2)).
func fileSystem(magic int64) string {
	names := map[int64]string{0xef53: "ext4", 0x01021994: "tmpfs", 0x794c7630: "overlayfs", 0x9123683e: "btrfs", 0x58465342: "xfs"}
	if name, ok := names[magic]; ok {
		return name
	}
	return fmt.Sprintf("a file system of type %#x", magic)
}
