// SPDX-License-Identifier: Apache-2.0
"use strict";
// What both pages use: text, elements, and a table that draws only the rows in view.
// Names come from an object and are only ever set as text, never as HTML.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

// el makes an element. Attributes with the value null are left out.
function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) {
    if (k === "class") e.className = v;
    else if (k === "text") e.textContent = v;
    else if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
    else if (v !== null) e.setAttribute(k, v);
  }
  e.append(...children.filter((c) => c !== null));
  return e;
}

const grouped = new Intl.NumberFormat("en-US");
// decimal formats a number of the data, which is a string if it is above 2^53.
const decimal = (n) => grouped.format(typeof n === "string" ? BigInt(n) : n);
const hex = (n) => "0x" + (typeof n === "string" ? BigInt(n) : n).toString(16);
function bytes(n) {
  return n === 1 ? "1 byte" : decimal(n) + " bytes";
}
function percent(part, whole) {
  if (!whole) return "";
  const p = (100 * part) / whole;
  return p >= 10 ? p.toFixed(0) + " %" : p >= 0.1 ? p.toFixed(1) + " %" : p > 0 ? "< 0.1 %" : "0 %";
}
const plural = (n, noun) => decimal(n) + " " + noun + (n === 1 ? "" : "s");
// bare returns a name without what all names of the object begin with.
const bare = (name) => (data.prefix && name.startsWith(data.prefix) && name.length > data.prefix.length ? name.slice(data.prefix.length) : name);
const stem = (file) => file.slice(file.lastIndexOf("/") + 1);

// A row of a table is this high, in CSS pixels. Browsers limit how high an element
// can be; maxRows rows are below that in all of them.
const rowHeight = 28;
const maxRows = 500000;

// Grid is a table with sorting, for any number of rows. It draws the rows in view.
class Grid {
  // columns: {id, label, title, number, fill(cell, row)}. With fit, the table is only as
  // high as its rows. select is called with the
  // row that was chosen, sorted with the column that is to be sorted by.
  constructor(root, { label, columns, fit, select, sorted }) {
    this.root = root;
    this.columns = columns;
    this.fit = fit;
    this.select = select;
    this.rows = [];
    this.current = -1;
    this.chosen = null;
    this.drawn = [];
    root.setAttribute("role", "grid");
    root.setAttribute("aria-label", label);
    root.setAttribute("aria-colcount", columns.length);
    root.tabIndex = 0;
    this.headers = columns.map((c) =>
      el("div", { class: "cell c-" + c.id + (c.number ? " n" : ""), role: "columnheader", "aria-sort": "none", title: c.title || null },
        el("button", { type: "button", text: c.label, onclick: () => sorted(c) })));
    this.head = el("div", { class: "head", role: "row" }, ...this.headers);
    this.space = el("div", { class: "space", role: "presentation" });
    this.body = el("div", { class: "body", role: "presentation", tabindex: "-1" }, this.head, this.space);
    root.append(this.body);
    this.body.addEventListener("scroll", () => this.later(), { passive: true });
    this.body.addEventListener("click", (e) => this.clicked(e));
    root.addEventListener("keydown", (e) => this.key(e));
    new ResizeObserver(() => this.later()).observe(this.body);
  }

  // setSort shows which column the rows are sorted by.
  setSort(id, descending) {
    this.columns.forEach((c, i) => this.headers[i].setAttribute("aria-sort", c.id !== id ? "none" : descending ? "descending" : "ascending"));
  }

  // setRows replaces the rows: a list, or a typed array, of numbers.
  setRows(rows, empty) {
    this.rows = rows;
    this.shown = Math.min(rows.length, maxRows);
    this.root.setAttribute("aria-rowcount", rows.length + 1);
    this.space.style.height = this.shown * rowHeight + "px";
    this.current = Math.min(this.current, this.shown - 1);
    this.root.removeAttribute("aria-activedescendant");
    if (this.message) this.message.remove();
    this.message = null;
    if (!rows.length) {
      this.message = el("p", { class: "empty", text: empty });
      this.body.append(this.message);
    }
    if (this.fit) this.body.style.height = "min(var(--height, 448px), " + (this.shown ? this.shown * rowHeight + 36 : 130) + "px)";
    this.body.scrollTop = 0;
    this.draw(true);
  }

