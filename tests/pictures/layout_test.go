// SPDX-License-Identifier: Apache-2.0

package pictures

import (
	"debug/elf"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// rowsNow lists the names of the table's rows that are drawn, in order.
const rowsNow = `[...document.querySelectorAll("#table .row:not([hidden])")].sort((a, b) => a.getAttribute("aria-rowindex") - b.getAttribute("aria-rowindex")).map((r) => r.querySelector(".c-name").textContent)`

// painted counts the colors in the map, and the share of the pixels that are not of the background.
const painted = `(() => {
  const c = document.getElementById("picture"), d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  const colors = new Set();
  let filled = 0;
  for (let i = 0; i < d.length; i += 4) {
    const v = (d[i] << 16) | (d[i + 1] << 8) | d[i + 2];
    colors.add(v);
    if (v !== 0xffffff) filled++;
  }
  return [colors.size, filled / (c.width * c.height)];
})()`

func TestMapIsDrawn(t *testing.T) {
	b := open(t, wide, layoutPage(t, small()))
	if p := get[[]float64](b, painted); p[0] < 4 || p[1] < 0.9 {
		t.Errorf("the map has %v colors, and fills %v of its area", p[0], p[1])
	}
	want(b, `document.title`, "hyp.o: layout")
	want(b, `document.querySelectorAll("#legend li").length`, 3)
	want(b, `document.getElementById("blank").hidden`, true)
	// Areas are in proportion to sizes, and no leaf leaves its parent.
	if faults := get[[]string](b, `(() => {
	  const faults = [], root = treemap.tree, unit = (root.w * root.h) / root.size;
	  for (const s of root.children) {
	    if (Math.abs(s.w * s.h - s.size * unit) > 1) faults.push(s.title + " has " + s.w * s.h + ", want " + s.size * unit);
	    for (const f of s.children) for (const n of f.children || [f])
	      if (n.x < s.x - 0.01 || n.y < s.y - 0.01 || n.x + n.w > s.x + s.w + 0.01 || n.y + n.h > s.y + s.h + 0.01) faults.push(n.title + " is outside of " + s.title);
	  }
	  return faults;
	})()`); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
	b.screenshot("small")
}

func TestSearchAndSort(t *testing.T) {
	b := open(t, wide, layoutPage(t, small()))
	first := get[[]string](b, rowsNow)
	if first[0] != "trap_step_3" || !strings.HasPrefix(get[string](b, `$("count").textContent`), "19 rows") {
		t.Errorf("rows %q, %s", first, get[string](b, `$("count").textContent`))
	}
	b.keys("/", "mm", " ", "step")
	want(b, `$("query").value`, "mm step")
	if got, want := get[[]string](b, rowsNow), []string{"mm_step_3", "mm_step_2", "mm_step_1", "mm_step_0"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if got := get[string](b, `$("count").textContent`); !strings.HasPrefix(got, "4 of 19 rows, ") {
		t.Error(got)
	}
	sortBy := func(id string) { b.do(chromedp.Click("#table .head .c-" + id + " button")); b.settle() }
	sortBy("name")
	if got := get[[]string](b, rowsNow); got[0] != "mm_step_0" || got[3] != "mm_step_3" {
		t.Errorf("by name: %q", got)
	}
	want(b, `document.querySelector("#table .head .c-name").getAttribute("aria-sort")`, "ascending")
	sortBy("name")
	if got := get[[]string](b, rowsNow); got[0] != "mm_step_3" {
		t.Errorf("by name, descending: %q", got)
	}
	b.do(chromedp.Focus("#query"))
	b.keys(kb.Escape)
	want(b, `$("query").value`, "")
	for _, c := range []struct{ id, first string }{{"size", "trap_step_3"}, {"in", "no symbol, +0x0"}, {"hyp", "switch_table"}, {"section", ""}, {"file", ""}, {"kind", ""}, {"out", ""}, {"share", "trap_step_3"}} {
		sortBy(c.id)
		got := get[[]string](b, rowsNow)
		if c.id != "in" && c.first != "" && got[0] != c.first {
			t.Errorf("by %s: %q", c.id, got)
		}
		if direction := get[string](b, `document.querySelector("#table .head .c-`+c.id+`").getAttribute("aria-sort")`); direction == "none" {
			t.Errorf("by %s: the column's direction is none", c.id)
		}
	}
	b.do(chromedp.SetValue("#kind", "hyp"))
	b.run(`$("kind").dispatchEvent(new Event("change"))`)
	b.settle()
	if got := get[[]string](b, rowsNow); len(got) != 3 {
		t.Errorf("with hyp relocations: %q", got)
	}
	b.keys("/", "nothing of this name")
	if got := get[string](b, `document.querySelector("#table .empty").textContent`); !strings.HasPrefix(got, "Nothing matches") {
		t.Error(got)
	}
}

// What a symbol refers to, and what refers to it, leads to those symbols.
func TestReferences(t *testing.T) {
	b := open(t, wide, layoutPage(t, small()))
	b.keys("/", "mm_step_3")
	b.do(chromedp.Click(`#table .row:not([hidden])`))
	b.settle()
	want(b, `document.querySelector("#details h2").textContent`, "mm_step_3")
	text := get[string](b, `$("details").innerText`)
	for _, part := range []string{"Referenced by 2", "trap_step_0", "mm_table", "Refers to 1", "mm_step_2", "CALL26", "ABS64, hyp", ".hyp.text + 0x", "mm.c"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in the details:\n%s", part, text)
		}
	}
	// The map shows the same symbol.
	want(b, `treemap.current.title`, "mm_step_3")
	b.run(`[...document.querySelectorAll("#details .link")].find((l) => l.textContent === "mm_table").click()`)
	b.settle()
	want(b, `document.querySelector("#details h2").textContent`, "mm_table")
	want(b, `treemap.current.title`, "mm_table")
	b.screenshot("references")
}

func TestKeyboard(t *testing.T) {
	b := open(t, wide, layoutPage(t, small()))
	b.do(chromedp.Focus("#map"))
	b.settle()
	active := `$("active").textContent`
	want(b, `$("map").getAttribute("aria-activedescendant")`, "active")
	want(b, `treemap.current.title`, ".hyp.text")
	b.keys(kb.ArrowRight)
	want(b, `treemap.current.title`, ".hyp.data")
	b.keys(kb.ArrowRight, kb.ArrowRight, kb.ArrowRight)
	want(b, `treemap.current.title`, ".hyp.reloc")
	b.keys(kb.Home)
	want(b, `treemap.current.title`, ".hyp.text")
	b.keys(kb.ArrowDown)
	want(b, `treemap.current.title`, "trap.c")
	want(b, `$("active").getAttribute("aria-level")`, "2")
	want(b, `$("active").getAttribute("aria-posinset")`, "1")
	want(b, `$("active").getAttribute("aria-setsize")`, "3")
	b.keys(kb.ArrowDown)
	want(b, `treemap.current.title`, "trap_step_3")
	if got := get[string](b, active); !strings.HasPrefix(got, "trap_step_3: function, 288 bytes, ") {
		t.Error(got)
	}
	b.keys(kb.ArrowUp, kb.Enter)
	want(b, `treemap.view.title`, "trap.c")
	want(b, `document.querySelector("#crumbs [aria-current]").textContent`, "trap.c")
	want(b, `document.activeElement.id`, "map")
	b.keys(kb.Escape)
	want(b, `treemap.view.title`, ".hyp.text")
	b.keys(kb.Escape)
	want(b, `treemap.view === treemap.tree`, true)

	// The table.
	b.do(chromedp.Focus("#table"))
	b.keys(kb.Home, kb.ArrowDown, kb.Enter)
	second := get[[]string](b, rowsNow)[1]
	want(b, `document.querySelector("#details h2").textContent`, second)
	want(b, `document.querySelector("#table .row[aria-selected=true] .c-name").textContent`, second)
	want(b, `document.getElementById($("table").getAttribute("aria-activedescendant")).querySelector(".c-name").textContent`, second)
	b.keys(kb.End)
	want(b, `Number(document.getElementById($("table").getAttribute("aria-activedescendant")).getAttribute("aria-rowindex"))`, 19)
	want(b, `$("table").getAttribute("aria-rowcount")`, "19")

	// "/" goes to the search from anywhere but a text field; Escape clears it, and leaves it.
	b.keys("/")
	want(b, `document.activeElement.id`, "query")
	b.keys("a/b")
	want(b, `$("query").value`, "a/b")
	b.keys(kb.Escape)
	want(b, `$("query").value`, "")
	b.keys(kb.Escape)
	want(b, `document.activeElement.id === "query"`, false)
	// All that can be operated is reached by Tab, in the order of the page, and has a focus ring.
	b.run(`document.activeElement.blur()`)
	var order []string
	for range 30 {
		b.keys(kb.Tab)
		order = append(order, get[string](b, `document.activeElement.id || document.activeElement.className || document.activeElement.tagName`))
		if outline := get[string](b, `getComputedStyle(document.activeElement).outlineStyle`); order[len(order)-1] != "BODY" && outline == "none" {
			t.Errorf("%s has no focus ring", order[len(order)-1])
		}
	}
	next := 0
	for _, id := range []string{"skip", "query", "kind", "colour", "unloaded", "map", "table"} {
		at := slices.Index(order[next:], id)
		if at < 0 {
			t.Fatalf("Tab does not reach %s after the one before it: %q", id, order)
		}
		next += at
	}
}

// A pointer on the map shows a description, and a click selects.
func TestPointer(t *testing.T) {
	b := open(t, wide, layoutPage(t, small()))
	place := get[[]float64](b, `(() => { const n = leafOf[treemap.tree.children[0].children[0].children[0].node], r = $("map").getBoundingClientRect(); return [r.x + n.x + n.w / 2, r.y + n.y + n.h / 2]; })()`)
	b.do(chromedp.MouseEvent("mouseMoved", place[0], place[1]))
	b.settle()
	want(b, `$("tip").hidden`, false)
	if tip := get[string](b, `$("tip").textContent`); !strings.HasPrefix(tip, "trap_step_3: function") {
		t.Error(tip)
	}
	b.do(chromedp.MouseClickXY(place[0], place[1]))
	b.settle()
	want(b, `document.querySelector("#details h2").textContent`, "trap_step_3")
	b.do(chromedp.MouseClickXY(place[0], place[1], chromedp.ClickCount(2)))
	b.settle()
	want(b, `treemap.view.title`, "trap.c")
	b.do(chromedp.Click("#crumbs button"))
	b.settle()
	want(b, `treemap.view === treemap.tree`, true)
}

func TestSectionsThatAreNotLoaded(t *testing.T) {
	b := open(t, wide, layoutPage(t, small()))
	want(b, `treemap.tree.children.some((s) => s.title === ".debug_info")`, false)
	b.do(chromedp.Click("#unloaded"))
	b.settle()
	want(b, `treemap.tree.children[0].title`, ".debug_info")
	want(b, `$("summary").textContent.includes("4,096")`, false)
}

// Objects without anything have a page that says so.
func TestEmpty(t *testing.T) {
	b := open(t, wide, layoutPage(t, &elfobj.Object{Name: "empty.o", Machine: machine.For(elf.EM_AARCH64)}))
	want(b, `$("blank").textContent`, "There is nothing to show: all sections are empty.")
	want(b, `document.querySelector("#table .empty").textContent`, "This object has no sections with contents and no symbols.")
	b.do(chromedp.Focus("#map"))
	b.keys(kb.ArrowDown, kb.ArrowRight, kb.Enter, kb.Escape, kb.ArrowUp)
	b.do(chromedp.Focus("#table"))
	b.keys(kb.ArrowDown, kb.End, kb.Enter)
	b.screenshot("empty")
}
