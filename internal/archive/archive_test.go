// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// header makes a member header.
func header(name string, size int) string {
	return fmt.Sprintf("%-16s%-12d%-6d%-6d%-8o%-10d`\n", name, 0, 0, 0, 0o644, size)
}

// list lists the members of an archive.
func list(path string, data []byte) (ms []Member, err error) {
	err = Members(path, data, func(m Member) error {
		ms = append(ms, m)
		return nil
	})
	return ms, err
}

func TestMembers(t *testing.T) {
	long := "a_very_long_member_name.o/\nsub/dir/other_long_name.o/\n"
	gnu := elfobj.ArchiveMagic + header("/", 4) + "\x00\x00\x00\x00" + header("//", len(long)) + long + strings.Repeat("\n", len(long)%2) +
		header("short.o/", 3) + "abc\n" + header("/0", 2) + "de" + header("#1/8", 10) + "bsd.o\x00\x00\x00xy"
	thin := elfobj.ThinArchiveMagic + header("//", len(long)) + long + strings.Repeat("\n", len(long)%2) + header("/0", 1000) + header("/27            /", 2000)
	for _, tt := range []struct{ name, data, want string }{
		{"empty", elfobj.ArchiveMagic, ""},
		{"gnu", gnu, `short.o="abc" a_very_long_member_name.o="de" bsd.o="xy"`},
		{"thin", thin, `a_very_long_member_name.o@lib/a_very_long_member_name.o sub/dir/other_long_name.o@lib/sub/dir/other_long_name.o`},
	} {
		ms, err := list("lib/x.a", []byte(tt.data))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, m := range ms {
			if m.Data != nil {
				got = append(got, fmt.Sprintf("%s=%q", m.Name, m.Data))
			} else {
				got = append(got, m.Name+"@"+m.Path)
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, s, tt.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ data, want string }{
		{elfobj.ArchiveMagic + "x", "x.a: +0x8: truncated member header; the archive is damaged: rebuild it"},
		{elfobj.ArchiveMagic + header("a.o/", 10) + "short", "x.a: +0x8: member a.o/ of 10 bytes extends past the end of the archive"},
		{elfobj.ArchiveMagic + strings.Replace(header("a.o/", 1), "`", "'", 1) + "x", "x.a: +0x8: not a member header"},
		{elfobj.ArchiveMagic + strings.Replace(header("a.o/", 1), "1         ", "z         ", 1) + "x", `x.a: +0x38: member size is "z", want a number`},
		{elfobj.ArchiveMagic + header("/5", 0), `x.a: +0x8: name "/5" is not in the table of long names`},
		{elfobj.ArchiveMagic + header("//", 5000) + strings.Repeat("a", 5000) + header("/3", 0), `x.a: +0x13cc: name "/3" is longer than 4096 bytes in the table of long names`},
		{elfobj.ArchiveMagic + header("#1/9", 2) + "ab", "x.a: +0x8: name of 9 bytes extends past the end of the member"},
		{elfobj.ThinArchiveMagic + header("//", 6) + "in.a/\n" + header("/0:60", 1), "x.a: +0x4a: thin archive refers to member 60 of another archive; use that archive as an input instead"},
	} {
		if _, err := list("x.a", []byte(tt.data)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("got %v\nwant %s", err, tt.want)
		}
	}
}

func FuzzMembers(f *testing.F) {
	f.Add([]byte(elfobj.ArchiveMagic + header("a.o/", 3) + "abc\n"))
	f.Add([]byte(elfobj.ThinArchiveMagic + header("a.o/", 3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !Is(data) {
			return
		}
		ms, err := list("x.a", data)
		if err != nil {
			return
		}
		total := 0
		for _, m := range ms {
			total += len(m.Data)
		}
		if total > len(data) {
			t.Errorf("members of %d bytes in an archive of %d", total, len(data))
		}
	})
}
