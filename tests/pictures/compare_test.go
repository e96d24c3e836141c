// SPDX-License-Identifier: Apache-2.0

package pictures

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func comparePair(t testing.TB) []byte {
	a, b := pair()
	return comparePage(t, a, b)
}

func TestCompare(t *testing.T) {
	b := open(t, wide, comparePair(t))
	want(b, `document.title`, "hyp.o and hyp.o: differences")
	got := get[[]string](b, `units.map((u) => u.name + ": " + u.words + " " + u.delta)`)
	for _, unit := range []string{"trap_handler: grew 24", "sync_handler: shrank -8", "vcpu_exit: changed 0", "map_old: removed -64", "map_new: added 96", "page_pool: grew 64", "unmap: changed 0", "exits.12: renamed 0"} {
		if !slices.Contains(got, unit) {
			t.Errorf("%q is not in %q", unit, got)
		}
	}
	// The table has the largest change first, which is shown side by side.
	if first := get[[]string](b, rowsNow); first[0] != "map_new" {
		t.Errorf("rows %q", first)
	}
	want(b, `document.querySelector("#detail h2").textContent`, "map_new")
	b.keys("/", "vcpu_exit")
	b.keys(kb.Escape, kb.Escape)
	b.search("vcpu_exit")
	b.do(chromedp.Click(`#table .row:not([hidden])`))
	b.settle()
	want(b, `document.querySelector("#detail h2").textContent`, "vcpu_exit")
	want(b, `document.querySelectorAll("#detail tr.differs").length`, 1)
	want(b, `[...document.querySelectorAll("#detail tr.differs td")].map((d) => d.textContent).join("|")`, "+0x28|nop (A only)|+0x28|yield (B only)")
	want(b, `document.querySelectorAll("#detail tr.gap").length`, 2)
	want(b, `document.querySelectorAll("#detail tr.same").length`, 12)
	// The equal lines are beside each other, at offsets that are.
	if faults := get[[]string](b, `[...document.querySelectorAll("#detail tr.same")].map((r) => [...r.cells].map((c) => c.textContent)).filter((c) => c[0] !== c[2] || c[1] !== c[3]).map(String)`); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
	b.screenshot("compare")
	if text := get[string](b, `$("sizes").innerText`); !strings.Contains(text, ".hyp.text") || !strings.Contains(text, "+48") {
		t.Error(text)
	}
	b.search("")
	for show, names := range map[string][]string{"added": {"map_new"}, "removed": {"map_old"}, "shrank": {"sync_handler"}, "renamed": {"exits.12"}} {
		b.run(`$("show").value = "` + show + `", $("show").dispatchEvent(new Event("change"))`)
		b.settle()
		if got := get[[]string](b, rowsNow); !slices.Equal(got, names) {
			t.Errorf("%s: %q, want %q", show, got, names)
		}
	}
}

// The map has both objects, and leads to what differs.
func TestCompareMap(t *testing.T) {
	for _, dark := range []bool{false, true} {
		b := open(t, view{width: 1400, height: 1100, dark: dark}, comparePair(t))
		if p := get[[]float64](b, painted); p[0] < 5 || p[1] < 0.9 {
			t.Errorf("the map has %v colors, and fills %v of its area", p[0], p[1])
		}
		want(b, `[...document.querySelectorAll("#legend li")].map((l) => l.textContent).join()`, "added,grew,same,contents differ,shrank,removed")
		if faults := get[[]string](b, `changeColors.map(([, c]) => shade(c, treemap.dark)).filter((c) => contrast(c, ink(c)) < 4.5)`); len(faults) > 0 {
			t.Errorf("labels cannot be read on %q", faults)
		}
		b.do(chromedp.Focus("#map"))
		b.keys(kb.ArrowDown, kb.ArrowDown)
		want(b, `treemap.current.title`, "vcpu_run")
		if got := get[string](b, `$("active").textContent`); got != "vcpu_run: same, 240 bytes" {
			t.Error(got)
		}
		b.keys(kb.ArrowRight)
		want(b, `$("active").textContent`, "vcpu_exit: contents differ, 160 bytes")
		want(b, `document.querySelector("#detail h2").textContent`, "vcpu_exit")
		b.keys(kb.ArrowRight)
		want(b, `$("active").textContent`, "trap_handler: grew, 120 → 144 bytes")
		b.keys(kb.ArrowUp, kb.Enter)
		want(b, `treemap.view.title`, "switch.c")
		b.keys(kb.Escape, kb.Escape)
		want(b, `treemap.view === treemap.tree`, true)
	}
}

