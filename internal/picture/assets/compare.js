// SPDX-License-Identifier: Apache-2.0
// The page of two objects. A row of the table is the number of a unit: a function, a
// variable, or data without a symbol, that differs.

const { units, texts, sections } = data;
const num = (n) => (typeof n === "string" ? Number(n) : n);
const sizeOf = (p) => (p ? num(p.at[1]) : 0);
const signed = (n) => (n > 0 ? "+" : n < 0 ? "−" : "±") + grouped.format(Math.abs(n));
units.forEach((u) => {
  u.place = u.b || u.a;
  u.delta = sizeOf(u.b) - sizeOf(u.a);
  // What the table says, in one word or two.
  const words = u.changes.filter((c) => c !== "changed");
  if (u.changes.includes("changed")) words.unshift(u.delta > 0 ? "grew" : u.delta < 0 ? "shrank" : "changed");
  u.words = words.join(", ");
  u.text = [u.name, u.place.input, u.place.section, u.a && u.b ? u.b.name : ""].join(" ").toLowerCase();
});
const state = { words: [], show: "all", sort: "bar", descending: true, selected: null };
const kindsOfChange = [
  ["grew", (u) => u.delta > 0 && u.a && u.b], ["shrank", (u) => u.delta < 0 && u.a && u.b], ["changed", (u) => u.delta === 0 && u.changes.includes("changed")],
  ["moved", (u) => u.changes.includes("moved")], ["renamed", (u) => u.changes.includes("renamed")], ["added", (u) => !u.a], ["removed", (u) => !u.b],
];

let widest = 1;
const deltaBar = (delta, of) => {
  const bar = el("i", { class: delta > 0 ? "up" : "down" });
  bar.style.width = (50 * Math.abs(delta)) / of + "%";
  return el("span", { class: "delta", "aria-hidden": "true" }, delta ? bar : null);
};
const deltaText = (delta) => el("span", { class: delta > 0 ? "grew" : delta < 0 ? "shrank" : "muted", text: delta ? signed(delta) : "0" });
const text = (of) => (cell, i) => { cell.textContent = of(units[i]); cell.title = of(units[i]); };
const columns = [
  { id: "name", label: "Name", title: "a function, a variable, or the section of data without a symbol", by: (i) => units[i].name.toLowerCase(), text: true, fill(cell, i) { cell.textContent = units[i].name; cell.title = units[i].kind + " " + units[i].name; cell.className = "cell c-name mono name"; } },
  { id: "change", label: "Change", by: (i) => units[i].words, text: true, fill: text((u) => u.words) },
  { id: "before", label: "Before", title: "bytes in A", number: true, by: (i) => sizeOf(units[i].a), fill: text((u) => (u.a ? decimal(u.a.at[1]) : "")) },
  { id: "after", label: "After", title: "bytes in B", number: true, by: (i) => sizeOf(units[i].b), fill: text((u) => (u.b ? decimal(u.b.at[1]) : "")) },
  { id: "delta", label: "Bytes", title: "how many bytes B has more", number: true, by: (i) => units[i].delta, fill(cell, i) { cell.replaceChildren(deltaText(units[i].delta)); } },
  { id: "bar", label: "By amount", title: "how many bytes B has more or less, as a bar", by: (i) => Math.abs(units[i].delta) * 2 ** 20 + units[i].count, fill(cell, i) { cell.replaceChildren(deltaBar(units[i].delta, widest)); } },
  { id: "count", label: "Lines", title: "instructions or data items that differ", number: true, by: (i) => units[i].count, fill: text((u) => (u.count ? decimal(u.count) : "")) },
  { id: "section", label: "Section", by: (i) => units[i].place.section, text: true, fill: text((u) => u.place.section) },
  { id: "file", label: "Object", by: (i) => stem(units[i].place.input), text: true, fill: text((u) => stem(u.place.input)) },
];
const grid = new Grid($("table"), {
  label: "Functions and data that differ",
  columns,
  fit: true,
  select: (i) => select(i, true),
  sorted(c) {
    state.descending = state.sort === c.id ? !state.descending : !c.text;
    state.sort = c.id;
    rows();
  },
});

