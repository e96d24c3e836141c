// SPDX-License-Identifier: Apache-2.0

package fileio

import (
	"bytes"
	"debug/elf"
	"io"
	"os"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// maxText limits how many bytes are read from a file that is not regular, such
// as a device without an end.
const maxText = 16 << 20

// ReadText reads a text file, such as a linker script, a policy file or a list
// of names. The file may be a pipe. what says for messages what kind of file is
// expected, for example "a policy file".
func ReadText(path, what string) ([]byte, error) {
	fail := func(code errcode.Code, offset int64, problem, advice string) ([]byte, error) {
		return nil, &Error{Code: code, Path: path, Offset: offset, What: problem, Advice: advice}
	}
	st, err := os.Stat(path)
	var text []byte
	switch {
	case err != nil:
	case st.IsDir():
		return fail(errcode.FileKind, -1, "is a directory", "give the path of "+what)
	case st.Mode().IsRegular():
		text, err = os.ReadFile(path)
	default:
		text, err = readLimited(path)
	}
	switch {
	case err != nil:
		return fail(errcode.FileNotOpened, -1, "cannot be opened: "+cause(err), "check the path and its permissions")
	case len(text) > maxText && !st.Mode().IsRegular():
		return fail(errcode.FileKind, -1, "is not a regular file and has more than 16 MiB", "give the path of "+what)
	case bytes.HasPrefix(text, []byte(elf.ELFMAG)):
		return fail(errcode.NotText, -1, "is an ELF file", "give the path of "+what)
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return fail(errcode.NotText, int64(i), "is not a text file: it has a zero byte", "give the path of "+what)
	}
	return text, nil
}

// readLimited reads up to maxText bytes, and one more to detect a longer file.
func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxText+1))
}
