// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// UncompiledError says that no command of a dry run makes an object that is linked.
type UncompiledError struct{ Object, linked string }

// Error formats e as one line.
func (e *UncompiledError) Error() string {
	return fmt.Sprintf("no command compiles %s, which %s is linked from; its source may be missing", e.Object, e.linked)
}

// ErrorCode returns the kind of the error.
func (e *UncompiledError) ErrorCode() errcode.Code { return errcode.LinkIncomplete }