function rows() {
  const shown = kindsOfChange.find(([k]) => k === state.show);
  const list = [];
  units.forEach((u, i) => {
    if ((!shown || shown[1](u)) && state.words.every((w) => u.text.includes(w))) list.push(i);
  });
  widest = list.reduce((n, i) => Math.max(n, Math.abs(units[i].delta)), 1);
  const c = columns.find((c) => c.id === state.sort);
  list.sort(sorter(c.by, state.descending, c.text));
  grid.setSort(state.sort, state.descending);
  grid.setRows(list, units.length ? "Nothing matches. Escape in the search box clears it." : "No function and no data differs.");
  if (state.selected !== null) grid.choose(state.selected, false);
  const total = list.reduce((n, i) => n + units[i].delta, 0);
  $("count").textContent = (list.length === units.length ? plural(units.length, "difference") : decimal(list.length) + " of " + plural(units.length, "difference")) + ", " + signed(total) + " bytes";
}

// Lines of a unit are drawn in parts, so that a large one does not hold up the page.
const linesAtOnce = 600;

function select(i, focus) {
  state.selected = i;
  grid.choose(i, !focus);
  detail(units[i]);
}

function place(p) {
  return p ? p.section + " + " + hex(p.at[0]) + ", " + bytes(p.at[1]) + (p.input ? ", " + stem(p.input) : "") : "not in this object";
}

function detail(u) {
  const body = el("tbody");
  const table = el("table", { "aria-label": "Lines of " + u.name + " in A and in B" },
    el("colgroup", {}, el("col", { class: "at" }), el("col"), el("col", { class: "at" }), el("col")),
    el("thead", {}, el("tr", {}, el("th", { colspan: "2", scope: "colgroup", text: "A: " + place(u.a) }), el("th", { colspan: "2", scope: "colgroup", text: "B: " + place(u.b) }))),
    body);
  const lines = unitLines(u);
  let drawn = 0;
  const more = el("button", { type: "button", class: "link", onclick: () => draw() });
  function draw() {
    body.append(...lines.slice(drawn, drawn + linesAtOnce).map(line));
    drawn = Math.min(lines.length, drawn + linesAtOnce);
    more.hidden = drawn === lines.length;
    more.textContent = "next " + decimal(Math.min(linesAtOnce, lines.length - drawn)) + " of " + plural(lines.length - drawn, "line");
  }
  draw();
  const renamed = u.a && u.b && u.a.name !== u.b.name ? el("span", { class: "muted mono name", text: "→ " + (u.b.name || "no symbol") }) : null;
  const nothing = lines.length === 0 ? el("p", { class: "muted", text: "Its lines are equal." }) : null;
  $("detail").replaceChildren(
    el("div", { class: "title" }, el("h2", { class: "name", text: u.name }), renamed, el("span", { class: "tag", text: u.kind }), el("span", { class: "tag", text: u.words }),
      u.delta ? el("span", { class: "num" }, deltaText(u.delta), " bytes") : null, u.count ? el("span", { class: "muted", text: plural(u.count, u.kind === "function" || u.kind === "code" ? "instruction" : "data item") + (u.count === 1 ? " differs" : " differ") }) : null),
    nothing || el("div", { class: "code", tabindex: "0", role: "region", "aria-label": "Lines side by side" }, table), more);
}

// unitLines unpacks the lines of a unit: {gap} or {a, b, same}, a and b being [offset, text].
function unitLines(u) {
  const lines = [], s = u.sides;
  for (let i = 0; i < s.length; ) {
    if (s[i] < 0) {
      lines.push({ gap: -s[i], cut: u.cut && i === s.length - 1 });
      i++;
      continue;
    }
    lines.push({ a: s[i + 1] ? [s[i], texts[s[i + 1] - 1]] : null, b: s[i + 3] ? [s[i + 2], texts[s[i + 3] - 1]] : null, same: s[i + 4] });
    i += 5;
  }
  return lines;
}

