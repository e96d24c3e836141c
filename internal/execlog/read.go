// SPDX-License-Identifier: Apache-2.0

package execlog

import "bytes"

// zstdMagic begins a zstd frame (RFC 8878, section 3.1.1).
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// Read reads a log. The name is for errors. Data may change after Read.
//
// Memory is bounded by maxKept, whatever the log claims.
func Read(name string, data []byte) (*Log, error) { return read(name, data, maxKept) }

// read is Read with another limit.
func read(name string, data []byte, limit int64) (*Log, error) {
	b := newBuilder()
	b.limit = limit
	var err error
	switch start := bytes.TrimLeft(data, " \t\r\n"); {
	case len(start) == 0:
		return &b.log, nil
	case start[0] == '{':
		b.log.Format = JSON
		err = readJSON(name, data, b)
	case bytes.HasPrefix(data, zstdMagic):
		b.log.Format = Compact
		err = readCompact(name, data, b)
	default:
		b.log.Format = Binary
		err = readBinary(name, data, b)
	}
	if err != nil {
		return nil, err
	}
	return &b.log, nil
}
