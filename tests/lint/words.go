// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"regexp"
	"strings"
)

// Marks of unfinished work, in parts so that this file does not have them.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

// An administrator's home, which other machines do not have. .ci/run looks for
// the directory of the source tree itself.
var machinePath = regexp.MustCompile(`(^|[\s"'=(:,])/root/`)

// The public hosts that files may name. A mirror is found at run time, in the settings of the machine.
var publicHosts = map[string]bool{
	"bazel.build":                  true,
	"bcr.bazel.build":              true,
	"cyclonedx.org":                true,
	"dl.google.com":                true,
	"docs.kernel.org":              true,
	"example.com":                  true,
	"example.org":                  true,
	"git.kernel.org":               true,
	"github.com":                   true,
	"go.dev":                       true,
	"in-toto.io":                   true,
	"localhost":                    true,
	"lore.kernel.org":              true,
	"pkg.go.dev":                   true,
	"slsa.dev":                     true,
	"sourceware.org":               true,
	"www.apache.org":               true,
	"www.kernel.org":               true,
	"www.w3.org":                   true,
	"refspecs.linuxfoundation.org": true,
}

var address = regexp.MustCompile(`\b(?:https?|git|ftp)://([A-Za-z0-9.-]*[A-Za-z0-9])`)

// Words finds marks of unfinished work, paths of one machine, and hosts that are not public.
func Words(files []File) []Fault {
	var faults []Fault
	for _, file := range Select(files, isText) {
		for number, line := range strings.Split(string(file.Text), "\n") {
			fault := func(what string) { faults = append(faults, Fault{file.Path, number + 1, what}) }
			if word := unfinished.FindString(line); word != "" {
				fault(word + ": finish it or leave it out")
			}
			if machinePath.MatchString(line) {
				fault("names a path of one machine; write it without")
			}
			for _, match := range address.FindAllStringSubmatch(line, -1) {
				if !publicHosts[match[1]] {
					fault("names the host " + match[1] + ", which is not one of the public hosts in tests/lint/words.go")
				}
			}
		}
	}
	return faults
}