function line(l) {
  if (l.gap) return el("tr", { class: "gap" }, el("td", { colspan: "4", text: l.cut ? plural(l.gap, "more line") + " not shown; hyplink compare --lines=-1 prints all that differ" : plural(l.gap, "equal line") }));
  const cells = (x, side, mark) => {
    const look = l.same ? "" : x ? " " + mark : " none";
    return [el("td", { class: "at " + side + look, text: x ? "+" + hex(x[0]) : "" }), el("td", { class: "name " + side + look, text: x ? x[1] : "" },
      l.same || !x ? null : el("span", { class: "sr", text: mark === "minus" ? " (A only)" : " (B only)" }))];
  };
  return el("tr", { class: l.same ? "same" : "differs" }, ...cells(l.a, "", "minus"), ...cells(l.b, "b", "plus"));
}

// step goes to the next or the previous difference of the unit that is shown.
function step(by) {
  const box = document.querySelector("#detail .code");
  if (!box) return;
  const starts = [...box.querySelectorAll("tr.differs")].filter((r) => !r.previousElementSibling || !r.previousElementSibling.classList.contains("differs"));
  if (!starts.length) return;
  const here = starts.findIndex((r) => r.classList.contains("here"));
  const to = starts[here < 0 ? (by > 0 ? 0 : starts.length - 1) : (here + by + starts.length) % starts.length];
  if (here >= 0) starts[here].classList.remove("here");
  to.classList.add("here");
  box.scrollTop = to.offsetTop - box.clientHeight / 3;
  $("detail").scrollIntoView({ block: "nearest" });
}

// The map: each leaf is a symbol, or bytes without one, as large as in the object where it
// is larger.
const { names, section, file, before, after, change } = data.map;
const changeColors = [["added", "#ee8866"], ["grew", "#eebb77"], ["same", "#dfe3e8"], ["contents differ", "#bbcc33"], ["shrank", "#99ddff"], ["removed", "#77aadd"]];
const differs = new Map(units.map((u, i) => [(u.b || u.a).name, i]).filter(([name]) => name));
const changeOf = (i) => {
  const c = data.map.changes[change[i] - 1];
  return c === "same" && differs.has(names[i]) ? "contents differ" : c;
};

function makeTree() {
  const root = { parent: null, children: [], size: 0, title: "all sections", level: 0 };
  const child = (parent, fields) => {
    const n = { parent, children: null, size: 0, level: parent.level + 1, ...fields };
    (parent.children ||= []).push(n);
    return n;
  };
  const inner = new Map();
  const within = (parent, key, title) => {
    if (!inner.has(key)) inner.set(key, child(parent, { title }));
    return inner.get(key);
  };
  for (let i = 0; i < names.length; i++) {
    const size = Math.max(num(before[i]), num(after[i]));
    if (!size) continue;
    let parent = within(root, "s" + section[i], data.map.sections[section[i] - 1]);
    if (file[i]) parent = within(parent, "s" + section[i] + " f" + file[i], stem(data.map.files[file[i] - 1]));
    const leaf = child(parent, { title: names[i] ? bare(names[i]) : "no symbol", node: i, size });
    for (let p = leaf.parent; p; p = p.parent) p.size += size;
  }
  const sort = (n) => {
    n.children.sort((a, b) => b.size - a.size);
    for (const c of n.children) if (c.children) sort(c);
  };
  sort(root);
  if (!root.children.length) root.children = null;
  return root;
}

function describe(n) {
  if (n.node === undefined) return n.title + ": " + bytes(n.size);
  const i = n.node, delta = num(after[i]) - num(before[i]);
  return n.title + ": " + changeOf(i) + ", " + (delta ? decimal(before[i]) + " → " : "") + bytes(after[i]);
}

const treemap = new Treemap($("map"), {
  color: (n, dark) => shade(changeColors.find(([c]) => c === changeOf(n.node))[1], dark),
  dim: () => false,
  describe,
  select: (n) => { if (n.node !== undefined && differs.has(names[n.node])) select(differs.get(names[n.node]), false); },
  zoomed: () => crumbs(treemap),
});

function legend() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches, found = new Set(names.map((n, i) => changeOf(i)));
  swatches(changeColors.filter(([c]) => found.has(c)).map(([c, color]) => [shade(color, dark), c]));
}

