// SPDX-License-Identifier: Apache-2.0

package pictures

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// contrasts lists texts whose contrast with their background is too small: the
// Web Content Accessibility Guidelines, 1.4.3, ask for 4.5.
const contrasts = `(() => {
  const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m.length > 3 ? m[3] : 1 }; };
  const lum = (rgb) => { const [r, g, b] = rgb.map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const background = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c.rgb; } throw new Error("no background"); };
  const faults = [];
  let seen = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement;
    if (!n.data.trim() || !e.checkVisibility({ checkVisibilityCSS: true }) || e.closest("script, style, noscript, .sr, .skip")) continue;
    const x = lum(parse(getComputedStyle(e).color).rgb), y = lum(background(e)), ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    seen++;
    if (ratio < 4.5) faults.push(ratio.toFixed(2) + ": " + n.data.slice(0, 40) + " in " + e.tagName + "." + e.className);
  }
  if (seen < 20) faults.push("only " + seen + " texts");
  return faults;
})()`

// inkContrasts is the same for the labels of the map, on all colors that it has.
const inkContrasts = `[...palette, rest].flatMap((c) => [[0, 0], [0, 1], [1, 0], [1, 1]].map(([odd, padding]) => leafFill(c, odd, padding, treemap.dark)))
  .concat(scale.map((c) => shade(c, treemap.dark))).filter((c) => contrast(c, ink(c)) < 4.5)`

// sideways is how many pixels the page is wider than the window.
const sideways = `document.documentElement.scrollWidth - document.documentElement.clientWidth`

func TestColors(t *testing.T) {
	page := layoutPage(t, small())
	backgrounds := map[string]bool{}
	for name, v := range map[string]view{"light": wide, "dark": {width: 1400, height: 1100, dark: true}} {
		t.Run(name, func(t *testing.T) {
			b := open(t, v, page)
			b.do(chromedp.Focus("#map"))
			b.keys(kb.ArrowDown, kb.ArrowDown)
			if faults := get[[]string](b, contrasts); len(faults) > 0 {
				t.Errorf("too little contrast:\n%s", strings.Join(faults, "\n"))
			}
			if faults := get[[]string](b, inkContrasts); len(faults) > 0 {
				t.Errorf("labels cannot be read on %q", faults)
			}
			backgrounds[get[string](b, `getComputedStyle(document.documentElement).backgroundColor`)] = true
			b.screenshot(name)
		})
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the backgrounds %v", backgrounds)
	}
}

func TestWidths(t *testing.T) {
	for name, page := range map[string][]byte{"small": layoutPage(t, small()), "hostile": layoutPage(t, hostile())} {
		for _, width := range []int64{320, 600, 800, 1000, 1400, 2560} {
			b := open(t, view{width: width, height: 800}, page)
			b.do(chromedp.Focus("#table"))
			b.keys(kb.ArrowDown, kb.Enter)
			if n := get[float64](b, sideways); n > 0 {
				t.Errorf("%s: at %d pixels the page is %v pixels too wide", name, width, n)
			}
			for _, id := range []string{"query", "map", "table", "details"} {
				if box := get[[]float64](b, `(() => { const r = $("`+id+`").getBoundingClientRect(); return [r.left, r.right, r.height]; })()`); box[0] < 0 || box[1] > float64(width) || box[2] < 24 {
					t.Errorf("%s: at %d pixels, #%s is from %v to %v, %v high", name, width, id, box[0], box[1], box[2])
				}
			}
			if width == 320 || width == 800 {
				b.screenshot(map[int64]string{320: "narrow", 800: "medium"}[width] + "-" + name)
			}
		}
	}
}

// Who asks for less motion gets none.
func TestReducedMotion(t *testing.T) {
	page := layoutPage(t, small())
	for _, still := range []bool{false, true} {
		b := open(t, view{width: 1400, height: 1100, still: still}, page)
		moves := get[bool](b, `[...document.querySelectorAll("*")].some((e) => { const s = getComputedStyle(e); return s.animationName !== "none" || s.transitionDuration.split(",").some((d) => parseFloat(d) > 0); })`)
		if moves == still {
			t.Errorf("reduced motion %v: the page has transitions or animations: %v", still, moves)
		}
	}
}

