// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of build/bazel/remote/execution/v2/remote_execution.proto and of google/bytestream/bytestream.proto. The few messages that the
// proxy reads are decoded by hand: the generated code brings a dozen modules.
const (
	digestHash, digestSize = 1, 2
	resultOutputFiles      = 2  // ActionResult
	outputFileDigest       = 2  // OutputFile
	lowAPIVersion          = 4  // ServerCapabilities
	semVerMajor            = 1  // SemVer
	resourceName           = 1  // ReadRequest, WriteRequest
	batchReadDigests       = 2  // BatchReadBlobsRequest
	readData               = 10 // ReadResponse
	writtenData            = 10 // WriteRequest
	missingDigests         = 2  // FindMissingBlobsResponse
)

// fields calls visit for each field of a message: value is the contents of a length-delimited one, otherwise nil; raw is the field with its tag. It stops
// where the message is malformed.
func fields(message []byte, visit func(number protowire.Number, value, raw []byte)) {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return
		}
		length := protowire.ConsumeFieldValue(number, kind, message[n:])
		if length < 0 {
			return
		}
		var value []byte
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(message[n:])
		}
		visit(number, value, message[:n+length])
		message = message[n+length:]
	}
}

// edit returns a message with each length-delimited field of one number changed; nil removes it.
func edit(message []byte, number protowire.Number, change func(value []byte) []byte) []byte {
	var out []byte
	fields(message, func(n protowire.Number, value, raw []byte) {
		if n != number || value == nil {
			out = append(out, raw...)
			return
		}
		if changed := change(value); changed != nil {
			out = protowire.AppendTag(out, number, protowire.BytesType)
			out = protowire.AppendBytes(out, changed)
		}
	})
	return out
}

// lowerVersion makes a ServerCapabilities support clients of REAPI 2.0: Bazel before 8 announces no newer one, and servers ask for 2.1. What changed between
// the two, such as which digest functions a client may use, is nothing that Bazel uses without being told by the other capabilities.
func lowerVersion(message []byte) []byte {
	out := edit(message, lowAPIVersion, func([]byte) []byte { return nil })
	var version []byte
	version = protowire.AppendTag(version, semVerMajor, protowire.VarintType)
	version = protowire.AppendVarint(version, 2)
	out = protowire.AppendTag(out, lowAPIVersion, protowire.BytesType)
	return protowire.AppendBytes(out, version)
}

// parseDigest decodes a Digest.
func parseDigest(message []byte) Digest {
	var d Digest
	fields(message, func(number protowire.Number, value, raw []byte) {
		switch {
		case number == digestHash && value != nil:
			d.Hash = string(value)
		case number == digestSize && value == nil:
			_, _, n := protowire.ConsumeTag(raw)
			size, _ := protowire.ConsumeVarint(raw[n:])
			d.Size = int64(size)
		}
	})
	return d
}

// appendDigest encodes a Digest.
func appendDigest(d Digest) []byte {
	var out []byte
	out = protowire.AppendTag(out, digestHash, protowire.BytesType)
	out = protowire.AppendString(out, d.Hash)
	out = protowire.AppendTag(out, digestSize, protowire.VarintType)
	return protowire.AppendVarint(out, uint64(d.Size))
}

// resourceDigest returns the blob in the resource name of a ReadRequest or WriteRequest, if it has one: "[INSTANCE/][uploads/UUID/]blobs/HASH/SIZE".
func resourceDigest(message []byte) []Digest {
	var found []Digest
	fields(message, func(number protowire.Number, value, _ []byte) {
		if number != resourceName || value == nil {
			return
		}
		_, rest, ok := strings.Cut("/"+string(value), "blobs/")
		parts := strings.Split(rest, "/")
		if !ok || len(parts) < 2 {
			return
		}
		if size, err := strconv.ParseInt(parts[1], 10, 64); err == nil {
			found = append(found, Digest{parts[0], size})
		}
	})
	return found
}

// batchDigests returns the blobs that a BatchReadBlobsRequest asks for.
func batchDigests(message []byte) []Digest {
	var found []Digest
	fields(message, func(number protowire.Number, value, _ []byte) {
		if number == batchReadDigests && value != nil {
			found = append(found, parseDigest(value))
		}
	})
	return found
}

// Requested returns the blob that a ReadRequest asks for.
func Requested(request []byte) Digest {
	if found := resourceDigest(request); len(found) == 1 {
		return found[0]
	}
	return Digest{}
}

// FlipByte changes one bit of the data in a ReadResponse.
func FlipByte(reply []byte) []byte {
	return edit(reply, readData, flip)
}

// flip returns a copy of data with one bit changed.
func flip(data []byte) []byte {
	data = append([]byte{}, data...)
	if len(data) > 0 {
		data[len(data)/2] ^= 1
	}
	return data
}

// NothingMissing makes a FindMissingBlobsResponse say that the server has all blobs.
func NothingMissing(reply []byte) []byte {
	return edit(reply, missingDigests, func([]byte) []byte { return nil })
}

// ReplaceOutput makes an ActionResult that has an output file with one digest name another.
func ReplaceOutput(result []byte, from, to Digest) []byte {
	return edit(result, resultOutputFiles, func(file []byte) []byte {
		return edit(file, outputFileDigest, func(digest []byte) []byte {
			if parseDigest(digest) == from {
				return appendDigest(to)
			}
			return digest
		})
	})
}

// FlipWritten changes one bit of the data in a WriteRequest.
func FlipWritten(request []byte) []byte {
	return edit(request, writtenData, flip)
}