function sizes() {
  const changed = sections.filter((s) => s.change !== "same");
  const most = changed.reduce((n, s) => Math.max(n, Math.abs(num(s.size[1]) - num(s.size[0]))), 1);
  const box = $("sizes");
  if (!changed.length) {
    box.replaceChildren(el("h2", { text: "Sections" }), el("p", { class: "muted", text: "All " + plural(sections.length, "loaded section") + " have the same size in both objects." }));
    return;
  }
  box.replaceChildren(el("h2", { text: "Sections" }), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Sizes of sections" }, el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Section" }), el("th", { scope: "col", class: "n", text: "Before" }), el("th", { scope: "col", class: "n", text: "After" }), el("th", { scope: "col", class: "n", text: "Bytes" }), el("th", { scope: "col", class: "chart" }, el("span", { class: "sr", text: "as a bar" })))),
    el("tbody", {}, ...changed.map((s) => {
      const delta = num(s.size[1]) - num(s.size[0]), bar = el("td", { class: "chart" }, deltaBar(delta, most));
      bar.style.minWidth = "90px";
      return el("tr", {}, el("td", { class: "mono name", text: s.name }), el("td", { class: "n", text: s.change === "added" ? "" : decimal(s.size[0]) }), el("td", { class: "n", text: s.change === "removed" ? "" : decimal(s.size[1]) }),
        el("td", { class: "n" }, deltaText(delta)), bar);
    })))), changed.length < sections.length ? el("p", { class: "muted", text: plural(sections.length - changed.length, "other loaded section") + " without a change in size." }) : "");
}

// The list of other differences shows this many, and the rest when asked.
const shownOther = 60;
function other() {
  const make = (o) => el("tr", {}, el("td", { class: "what", text: o.what }), el("td", { class: "name" }, el("span", { class: o.what === "symbol" || o.what === "section" ? "mono" : "", text: o.name }),
    o.change && o.change !== "changed" ? el("span", { class: "muted", text: " " + o.change }) : null, o.details.length ? el("span", { class: "muted", text: ": " + o.details.join(", ") }) : null));
  const body = el("tbody", {}, ...data.other.slice(0, shownOther).map(make));
  const rest = data.other.length - shownOther;
  const more = rest > 0 ? el("button", { type: "button", class: "link", text: "all " + decimal(data.other.length), onclick: () => { body.append(...data.other.slice(shownOther).map(make)); more.remove(); } }) : null;
  const counts = (list, what) => list.length ? el("p", { class: "muted", text: what + ": " + list.map(([k, n]) => k + " " + decimal(n)).join(", ") }) : null;
  $("other").replaceChildren(...[el("h2", { text: "Other differences" }),
    data.other.length ? el("table", { class: "plain" }, body) : el("p", { class: "muted", text: "None in headers, sections or symbols." }), more,
    counts(data.meaningless, "without meaning"), counts(data.ignored, "ignored")].filter(Boolean));
}

function start() {
  const [before, after] = data.loaded.map(num);
  $("title").textContent = stem(data.a) + " → " + stem(data.b);
  const counts = kindsOfChange.map(([k, is]) => [k, units.filter(is).length]).filter(([, n]) => n);
  $("summary").textContent = ["A " + data.a, "B " + data.b, decimal(data.loaded[0]) + " → " + bytes(data.loaded[1]) + " loaded (" + signed(after - before) + ")", ...counts.map(([k, n]) => decimal(n) + " " + k)].join(" · ");
  if (data.identical || data.equal) {
    $("verdict").hidden = false;
    $("verdict").textContent = data.identical ? "The files are identical." : "The objects are equal" + (data.meaningless.length || data.ignored.length ? ", apart from what is listed below." : ".");
  }
  $("show").append(el("option", { value: "all", text: "everything" }), ...counts.map(([k]) => el("option", { value: k, text: k })));
  searchBox($("query"), (words) => { state.words = words; rows(); });
  $("show").addEventListener("change", () => { state.show = $("show").value; rows(); });
  document.addEventListener("keydown", (e) => {
    if ((e.key !== "n" && e.key !== "p") || /^(INPUT|SELECT)$/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    step(e.key === "n" ? 1 : -1);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", legend);
  rows();
  treemap.setTree(makeTree());
  $("blank").hidden = treemap.tree.size > 0;
  legend();
  sizes();
  other();
  if (units.length) select(grid.rows[0], false);
  else $("detail").hidden = true;
}
start();
