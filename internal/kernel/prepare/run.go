// SPDX-License-Identifier: Apache-2.0

package prepare

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

const (
	// tailLines and tailBytes are how much of make's output an error has.
	tailLines = 20
	tailBytes = 16 << 10
	// interval is the time between two lines about a step that goes on.
	interval = 10 * time.Second
)

// tail keeps the end of what is written to it. Both of make's streams write at once.
type tail struct {
	mutex sync.Mutex
	text  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.text = append(t.text, b...)
	if len(t.text) > 2*tailBytes {
		t.text = append([]byte(nil), t.text[len(t.text)-tailBytes:]...)
	}
	return len(b), nil
}

// lines returns the last lines that are not empty.
func (t *tail) lines(n int) []string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var lines []string
	for _, line := range strings.Split(string(t.text), "\n") {
		if line = strings.TrimRight(line, " \t\r"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-n):]
}

// missingSource are Kconfig's and make's messages about a file of the source tree that is not there.
var missingSource = []*regexp.Regexp{
	regexp.MustCompile(`Kconfig[^:\s]*:[0-9]+: can't open file "([^"]+)"`),
	regexp.MustCompile(`No rule to make target '([^']+\.[chS])'`),
}

// lackingFile says what to do if make's output is about a file that the source tree lacks: a checkout need not have all of a kernel.
func lackingFile(lines []string) string {
	for _, line := range lines {
		for _, message := range missingSource {
			if match := message.FindStringSubmatch(line); match != nil {
				return fmt.Sprintf("the source tree has no %s; if it is a sparse checkout, run `git sparse-checkout disable` in it, and if the file was removed, `git checkout -- .`; ", match[1])
			}
		}
	}
	return ""
}

// runMake runs make. The error has the end of its output.
func runMake(ctx context.Context, program string, arguments []string, progress func(string)) error {
	output := &tail{}
	command := exec.CommandContext(ctx, program, arguments...)
	command.Env = tree.Environment()
	command.Stdout, command.Stderr = output, output
	// make's children must not write any more when its object tree is removed.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		return errcode.PrepareFailed.Errorf("%s: %w", program, err)
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	started := time.Now()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			if ctx.Err() != nil {
				return errcode.Interrupted.Errorf("%s: interrupted", program)
			}
			if err != nil {
				return errcode.PrepareFailed.Errorf("%s: %w; %sits output ends with:\n%s", shell.Quote(append([]string{program}, arguments...)), err,
					lackingFile(output.lines(tailLines)), strings.Join(output.lines(tailLines), "\n"))
			}
			return nil
		case <-ticker.C:
			line := fmt.Sprintf("after %d s", int(time.Since(started).Seconds()))
			if last := output.lines(1); len(last) > 0 {
				line += ": " + strings.TrimSpace(last[0])
			}
			progress(line)
		}
	}
}