// Names are text: none is run, none changes the page, and what does not print is
// escaped.
func TestHostileNames(t *testing.T) {
	b := open(t, wide, layoutPage(t, hostile()))
	want(b, `document.scripts.length`, 2)
	want(b, `document.querySelectorAll("img, b, iframe").length`, 0)
	want(b, `document.title`, "script>.o: layout")
	want(b, `names.some((n) => /[\u0000-\u001f\u007f-\u009f\u2028\u202e\ufffd]/.test(n))`, false)
	for _, shown := range []string{`</script><script>alert(1)</script>`, `\x1b[31mred\a`, `abc\u202egnp.exe`, `\xff\xfe\x80`, `line\nbreak`} {
		b.search(shown[len(shown)-5:])
		if rows := strings.Join(get[[]string](b, rowsNow), "\n"); !strings.Contains(rows, shown) {
			t.Errorf("%s is not in the table:\n%s", shown, rows)
		}
	}
	b.search("")
	b.run(`$("query").blur()`)
	// Each row can be opened, in the table and from there in the map.
	b.do(chromedp.Focus("#table"))
	for range get[int](b, `grid.shown`) {
		b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	}
	b.settle()
	want(b, `document.scripts.length`, 2)
	b.screenshot("hostile")
}

// A script that was injected is not run: the policy names the page's own by hash.
func TestPolicy(t *testing.T) {
	b := open(t, wide, layoutPage(t, small()))
	b.run(`(() => {
	  window.reached = [];
	  const s = document.createElement("script");
	  s.textContent = "window.reached.push('script')";
	  document.body.append(s);
	  const d = document.createElement("div");
	  d.innerHTML = "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' onload=\"window.reached.push('handler')\">";
	  document.body.append(d);
	  return fetch("http://localhost:9/").catch(() => window.reached.push("fetch was refused"));
	})()`)
	b.settle()
	want(b, `window.reached.join()`, "fetch was refused")
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.faults) < 3 {
		t.Errorf("the browser reports %q", b.faults)
	}
	for _, fault := range b.faults {
		if !strings.Contains(fault, "Content Security Policy") && !strings.HasPrefix(fault, "request: data:") {
			t.Error(fault)
		}
	}
	b.faults = nil
}

// An object with 50,000 functions and as many tables: all of it can be used.
func TestLarge(t *testing.T) {
	b := open(t, wide, layoutPage(t, large(50000)))
	want(b, `grid.rows.length`, 100003)
	if n := get[int](b, `document.querySelectorAll("*").length`); n > 1500 {
		t.Errorf("the page has %d elements; rows out of view must have none", n)
	}
	if p := get[[]float64](b, painted); p[1] < 0.5 {
		t.Errorf("the map fills %v of its area", p[1])
	}
	b.keys("/", "function_49999")
	if got := get[[]string](b, rowsNow); len(got) != 1 || got[0] != "function_49999" {
		t.Errorf("found %q", got)
	}
	b.keys(kb.Escape)
	b.do(chromedp.Click("#table .head .c-name button"), chromedp.Focus("#table"))
	b.keys(kb.End)
	if got := get[[]string](b, rowsNow); got[len(got)-1] != "table_49999" {
		t.Errorf("the last rows are %q", got)
	}
	b.keys(kb.Enter)
	want(b, `document.querySelector("#details h2").textContent`, "table_49999")
	want(b, `treemap.current.title`, "table_49999")
	b.do(chromedp.Focus("#map"))
	b.keys(kb.ArrowUp, kb.Enter)
	want(b, `treemap.view.title`, "source_499.c")
	b.run(`document.querySelector("#table .body").scrollTop = 1e6`)
	b.settle()
	if got := get[[]string](b, rowsNow); len(got) < 10 || got[0] == "" {
		t.Errorf("rows in the middle: %q", got)
	}
	b.screenshot("large")
}