  // choose marks a row, and shows it if it is in the table.
  choose(row, scroll) {
    this.chosen = row;
    if (scroll) {
      const i = this.rows.indexOf(row);
      if (i >= 0 && i < this.shown) this.moveTo(i, true);
    }
    this.draw(true);
  }

  later() {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.draw(false));
  }

  // high is the height of the rows in view.
  get high() {
    return this.body.clientHeight - this.head.offsetHeight;
  }

  draw(all) {
    if (this.waiting) cancelAnimationFrame(this.waiting);
    this.waiting = 0;
    const first = Math.max(0, Math.floor(this.body.scrollTop / rowHeight) - 4);
    const count = Math.min(this.shown - first, Math.ceil(this.high / rowHeight) + 8);
    while (this.drawn.length < count) {
      const cells = this.columns.map((c) => el("div", { class: "cell c-" + c.id + (c.number ? " n" : ""), role: "gridcell" }));
      const row = el("div", { class: "row", role: "row", id: this.root.id + "-row-" + this.drawn.length }, ...cells);
      this.drawn.push({ row, cells, at: -1 });
      this.space.append(row);
    }
    // A row keeps its element while it is in view, so that scrolling fills few of them.
    for (let n = 0; n < this.drawn.length; n++) {
      const i = n < count ? first + ((n - (first % count) + count) % count) : -1;
      const d = this.drawn[n];
      d.row.hidden = i < 0;
      if (i < 0) {
        d.at = -1;
        continue;
      }
      if (all || d.at !== i) {
        const row = this.rows[i];
        d.at = i;
        d.row.style.top = i * rowHeight + "px";
        d.row.setAttribute("aria-rowindex", i + 2);
        d.row.setAttribute("aria-selected", row === this.chosen);
        this.columns.forEach((c, k) => c.fill(d.cells[k], row));
      }
      d.row.classList.toggle("current", i === this.current);
      if (i === this.current) this.root.setAttribute("aria-activedescendant", d.row.id);
    }
  }

  moveTo(i, middle) {
    this.current = Math.max(0, Math.min(this.shown - 1, i));
    const top = this.current * rowHeight, high = this.high;
    if (middle && (top < this.body.scrollTop || top + rowHeight > this.body.scrollTop + high)) this.body.scrollTop = top - high / 2;
    else if (top < this.body.scrollTop) this.body.scrollTop = top;
    else if (top + rowHeight > this.body.scrollTop + high) this.body.scrollTop = top + rowHeight - high;
    this.draw(false);
  }

  clicked(e) {
    const row = e.target.closest(".row");
    const d = row && this.drawn.find((d) => d.row === row);
    if (!d || d.at < 0) return;
    this.current = d.at;
    this.select(this.rows[d.at]);
    this.root.focus({ preventScroll: true });
  }

  key(e) {
    if (e.target !== this.root || e.altKey || e.ctrlKey || e.metaKey || !this.shown) return;
    const page = Math.max(1, Math.floor(this.high / rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (e.key in steps) this.moveTo(this.current + steps[e.key]);
    else if (e.key === "Home") this.moveTo(0);
    else if (e.key === "End") this.moveTo(this.shown - 1);
    else if (e.key === "Enter" && this.current >= 0) this.select(this.rows[this.current]);
    else return;
    e.preventDefault();
  }
}

// searchBox calls found with the words of the search when they change. "/" goes to
// the box from anywhere, Escape clears it.
function searchBox(input, found) {
  let waiting = 0;
  input.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => found(input.value.toLowerCase().split(/\s+/).filter(Boolean)));
  });
  document.addEventListener("keydown", (e) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) && e.target.type !== "checkbox";
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
      e.preventDefault();
      input.focus();
      input.select();
    } else if (e.key === "Escape" && e.target === input) {
      e.preventDefault();
      if (input.value) {
        input.value = "";
        found([]);
      } else input.blur();
    }
  });
}

// sorter sorts numbers by the value that by returns for them; equal ones stay in
// the order of their numbers.
function sorter(by, descending, isText) {
  const order = isText ? (x, y) => (x < y ? -1 : x > y ? 1 : 0) : (x, y) => x - y;
  return (a, b) => (descending ? order(by(b), by(a)) : order(by(a), by(b))) || a - b;
}
