// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/link"
)

// parseBuildID returns what --build-id asks for, nil for none. An empty style is
// that of the option without a value.
func parseBuildID(style string) (*link.BuildID, error) {
	switch style {
	case "none":
		return nil, nil
	case "", "sha1":
		return &link.BuildID{New: sha1.New}, nil
	case "md5":
		return &link.BuildID{New: md5.New}, nil
	case "uuid":
		return nil, usagef(errcode.OptionValue, "--build-id=uuid is not taken: it is another one in each link; use sha1, md5 or 0xHEX")
	}
	digits, ok := strings.CutPrefix(style, "0x")
	if !ok {
		digits, ok = strings.CutPrefix(style, "0X")
	}
	if !ok {
		return nil, usagef(errcode.OptionValue, "--build-id=%s is not taken; want sha1, md5, 0xHEX or none", style)
	}
	// GNU ld lets dashes and colons stand between bytes.
	id, err := hex.DecodeString(strings.NewReplacer("-", "", ":", "").Replace(digits))
	if err != nil || len(id) == 0 {
		return nil, usagef(errcode.OptionValue, "--build-id=%s: want an even number of hexadecimal digits after 0x", style)
	}
	if len(id) > maxBuildID {
		return nil, usagef(errcode.OptionValue, "--build-id=%s…: %d bytes, want at most %d", style[:16], len(id), maxBuildID)
	}
	return &link.BuildID{Bytes: id}, nil
}

// maxBuildID is more than any digest has, in bytes.
const maxBuildID = 64
