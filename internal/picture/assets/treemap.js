// SPDX-License-Identifier: Apache-2.0
// A map of nested rectangles, each as large as what it shows. A tree node is
// {parent, children, size, title, level, ref}: children are sorted by size, the
// largest first, and are null for a leaf.
//
// Rectangles are laid out by Bruls, Huizing and van Wijk, "Squarified Treemaps".

// squarify gives x, y, w and h to the nodes of a list, whose sizes have the given sum.
function squarify(list, sum, x, y, w, h) {
  let i = 0;
  while (i < list.length && sum > 0 && w > 0 && h > 0) {
    const side = Math.min(w, h), scale = (w * h) / sum;
    let row = 0, worst = Infinity, j = i;
    const largest = list[i].size * scale;
    for (; j < list.length; j++) {
      const next = row + list[j].size * scale, smallest = list[j].size * scale;
      const ratio = Math.max((side * side * largest) / (next * next), (next * next) / (side * side * smallest));
      if (ratio > worst) break;
      worst = ratio;
      row = next;
    }
    const thick = row / side;
    let at = 0;
    for (let k = i; k < j; k++) {
      const n = list[k], long = thick > 0 ? (n.size * scale) / thick : 0;
      if (w >= h) [n.x, n.y, n.w, n.h] = [x, y + at, thick, long];
      else [n.x, n.y, n.w, n.h] = [x + at, y, long, thick];
      at += long;
      sum -= n.size;
    }
    if (w >= h) {
      x += thick;
      w -= thick;
    } else {
      y += thick;
      h -= thick;
    }
    i = j;
  }
  for (; i < list.length; i++) [list[i].x, list[i].y, list[i].w, list[i].h] = [x, y, 0, 0];
}