func TestCompareKeyboard(t *testing.T) {
	b := open(t, wide, comparePair(t))
	b.do(chromedp.Focus("#table"))
	b.keys(kb.Home, kb.ArrowDown, kb.Enter)
	second := get[[]string](b, rowsNow)[1]
	want(b, `document.querySelector("#detail h2").textContent`, second)
	want(b, `document.querySelector("#table .row[aria-selected=true] .c-name").textContent`, second)
	b.search("trap_handler")
	b.do(chromedp.Focus("#table"))
	b.keys(kb.Home, kb.Enter, "n")
	want(b, `document.querySelectorAll("#detail tr.here").length`, 1)
	want(b, `document.querySelector("#detail tr.here").classList.contains("differs")`, true)
	b.keys("p")
	want(b, `document.querySelectorAll("#detail tr.here").length`, 1)
	b.keys("/")
	want(b, `document.activeElement.id`, "query")
	b.run(`document.activeElement.blur()`)
	var order []string
	for range 20 {
		b.keys(kb.Tab)
		order = append(order, get[string](b, `document.activeElement.id || document.activeElement.className || document.activeElement.tagName`))
		if outline := get[string](b, `getComputedStyle(document.activeElement).outlineStyle`); order[len(order)-1] != "BODY" && outline == "none" {
			t.Errorf("%s has no focus ring", order[len(order)-1])
		}
	}
	for _, id := range []string{"query", "show", "table", "code", "map", "scroll"} {
		if !slices.Contains(order, id) {
			t.Errorf("Tab does not reach %s: %q", id, order)
		}
	}
}

func TestCompareLooks(t *testing.T) {
	page := comparePair(t)
	a, o := hostile(), hostile()
	for i := range o.Symbols {
		o.Symbols[i].Size ^= 4
	}
	pages := map[string][]byte{"pair": page, "hostile": comparePage(t, a, o)}
	for name, page := range pages {
		for _, dark := range []bool{false, true} {
			b := open(t, view{width: 1400, height: 1100, dark: dark}, page)
			if faults := get[[]string](b, contrasts); len(faults) > 0 {
				t.Errorf("%s, dark %v: too little contrast:\n%s", name, dark, strings.Join(faults, "\n"))
			}
			if dark {
				b.search("trap")
				b.do(chromedp.Focus("#table"))
				b.keys(kb.Home, kb.Enter)
				b.screenshot("compare-dark-" + name)
			}
			want(b, `document.scripts.length`, 2)
			want(b, `document.querySelectorAll("img, b, iframe").length`, 0)
		}
		for _, width := range []int64{320, 620, 800, 1000, 1400, 2560} {
			b := open(t, view{width: width, height: 800}, page)
			if n := get[float64](b, sideways); n > 0 {
				t.Errorf("%s: at %d pixels the page is %v pixels too wide", name, width, n)
			}
			if width == 320 {
				b.search("trap")
				b.do(chromedp.Focus("#table"))
				b.keys(kb.Home, kb.Enter)
				b.screenshot("compare-narrow-" + name)
			}
		}
	}
}

// Objects without a difference have a page that says so.
func TestCompareEqual(t *testing.T) {
	a, _ := pair()
	b, _ := pair()
	p := open(t, wide, comparePage(t, a, b))
	want(p, `$("verdict").hidden`, false)
	want(p, `$("verdict").textContent.startsWith("The objects are equal")`, true)
	want(p, `document.querySelector("#table .empty").textContent`, "No function and no data differs.")
	want(p, `$("detail").hidden`, true)
	p.do(chromedp.Focus("#table"))
	p.keys(kb.ArrowDown, kb.End, kb.Enter, "n", "p")
	p.screenshot("compare-equal")
}

// 50,000 functions that differ: all of it can be used.
func TestCompareLarge(t *testing.T) {
	a, o := large(50000), large(50000)
	for i := range o.Symbols {
		if s := &o.Symbols[i]; strings.HasPrefix(s.Name, "function_") {
			o.Sections[1].Data[s.Value+s.Size-8] ^= 0x20 // a NOP becomes another hint
		}
	}
	b := open(t, wide, comparePage(t, a, o))
	if n := get[int](b, `units.length`); n < 49000 {
		t.Fatalf("%d differences", n)
	}
	if n := get[int](b, `document.querySelectorAll("*").length`); n > 2500 {
		t.Errorf("the page has %d elements", n)
	}
	b.search("function_49998")
	b.do(chromedp.Focus("#table"))
	b.keys(kb.Home, kb.Enter)
	want(b, `document.querySelector("#detail h2").textContent`, "function_49998")
	b.search("")
	b.do(chromedp.Click("#table .head .c-name button"), chromedp.Focus("#table"))
	b.keys(kb.End, kb.Enter)
	want(b, `document.querySelector("#detail h2").textContent`, "function_49999")
}
