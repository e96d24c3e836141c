// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package vary

import (
	"context"
	"io"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// errLinux is why there are no other conditions.
var errLinux = errcode.VariationUnavailable.Errorf("conditions can be varied on Linux only")

// Hook returns at once.
func Hook() {}

// Run runs nothing: its error says that Linux is needed.
func Run(context.Context, Spec, []string, io.Writer, io.Writer) (int, error) { return 0, errLinux }

// Check finds that the conditions cannot be had.
func Check(context.Context, Spec, string, string) error { return errLinux }
