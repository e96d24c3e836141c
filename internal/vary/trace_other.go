// SPDX-License-Identifier: Apache-2.0

//go:build linux && !amd64

package vary

import "errors"

const (
	canTrace  = false
	auditArch = 0
)

func rules(*Spec) []rule { return nil }

func (t *tracer) enter(int) (func() error, error) { return nil, errors.ErrUnsupported }

func (t *tracer) hideVDSO(int) error { return errors.ErrUnsupported }
