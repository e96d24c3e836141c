// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/sizes"
)

// comparePage returns the page of two objects.
func comparePage(t testing.TB, a, b *elfobj.Object) (string, error) {
	t.Helper()
	var reports []*sizes.Report
	for _, o := range []*elfobj.Object{a, b} {
		m, err := sizes.Of(o, layout.Options{})
		if err != nil {
			return "", err
		}
		reports = append(reports, sizes.NewReport(m))
	}
	reports[1].Against(reports[0])
	r, err := compare.Run(a, b, compare.Options{Sides: true})
	if err != nil {
		return "", err
	}
	var page bytes.Buffer
	err = WriteCompare(&page, r, reports[1])
	return page.String(), err
}

func TestCompareData(t *testing.T) {
	edited := strings.ReplaceAll(strings.Replace(sample, "c0035fd6 feffff97", "1f2003d5 feffff97", 1), "__p_host", "__p_other")
	page, err := comparePage(t, parse(t, sample), parse(t, edited))
	if err != nil {
		t.Fatal(err)
	}
	d := dataOf(t, page)
	if got := fmt.Sprint(d["loaded"], d["equal"], d["identical"]); got != "[40 40] false false" {
		t.Error(got)
	}
	u := d["units"].([]any)[0].(map[string]any)
	texts := d["texts"].([]any)
	if got := fmt.Sprint(u["name"], u["kind"], u["changes"], u["count"], u["sides"], u["cut"], u["a"]); got !=
		"__p_ffunction[changed] 1 [0 1 0 1 true 4 2 4 3 false] false map[at:[0 8] input:run.c name:__p_f section:.hyp.text]" {
		t.Error(got)
	}
	if got := fmt.Sprint(texts[1:3]...); got != "retnop" {
		t.Error(got)
	}
	if got := fmt.Sprint(d["other"]); !strings.Contains(got, "__p_host") || !strings.Contains(got, "what:symbol") {
		t.Error(got)
	}
	again, _ := comparePage(t, parse(t, sample), parse(t, edited))
	if again != page {
		t.Error("the same objects have another page")
	}
}

// Names reach this page as printable text of JSON too.
func TestCompareNames(t *testing.T) {
	for _, name := range []string{"</script><script>x", "\x1b[31m", "a\u202eb", "\xff\xfe", "\n", "\x00"} {
		a, b := parse(t, sample), parse(t, sample)
		a.Symbols[5].Name, b.Symbols[6].Name, a.Sections[1].Name, b.Name = name, name+"2", name, name
		b.Symbols[7].Size = 8
		page, err := comparePage(t, a, b)
		if err != nil {
			t.Fatal(err)
		}
		dataOf(t, page)
		for _, r := range page {
			if r < ' ' && r != '\n' || r == 0x202e || r == 0xfffd {
				t.Errorf("%q: the page has the character %U", name, r)
			}
		}
	}
}

func TestCompareEqual(t *testing.T) {
	page, err := comparePage(t, parse(t, sample), parse(t, sample))
	if err != nil {
		t.Fatal(err)
	}
	if d := dataOf(t, page); fmt.Sprint(d["units"], d["other"], d["equal"]) != "[] [] true" {
		t.Error(d)
	}
}
