// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"os"
	"strings"
	"testing"
)

const mitText = `MIT License

Copyright (c) 2030 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the
Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A
PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION
OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

const bsdText = `BSD 3-Clause License

Copyright 2030 Somebody. All rights reserved.
Copyright 2031 Somebody else.

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following disclaimer in the documentation and/or other
   materials provided with the distribution.

3. Neither the name of Some Company Ltd. nor the names of its contributors may be used to endorse or promote products derived from this software without specific
   prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT,
INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR
PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE)
ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
`

const apacheNotice = `Copyright 2030 Somebody

Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with the License. You may obtain a copy of the License at

    http://www.apache.org/licenses/LICENSE-2.0

Unless required by applicable law or agreed to in writing, software distributed under the License is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS
OF ANY KIND, either express or implied. See the License for the specific language governing permissions and limitations under the License.
`

// TestIdentifyLicense has copies of licenses as they are found, and texts with other terms,
// which are none of them.
func TestIdentifyLicense(t *testing.T) {
	apache, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	replace := func(text, old, new string) string {
		if !strings.Contains(text, old) {
			t.Errorf("%q is not in the text", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	for _, test := range []struct{ name, text, want string }{
		{"MIT", mitText, "MIT"},
		{"MIT, in other lines", strings.ReplaceAll(mitText, ", ", ",\r\n"), "MIT"},
		{"MIT with a clause", replace(mitText, "subject to the following conditions", "subject to the following conditions and for good, not for evil"), ""},
		{"MIT twice", mitText + mitText, ""},
		{"BSD", bsdText, "BSD-3-Clause"},
		{"BSD of the holder", replace(replace(bsdText, "Some Company Ltd.", "the copyright holder"), "COPYRIGHT OWNER OR", "COPYRIGHT HOLDER OR"), "BSD-3-Clause"},
		{"BSD with stars", strings.NewReplacer("1. ", " * ", "2. ", " * ", "3. ", " * ").Replace(bsdText), "BSD-3-Clause"},
		{"BSD with two clauses", replace(bsdText, bsdText[strings.Index(bsdText, "3. N"):strings.Index(bsdText, "THIS")], ""), ""},
		{"BSD with a name in another sentence", replace(bsdText, "Neither the name of Some Company Ltd. nor the names of its contributors", "My name"), ""},
		{"Apache", string(apache), "Apache-2.0"},
		{"Apache with an owner", replace(string(apache), "[yyyy] [name of copyright owner]", "2030 Somebody"), "Apache-2.0"},
		{"Apache with an exception", string(apache) + "\nAs an exception, you may do so.\n", ""},
		{"Apache's notice", apacheNotice, "Apache-2.0"},
		{"the notice of another version", replace(apacheNotice, "Version 2.0", "Version 3.0"), ""},
		{"nothing", "", ""},
	} {
		if got := identifyLicense(test.text); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestLicenseOf(t *testing.T) {
	for _, test := range []struct {
		want  string
		files map[string]string
	}{
		{"", nil},
		{"MIT", map[string]string{"LICENSE": mitText}},
		{"MIT", map[string]string{"LICENSE": mitText, "a/LICENSE.txt": mitText}},
		{"BSD-3-Clause AND MIT", map[string]string{"LICENSE": mitText, "a/b/LICENSE": bsdText}},
		{"", map[string]string{"LICENSE": mitText, "a/LICENSE": "mine"}},
		// Users may choose one, or need both.
		{"", map[string]string{"LICENSE-MIT": mitText, "LICENSE-BSD": bsdText}},
	} {
		if got := licenseOf(test.files); got != test.want {
			t.Errorf("%v: %q, want %q", test.files, got, test.want)
		}
	}
}