// channels returns the red, green and blue of "#rrggbb".
const channels = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
// mix mixes two colors. There are few, and very many rectangles: it remembers them.
const mixed = new Map();
function mix(a, b, share) {
  const key = a + b + share;
  let color = mixed.get(key);
  if (!color) mixed.set(key, (color = newMix(a, b, share)));
  return color;
}
function newMix(a, b, share) {
  const x = channels(a), y = channels(b);
  return "#" + x.map((v, i) => Math.round(v * (1 - share) + y[i] * share).toString(16).padStart(2, "0")).join("");
}
// shade returns a color of a legend as it is on a light or a dark page.
const shade = (color, dark) => (dark ? mix(color, "#0e1217", 0.22) : color);
// luminance and contrast are those of the Web Content Accessibility Guidelines.
function luminance(color) {
  const [r, g, b] = channels(color).map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a, b) {
  const x = luminance(a), y = luminance(b);
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
// ink returns the text color for a background.
const inks = new Map();
function ink(fill) {
  let color = inks.get(fill);
  if (!color) inks.set(fill, (color = contrast(fill, "#0b0e12") >= contrast(fill, "#ffffff") ? "#0b0e12" : "#ffffff"));
  return color;
}

// crumbs shows what the view of a map is inside of.
function crumbs(map) {
  const path = [];
  for (let p = map.view; p; p = p.parent) path.unshift(p);
  $("crumbs").replaceChildren(...path.flatMap((p, k) => {
    const last = k === path.length - 1;
    const b = el("button", { type: "button", class: "link name", text: p === map.tree ? "all sections" : p.title, "aria-current": last ? "true" : null,
      onclick: () => { if (p !== map.view) { map.zoom(p); map.root.focus(); } } });
    const size = last ? el("span", { class: "muted num", text: bytes(p.size) }) : null;
    return (k ? [el("span", { class: "sep", "aria-hidden": "true", text: "›" })] : []).concat(size ? [b, size] : [b]);
  }));
}

// swatches fills the list of what colors mean, of pairs of a color and a text.
function swatches(entries) {
  $("legend").replaceChildren(...entries.map(([color, text]) => {
    const i = el("i", { "aria-hidden": "true" });
    i.style.background = color;
    return el("li", {}, i, el("span", { class: "name", text }));
  }));
}

class Treemap {
  // color returns the fill of a leaf, dim whether it is not a result of the search.
  constructor(root, { color, dim, select, zoomed, describe }) {
    Object.assign(this, { root, color, dim, select, zoomed, describe });
    this.picture = root.querySelector("#picture");
    this.marks = root.querySelector("#marks");
    this.active = root.querySelector("#active");
    this.tip = root.querySelector("#tip");
    this.current = null; // under the keyboard
    this.under = null; // under the pointer
    root.addEventListener("keydown", (e) => this.key(e));
    root.addEventListener("pointermove", (e) => this.pointed(e));
    root.addEventListener("pointerleave", () => this.point(null));
    root.addEventListener("click", (e) => {
      const n = this.at(e);
      if (n) this.move(n);
    });
    root.addEventListener("dblclick", (e) => {
      const n = this.at(e);
      if (n) this.zoomInto(n);
    });
    root.addEventListener("focus", () => {
      if (!this.current && this.view && this.view.children) this.move(this.view.children[0]);
      this.mark();
    });
    root.addEventListener("blur", () => this.mark());
    new ResizeObserver(() => this.later()).observe(root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.later());
  }

  setTree(tree) {
    this.tree = this.view = tree;
    this.current = this.under = null;
    this.describeCurrent();
    this.zoomed(this.view);
    this.later();
  }

  later() {
    if (!this.waiting)
      this.waiting = requestAnimationFrame(() => {
        this.waiting = 0;
        this.draw();
      });
  }

  // draw lays the view out and paints it.
  draw() {
    const ratio = window.devicePixelRatio || 1, w = this.root.clientWidth, h = this.root.clientHeight;
    for (const c of [this.picture, this.marks]) {
      c.width = Math.round(w * ratio);
      c.height = Math.round(h * ratio);
    }
    const g = this.picture.getContext("2d");
    g.scale(ratio, ratio);
    this.dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const style = getComputedStyle(document.documentElement);
    this.back = style.getPropertyValue("--panel").trim();
    this.line = this.dark ? "#0e1217" : "#ffffff";
    this.frame = style.getPropertyValue("--soft").trim();
    this.text = style.getPropertyValue("--ink").trim();
    this.mono = style.getPropertyValue("--mono").trim();
    g.font = "11px " + this.mono;
    this.advance = g.measureText("0").width || 6.6;
    g.fillStyle = this.filled = this.back;
    g.fillRect(0, 0, w, h);
    g.textBaseline = "middle";
    this.painted = 0;
    const v = this.view;
    if (v && v.size > 0) {
      [v.x, v.y, v.w, v.h] = [0, 0, w, h];
      if (v.children) this.inside(g, v, 0, 0, w, h);
      else this.leaf(g, v);
    }
    this.mark();
  }

  // inside lays out the children of a node in a rectangle and paints them.
  inside(g, n, x, y, w, h) {
    n.open = true;
    squarify(n.children, n.size, x, y, w, h);
    for (const c of n.children) {
      if (c.w * c.h < 0.35) break; // the rest is smaller, and would be less than a pixel
      if (!c.children) {
        this.leaf(g, c);
        continue;
      }
      c.open = false;
      const head = c.w > 44 && c.h > 34 ? 16 : 0, wide = c.level === 1 ? 3 : 2, edge = c.w > 16 && c.h > 16 ? wide : c.w > 6 && c.h > 6 ? 1 : 0;
      if (c.w < 2.5 || c.h < 2.5) {
        this.block(g, c);
        continue;
      }
      g.fillStyle = this.filled = this.frame;
      g.fillRect(c.x, c.y, c.w, c.h);
      if (head) this.label(g, c.title, c.x + 5, c.y + head / 2 + 1, c.w - 8, this.text, true);
      if (edge) {
        g.strokeStyle = this.line;
        g.lineWidth = edge === 3 ? 2 : 1;
        g.strokeRect(c.x + 0.5, c.y + 0.5, c.w - 1, c.h - 1);
      }
      this.inside(g, c, c.x + edge, c.y + edge + head, c.w - 2 * edge, c.h - 2 * edge - head);
    }
  }

  // block paints a node that is too small to look into, in the color of its largest leaf.
  block(g, n) {
    let leaf = n;
    while (leaf.children) leaf = leaf.children[0];
    this.box(g, n, this.fill(leaf));
  }

  fill(n) {
    let c = this.color(n, this.dark);
    if (this.dim(n)) c = mix(c, this.back, 0.86);
    return c;
  }

  // box fills a rectangle of whole pixels, which is several times faster than one with
  // fractions. The edge of a small one is a pixel that it leaves free.
  box(g, n, color) {
    if (color !== this.filled) g.fillStyle = this.filled = color;
    const x = Math.round(n.x), y = Math.round(n.y), w = Math.round(n.x + n.w) - x, h = Math.round(n.y + n.h) - y;
    const small = n.w <= 8 || n.h <= 8 ? 1 : 0;
    g.fillRect(x, y, w > 3 ? w - small : w || 1, h > 3 ? h - small : h || 1);
    this.painted++;
  }

  leaf(g, n) {
    const color = this.fill(n);
    this.box(g, n, color);
    if (n.w > 8 && n.h > 8) {
      g.strokeStyle = this.line;
      g.lineWidth = 1;
      g.strokeRect(n.x + 0.25, n.y + 0.25, n.w - 0.5, n.h - 0.5);
    }
    if (n.w > 30 && n.h > 14) this.label(g, n.title, n.x + 4, n.y + (n.h > 28 ? 10 : n.h / 2 + 0.5), n.w - 7, this.dim(n) ? mix(color, ink(color), 0.55) : ink(color));
  }

  // label paints as much of a text as there is room for.
  label(g, text, x, y, room, color, bold) {
    const fits = Math.floor(room / this.advance);
    if (fits < 3) return;
    g.fillStyle = this.filled = color;
    g.font = (bold ? "600 " : "") + "11px " + this.mono;
    g.fillText(text.length <= fits ? text : text.slice(0, fits - 1) + "…", x, y);
  }

  // mark paints what is selected, under the keyboard and under the pointer.
  mark() {
    const g = this.marks.getContext("2d"), ratio = window.devicePixelRatio || 1;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, this.marks.width, this.marks.height);
    const outline = (n, color, width) => {
      if (!n || !this.isOpen(n)) return;
      g.strokeStyle = this.line;
      g.lineWidth = width + 2;
      g.strokeRect(n.x + 1.5, n.y + 1.5, Math.max(1, n.w - 3), Math.max(1, n.h - 3));
      g.strokeStyle = color;
      g.lineWidth = width;
      g.strokeRect(n.x + 1.5, n.y + 1.5, Math.max(1, n.w - 3), Math.max(1, n.h - 3));
    };
    outline(this.under, this.text, 1.5);
    outline(this.current, this.text, 3);
  }

  // isOpen reports whether a node has a rectangle in the view.
  isOpen(n) {
    for (let p = n; p !== this.view; p = p.parent) if (!p.parent || !p.parent.open) return false;
    return true;
  }

  // at returns the node under the pointer.
  at(e) {
    const box = this.root.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
    let n = this.view;
    if (!n || !n.size) return null;
    while (n.children && n.open) {
      const c = n.children.find((c) => x >= c.x && x < c.x + c.w && y >= c.y && y < c.y + c.h);
      if (!c) break;
      n = c;
    }
    return n === this.view && n.children ? null : n;
  }

  pointed(e) {
    if (e.pointerType === "touch") return;
    this.point(this.at(e));
    if (!this.under) return;
    const box = this.root.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
    this.tip.style.left = Math.max(4, Math.min(x + 14, box.width - this.tip.offsetWidth - 4)) + "px";
    this.tip.style.top = (y + 18 + this.tip.offsetHeight > box.height ? Math.max(4, y - this.tip.offsetHeight - 10) : y + 18) + "px";
  }

  point(n) {
    if (n === this.under) return;
    this.under = n;
    this.tip.hidden = !n;
    if (n) this.tip.textContent = this.describe(n);
    this.mark();
  }

  // move makes a node the current one, and selects it. The view zooms out as far as
  // needed to show it.
  move(n, quiet) {
    this.current = n;
    let p = n;
    while (p && p !== this.view) p = p.parent;
    if (!p) this.zoom(this.tree);
    this.describeCurrent();
    this.mark();
    if (!quiet) this.select(n);
  }

  describeCurrent() {
    const n = this.current;
    if (!n) {
      this.root.removeAttribute("aria-activedescendant");
      this.active.textContent = "";
      return;
    }
    this.active.textContent = this.describe(n);
    this.active.setAttribute("aria-level", n.level);
    const siblings = n.parent ? n.parent.children : [n];
    this.active.setAttribute("aria-setsize", siblings.length);
    this.active.setAttribute("aria-posinset", siblings.indexOf(n) + 1);
    if (n.children) this.active.setAttribute("aria-expanded", String(this.view === n || !!n.open));
    else this.active.removeAttribute("aria-expanded");
    this.root.setAttribute("aria-activedescendant", this.active.id);
  }

  zoom(n) {
    this.view = n;
    this.point(null);
    this.zoomed(n);
    this.later();
  }

  // zoomInto fills the map with a node, or with what a leaf is in.
  zoomInto(n) {
    this.zoom(n.children ? n : n.parent);
    if (n.children && n.children.length) this.move(n.children[0]);
  }

  zoomOut() {
    if (this.view === this.tree) return false;
    const from = this.view;
    this.zoom(from.parent);
    this.move(from);
    return true;
  }

  key(e) {
    if (e.altKey || e.ctrlKey || e.metaKey || !this.view) return;
    const n = this.current, top = this.view;
    const inView = n && n !== top;
    const list = inView && n.parent ? n.parent.children : top.children || [];
    const i = inView ? list.indexOf(n) : -1;
    const go = (to) => to && to.size > 0 && this.move(to);
    switch (e.key) {
      case "ArrowRight": go(list[Math.min(list.length - 1, i + 1)]); break;
      case "ArrowLeft": go(list[Math.max(0, i - 1)]); break;
      case "Home": go(list[0]); break;
      case "End": go(list[list.length - 1]); break;
      case "ArrowDown": if (inView) go(n.children && n.children[0]); else go(list[0]); break;
      case "ArrowUp": if (inView && n.parent !== top) go(n.parent); break;
      case "Enter": if (n) this.zoomInto(n); break;
      case "Escape": if (!this.zoomOut()) return; break;
      default: return;
    }
    e.preventDefault();
  }
}
