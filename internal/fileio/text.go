package fileio

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
)

// maxText is the most that is read of what is no regular file, in bytes: a
// device may never end.
const maxText = 16 << 20

// ReadText reads a file that is text: a linker script, a policy, a list of
// names. Pipes are read as well. what is the kind of file that is wanted, with
// its article, for messages about something that cannot be one.
func ReadText(path, what string) ([]byte, error) {
	fail := func(offset int64, problem, advice string) ([]byte, error) {
		return nil, &Error{Path: path, Offset: offset, What: problem, Advice: advice}
	}
	st, err := os.Stat(path)
	var text []byte
	switch {
	case err != nil:
	case st.IsDir():
		return fail(-1, "is a directory", "give the path of "+what)
	case st.Mode().IsRegular():
		text, err = os.ReadFile(path)
	default:
		text, err = readEndless(path)
	}
	switch {
	case err != nil:
		return fail(-1, "cannot be opened: "+cause(err), "check the path and its permissions")
	case len(text) > maxText && !st.Mode().IsRegular():
		return fail(-1, "is not a regular file, and has more than 16 MiB", "give the path of "+what)
	case bytes.HasPrefix(text, []byte(elf.ELFMAG)):
		return fail(-1, "is an ELF file", "give the path of "+what)
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return fail(int64(i), "is not text: it has a zero byte", "give the path of "+what)
	}
	return text, nil
}

// readEndless reads one byte more than maxText at the most.
func readEndless(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxText+1))
}
