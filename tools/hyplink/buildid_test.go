// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

func TestParseBuildID(t *testing.T) {
	long := strings.Repeat("ab", 65)
	for style, want := range map[string]string{
		"":              "20 bytes",
		"sha1":          "20 bytes",
		"md5":           "16 bytes",
		"none":          "none",
		"0xabCD":        "abcd",
		"0XAB-cd:01":    "abcd01",
		"0x" + long[2:]: long[2:],
		"uuid":          "--build-id=uuid is not taken: it is another one in each link; use sha1, md5 or 0xHEX",
		"fast":          "--build-id=fast is not taken; want sha1, md5, 0xHEX or none",
		"SHA1":          "--build-id=SHA1 is not taken; want sha1, md5, 0xHEX or none",
		"0x":            "--build-id=0x: want an even number of hexadecimal digits after 0x",
		"0x123":         "--build-id=0x123: want an even number of hexadecimal digits after 0x",
		"0xg0":          "--build-id=0xg0: want an even number of hexadecimal digits after 0x",
		"0x" + long:     "--build-id=0xababababababab…: 65 bytes, want at most 64",
	} {
		id, err := parseBuildID(style)
		got := "none"
		switch {
		case err != nil:
			got = err.Error()
		case id != nil && id.New != nil:
			got = fmt.Sprintf("%d bytes", id.New().Size())
		case id != nil:
			got = hex.EncodeToString(id.Bytes)
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", style, got, want)
		}
	}
}
