// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// licenseTexts are the licenses that are known, by the SHA-256 of their words. Only the
// whole text says what a license is: a text that is nearly one of these has other terms.
var licenseTexts = map[string]string{
	"8ef693ce50674c99b980242b244ccb58e0aa4ce4da97dfe352a6b999c8a0d3ac": "Apache-2.0",
	// Its notice, which some modules have in the place of the text.
	"ec52e3c4715dc561faeba3ee7bcef8fa84b75d90bfb866e1b2fc49c40beb3cf4": "Apache-2.0",
	"b694ba0b84bece6b360abb47937d7a2e2650608a07cadaae9314d4e582a2d908": "BSD-3-Clause",
	"a1a07d39477e8de9a829d6c574ded5f6881a3295d667164b6dacbc82ae320091": "MIT",
}

// Words that differ between copies of a license, and are no terms.
var (
	copyrightLine = regexp.MustCompile(`(?m)^[ \t]*(Copyright\b|All rights reserved\b).*$`)
	titleLine     = regexp.MustCompile(`(?m)^[ \t]*((The )?MIT License( \(MIT\))?|BSD 3-Clause License)[ \t\r]*$`)
	listMark      = regexp.MustCompile(`(?m)^[ \t]*[0-9]+\.[ \t]`)
	licenseWord   = regexp.MustCompile(`[a-z0-9]+`)
	endorser      = regexp.MustCompile(`\bneither the name of [a-z ]{1,80} nor the names of its contributors\b`)
	unifiedWords  = strings.NewReplacer(" copyright owner or contributors ", " copyright holder or contributors ", " https ", " http ")
)

// identifyLicense returns the SPDX identifier of a license's text, or "".
func identifyLicense(text string) string {
	for _, line := range []*regexp.Regexp{copyrightLine, titleLine, listMark} {
		text = line.ReplaceAllString(text, "")
	}
	words := " " + strings.Join(licenseWord.FindAllString(strings.ToLower(text), -1), " ") + " "
	words = endorser.ReplaceAllString(unifiedWords.Replace(words), "neither the name of the holder nor the names of its contributors")
	return licenseTexts[sha256Hex([]byte(words))]
}

// licenseOf returns the SPDX expression of a module with these files of licenses, or "" if
// one is not known, or a directory has several, of which users may choose.
func licenseOf(files map[string]string) string {
	found, directories := map[string]bool{}, map[string]bool{}
	for name, text := range files {
		id, directory := identifyLicense(text), path.Dir(name)
		if id == "" || directories[directory] {
			return ""
		}
		found[id], directories[directory] = true, true
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), " AND ")
}
