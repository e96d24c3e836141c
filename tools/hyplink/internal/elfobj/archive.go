package elfobj

import "bytes"

const (
	archiveMagic     = "!<arch>\n"
	thinArchiveMagic = "!<thin>\n"
)

// IsArchive reports whether data starts as an archive of ar(1), thin or not.
func IsArchive(data []byte) bool {
	return bytes.HasPrefix(data, []byte(archiveMagic)) || bytes.HasPrefix(data, []byte(thinArchiveMagic))
}
