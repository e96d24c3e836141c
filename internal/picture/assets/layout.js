// SPDX-License-Identifier: Apache-2.0
// The page of one object. Nodes are numbers: first the items of the sections, then
// labels, then symbols that are not in a section.

const { names, section, file, offset, size, kind, attribute, sections, files, kinds } = data;
const count = names.length, items = data.items, labelEnd = items + data.labels;
const num = (n) => (typeof n === "string" ? Number(n) : n);
for (const s of sections) s.size = s.size ? s.size[0] : 0;

// References by node: those from node i are out.order[out.start[i] .. out.start[i+1]].
function byNode(column) {
  const start = new Uint32Array(count + 1), order = new Uint32Array(column.length);
  for (const n of column) start[n + 1]++;
  for (let i = 0; i < count; i++) start[i + 1] += start[i];
  const next = start.slice();
  for (let r = 0; r < column.length; r++) order[next[column[r]]++] = r;
  return { start, order };
}
const out = byNode(data.refFrom), into = byNode(data.refTo);
const outCount = new Uint32Array(count), inCount = new Uint32Array(count), hypCount = new Uint32Array(count);
for (let r = 0; r < data.refFrom.length; r++) {
  outCount[data.refFrom[r]] += data.refCount[r];
  inCount[data.refTo[r]] += data.refCount[r];
  if (data.refHyp[r]) hypCount[data.refFrom[r]] += data.refCount[r];
}

const sectionOf = (i) => (section[i] ? sections[section[i] - 1] : null);
const sectionName = (i) => (section[i] ? sections[section[i] - 1].name : "");
const fileOf = (i) => (file[i] ? files[file[i] - 1] : "");
const title = (i) => names[i] || (kinds[kind[i]] === "padding" ? "padding" : "no symbol, +" + hex(offset[i]));
const texts = names.map((n, i) => (n + " " + fileOf(i) + " " + sectionName(i)).toLowerCase());

const state = { words: [], show: "all", unloaded: false, colour: "section", sort: "size", descending: true, selected: null };

// Colors: Paul Tol's "light" scheme, which people with any color vision can tell apart
// and which dark text can be read on.
const palette = ["#77aadd", "#ee8866", "#44bb99", "#eedd88", "#ffaabb", "#99ddff", "#bbcc33", "#aaaa00"];
const rest = "#c4cad2", scale = ["#e3e8ee", "#b9d3ea", "#86b3dc", "#5d97cd", "#2f6ba8", "#184a80"];
const kindColors = { function: 0, variable: 1, constant: 3, "code without symbol": 5, "data without symbol": 6 };
const sectionRank = new Map();
function rankSections() {
  sectionRank.clear();
  const shown = sections.map((s, i) => i).filter((i) => sections[i].name !== undefined && visible(i) && num(sections[i].size) > 0);
  shown.sort((a, b) => num(sections[b].size) - num(sections[a].size) || a - b).forEach((s, n) => sectionRank.set(s, n));
}
const visible = (s) => state.unloaded || sections[s].loaded;
// referenced puts a number of references into one of the steps of the scale.
const referenced = (n) => (n === 0 ? 0 : n === 1 ? 1 : n < 4 ? 2 : n < 10 ? 3 : n < 32 ? 4 : 5);
const referencedNames = ["not at all", "once", "2 to 3 times", "4 to 9 times", "10 to 31 times", "32 times or more"];

function leafColor(n, dark) {
  const i = n.node;
  if (state.colour === "in") return shade(scale[referenced(inCount[i])], dark);
  let color;
  if (state.colour === "kind") {
    const c = kindColors[kinds[kind[i]]];
    color = c === undefined ? rest : palette[c];
  } else {
    const rank = sectionRank.get(section[i] - 1);
    color = rank < palette.length ? palette[rank] : rest;
  }
  return leafFill(color, n.odd, kinds[kind[i]] === "padding", dark);
}

// leafFill is a color of the legend as it is in the map: neighbouring objects are of two
// shades, and padding is pale.
function leafFill(color, odd, padding, dark) {
  if (odd) color = mix(color, "#ffffff", 0.3);
  if (padding) color = mix(color, "#cfd5dc", 0.65);
  return shade(color, dark);
}

function legend() {
  let entries;
  if (state.colour === "in") entries = referencedNames.map((t, i) => [scale[i], t]);
  else if (state.colour === "kind") entries = Object.entries(kindColors).map(([k, c]) => [palette[c], k]).concat([[rest, "padding"]]);
  else {
    const ranked = [...sectionRank.keys()];
    entries = ranked.slice(0, palette.length).map((s, n) => [palette[n], sections[s].name]);
    if (ranked.length > palette.length) entries.push([rest, plural(ranked.length - palette.length, "other section")]);
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  swatches(entries.map(([color, text]) => [shade(color, dark), text]));
}

// matches reports whether a node is a result of the search and of the selection of
// kinds.
function matches(i) {
  if (section[i] && !visible(section[i] - 1)) return false;
  if (state.show === "hyp" ? !hypCount[i] : state.show !== "all" && String(kind[i]) !== state.show) return false;
  return state.words.every((w) => texts[i].includes(w));
}
const filtered = () => state.words.length > 0 || state.show !== "all";
let isMatch = new Uint8Array(count);

// The tree of the map: sections, inputs, items.
const leafOf = new Array(items);
function makeTree() {
  const root = { parent: null, children: [], size: 0, title: data.name, level: 0 };
  const child = (parent, fields) => {
    const n = { parent, children: null, size: 0, level: parent.level + 1, ...fields };
    (parent.children ||= []).push(n);
    return n;
  };
  leafOf.fill(null);
  let inSection = null, at = 0, groups = null;
  for (let i = 0; i < items; i++) {
    if (section[i] !== at) {
      at = section[i];
      inSection = visible(at - 1) ? child(root, { title: sections[at - 1].name, section: at - 1 }) : null;
      groups = new Map();
    }
    if (!inSection) continue;
    let group = inSection;
    if (file[i]) {
      group = groups.get(file[i]);
      if (!group) groups.set(file[i], (group = child(inSection, { title: stem(files[file[i] - 1]), section: at - 1, file: file[i] })));
    }
    const leaf = child(group, { title: names[i] ? bare(names[i]) : kinds[kind[i]] === "padding" ? "padding" : "no symbol", node: i, size: num(size[i]) });
    leafOf[i] = leaf;
    for (let p = group; p; p = p.parent) p.size += leaf.size;
  }
  const sort = (n) => {
    if (!n.children) return;
    n.children.sort((a, b) => b.size - a.size);
    for (const c of n.children) if (c.children) sort(c);
    n.children.forEach((c, k) => {
      if (c.file) for (const leaf of c.children) leaf.odd = k % 2 === 1;
    });
  };
  sort(root);
  if (!root.children.length) root.children = null;
  return root;
}

function describe(n) {
  const share = n.parent ? ", " + percent(n.size, treemap.tree.size) + " of all" : "";
  if (n.node !== undefined) return title(n.node) + ": " + kinds[kind[n.node]] + ", " + bytes(size[n.node]) + share + (fileOf(n.node) ? ", " + stem(fileOf(n.node)) : "");
  const what = n.file ? "object " + files[n.file - 1] : n.section !== undefined ? "section " + n.title : n.title;
  return what + ": " + bytes(n.size) + share;
}

const treemap = new Treemap($("map"), {
  color: leafColor,
  dim: (n) => filtered() && !isMatch[n.node],
  describe,
  select: (n) => select(n.node !== undefined ? n.node : n, "map"),
  zoomed: () => crumbs(treemap),
});

// nameCell shows a name with the prefix of all names in the background.
function nameCell(cell, i) {
  const name = names[i];
  cell.title = title(i);
  if (!name) cell.replaceChildren(el("span", { class: "muted", text: title(i) }));
  else if (bare(name) !== name) cell.replaceChildren(el("span", { class: "muted prefix", text: data.prefix }), bare(name));
  else cell.textContent = name;
  cell.className = "cell c-name mono name";
}

let loadedSize = 0;
const text = (of) => (cell, i) => { cell.textContent = of(i); cell.title = of(i); };
const number = (of) => (cell, i) => { const n = of(i); cell.textContent = n ? decimal(n) : ""; };
const columns = [
  { id: "name", label: "Symbol", by: (i) => bare(title(i)).toLowerCase(), text: true, fill: nameCell },
  { id: "size", label: "Bytes", number: true, by: (i) => num(size[i]), fill: number((i) => size[i]) },
  { id: "share", label: "Share", title: "share of the loaded bytes, the bar relative to the largest", by: (i) => num(size[i]), fill(cell, i) {
    const bar = cell.firstChild || cell.appendChild(el("span", { class: "share", "aria-hidden": "true" }));
    bar.style.width = largest ? Math.max(0, (100 * num(size[i])) / largest) + "%" : "0";
    bar.style.visibility = num(size[i]) ? "visible" : "hidden";
    cell.title = percent(num(size[i]), loadedSize);
  } },
  { id: "section", label: "Section", by: (i) => sectionName(i), text: true, fill: text((i) => sectionName(i)) },
  { id: "file", label: data.origin === "file-symbols" ? "Source" : "Object", by: (i) => stem(fileOf(i)), text: true, fill(cell, i) { cell.textContent = stem(fileOf(i)); cell.title = fileOf(i); } },
  { id: "kind", label: "Kind", by: (i) => kinds[kind[i]], text: true, fill: text((i) => kinds[kind[i]]) },
  { id: "in", label: "Refs in", title: "how often others refer to it", number: true, by: (i) => inCount[i], fill: number((i) => inCount[i]) },
  { id: "out", label: "Refs out", title: "how often it refers to others", number: true, by: (i) => outCount[i], fill: number((i) => outCount[i]) },
  { id: "hyp", label: "Hyp", title: "its addresses that .hyp.reloc lists, which the kernel converts at boot", number: true, by: (i) => hypCount[i], fill: number((i) => hypCount[i]) },
];
let largest = 0;
const grid = new Grid($("table"), {
  label: "Symbols and other contents",
  columns,
  select: (i) => select(i, "table"),
  sorted(c) {
    state.descending = state.sort === c.id ? !state.descending : !c.text;
    state.sort = c.id;
    rows();
  },
});

// rows fills the table, and dims what it does not have in the map.
function rows() {
  const list = [];
  let total = 0;
  largest = 0;
  for (let i = 0; i < count; i++) {
    isMatch[i] = matches(i) ? 1 : 0;
    if (!isMatch[i]) continue;
    list.push(i);
    total += num(size[i]);
    if (i < items) largest = Math.max(largest, num(size[i]));
  }
  const c = columns.find((c) => c.id === state.sort);
  if (c.text) {
    const keys = new Map(list.map((i) => [i, c.by(i)]));
    list.sort(sorter((i) => keys.get(i), state.descending, true));
  } else list.sort(sorter(c.by, state.descending));
  grid.setSort(state.sort, state.descending);
  const nothing = count === 0 ? "This object has no sections with contents and no symbols." : "Nothing matches. Escape in the search box clears it.";
  grid.setRows(list, nothing);
  if (typeof state.selected === "number") grid.choose(state.selected, false);
  const cut = list.length > maxRows ? ", the first " + decimal(maxRows) + " are shown" : "";
  $("count").textContent = (filtered() ? decimal(list.length) + " of " + plural(count, "row") : plural(count, "row")) + cut + ", " + bytes(total);
  treemap.later();
}

// select shows a node, or a section or an input of the map, everywhere.
function select(what, from) {
  state.selected = what;
  if (typeof what === "number") {
    if (from !== "map") {
      const leaf = leafOf[what >= items && what < labelEnd ? data.within[what - items] : what];
      if (leaf) treemap.move(leaf, true);
      else {
        treemap.current = null;
        treemap.describeCurrent();
        treemap.mark();
      }
    }
    grid.choose(what, from !== "table");
  } else grid.choose(null, false);
  details();
}

function facts(list) {
  return el("dl", { class: "facts" }, ...list.filter(([, v]) => v).flatMap(([k, v]) => [el("dt", { text: k }), typeof v === "string" ? el("dd", { class: "name", text: v }) : el("dd", {}, v)]));
}

// A list in the details shows this many entries, and the rest when asked.
const shownEntries = 40;
function shortened(entries, make) {
  const list = el("ul", { class: "refs" }, ...entries.slice(0, shownEntries).map(make));
  if (entries.length <= shownEntries) return [list];
  const more = el("button", { type: "button", class: "link", text: "all " + decimal(entries.length), onclick() {
    list.append(...entries.slice(shownEntries).map(make));
    more.remove();
    list.children[shownEntries].querySelector("button").focus();
  } });
  return [list, more];
}

function entry(i, what) {
  return el("li", {}, el("button", { type: "button", class: "link name", text: bare(title(i)), title: title(i), onclick: () => select(i, "details") }), el("span", { class: "what", text: what }));
}

// references lists the other ends of the references of a node.
function references(i, index, other, heading, none) {
  const ends = new Map();
  for (let k = index.start[i]; k < index.start[i + 1]; k++) {
    const r = index.order[k], e = ends.get(other[r]) || { count: 0, kinds: [], hyp: false };
    e.count += data.refCount[r];
    const name = data.refKinds[data.refKind[r]].replace(/^R_(AARCH64|X86_64|RISCV)_/, "");
    if (!e.kinds.includes(name)) e.kinds.push(name);
    e.hyp = e.hyp || data.refHyp[r] === 1;
    ends.set(other[r], e);
  }
  const list = [...ends].sort((a, b) => b[1].count - a[1].count || a[0] - b[0]);
  const total = list.reduce((n, [, e]) => n + e.count, 0);
  const title = el("h3", { text: heading + (list.length ? " " + decimal(list.length) + (total !== list.length ? ", " + plural(total, "time") : "") : "") });
  if (!list.length) return [title, el("p", { class: "muted", text: none })];
  return [title, ...shortened(list, ([n, e]) => entry(n, (e.count > 1 ? decimal(e.count) + " × " : "") + e.kinds.join(", ") + (e.hyp ? ", hyp" : "")))];
}

function details() {
  const s = state.selected, box = $("details");
  if (s === null) {
    box.replaceChildren(el("h2", { text: data.name }), el("p", { class: "muted", text: "Select a rectangle of the map or a row of the table to see what it is, what refers to it and what it refers to." }), ...sectionList());
  } else if (typeof s !== "number") box.replaceChildren(...groupDetails(s));
  else box.replaceChildren(...nodeDetails(s));
  box.scrollTop = 0;
}

function sectionList() {
  const list = [...sectionRank.keys()].filter((x) => sections[x].loaded);
  if (!list.length) return [];
  return [el("h3", { text: "Largest sections" }), ...shortened(list, (x) => {
    const n = (treemap.tree.children || []).find((c) => c.section === x);
    return el("li", {}, el("button", { type: "button", class: "link name", text: sections[x].name, onclick: () => { if (n) { treemap.zoom(n); treemap.move(n); } } }), el("span", { class: "what num", text: decimal(sections[x].size) }));
  })];
}

function nodeDetails(i) {
  const s = sectionOf(i), within = i >= items && i < labelEnd ? data.within[i - items] : null;
  const labels = [];
  for (let l = items; l < labelEnd && i < items; l++) if (data.within[l - items] === i) labels.push(l);
  return [
    el("h2", { class: "name", text: title(i) }),
    el("p", {}, el("span", { class: "tag", text: kinds[kind[i]] }), " ", attribute[i] ? el("span", { class: "tag", text: data.attributes[attribute[i] - 1] }) : null),
    facts([
      ["size", i < items || num(size[i]) ? bytes(size[i]) + " (" + hex(size[i]) + ")" : ""],
      ["share", i < items && s ? percent(num(size[i]), num(s.size)) + " of the section" + (s.loaded ? ", " + percent(num(size[i]), loadedSize) + " of all" : "") : ""],
      ["section", s ? s.name + " + " + hex(offset[i]) : ""],
      ["value", !s && num(offset[i]) ? hex(offset[i]) : ""],
      [data.origin === "file-symbols" ? "source" : "object", fileOf(i)],
      ["in", within !== null ? el("button", { type: "button", class: "link name mono", text: title(within), onclick: () => select(within, "details") }) : ""],
      ["hyp", hypCount[i] ? plural(hypCount[i], "address") .replace("addresss", "addresses") + " that .hyp.reloc lists" : ""],
    ]),
    ...(labels.length ? [el("h3", { text: "Labels in it " + decimal(labels.length) }), ...shortened(labels, (l) => entry(l, "+" + hex(num(offset[l]) - num(offset[i]))))] : []),
    ...(within === null ? [...references(i, into, data.refFrom, "Referenced by", "Nothing in this object refers to it."), ...references(i, out, data.refTo, "Refers to", "It refers to nothing else.")] : []),
  ];
}

function groupDetails(n) {
  const s = sections[n.section], inside = n.children || [];
  return [
    el("h2", { class: "name", text: n.file ? stem(files[n.file - 1]) : n.title }),
    el("p", {}, el("span", { class: "tag", text: n.file ? (data.origin === "file-symbols" ? "source" : "object") : "section" })),
    facts(n.file ? [
      ["size", bytes(n.size) + " in " + s.name],
      ["share", percent(n.size, num(s.size)) + " of the section"],
      ["path", files[n.file - 1]],
    ] : [
      ["size", bytes(s.size) + " (" + hex(s.size) + ")"],
      ["share", s.loaded ? percent(num(s.size), loadedSize) + " of all" : "not loaded"],
      ["type", s.type + (s.flags ? ", flags " + s.flags : "")],
      ["alignment", decimal(s.align[0])],
      ["relocations", decimal(s.relocations)],
    ]),
    el("h3", { text: n.file ? "Symbols" : "Largest parts" }),
    ...shortened(inside, (c) => c.node !== undefined ? entry(c.node, decimal(size[c.node])) :
      el("li", {}, el("button", { type: "button", class: "link name", text: c.title, onclick: () => treemap.move(c) }), el("span", { class: "what num", text: decimal(c.size) }))),
  ];
}

// show makes the tree and the table again.
function show() {
  rankSections();
  treemap.setTree(makeTree());
  const empty = !(treemap.tree.size > 0);
  $("blank").hidden = !empty;
  $("blank").textContent = empty ? (sections.length && !state.unloaded ? "This object has no loaded bytes." : "There is nothing to show: all sections are empty.") : "";
  legend();
  rows();
  details();
}

function start() {
  const used = sections.filter((s) => s.name !== undefined);
  loadedSize = used.filter((s) => s.loaded).reduce((n, s) => n + num(s.size), 0);
  const hyp = hypCount.reduce((n, c) => n + c, 0);
  $("title").textContent = data.name;
  const inputs = { link: "objects of the link", map: "objects from the map of the link", "file-symbols": "sources from FILE symbols", none: "inputs not known" }[data.origin];
  $("summary").textContent = [data.machine, bytes(loadedSize) + " loaded", plural(used.length, "section"), decimal(files.length) + " " + inputs, plural(names.filter(Boolean).length, "symbol"), data.hyp ? plural(hyp, "hyp relocation") : "no .hyp.reloc"].join(" · ").replace("0 inputs not known", "inputs not known");
  const present = kinds.map((k, i) => [k, i]).filter(([, i]) => kind.includes(i));
  $("kind").append(el("option", { value: "all", text: "everything" }), ...present.map(([k, i]) => el("option", { value: String(i), text: k })));
  if (hyp) $("kind").append(el("option", { value: "hyp", text: "with hyp relocations" }));
  searchBox($("query"), (words) => { state.words = words; rows(); });
  $("kind").addEventListener("change", () => { state.show = $("kind").value; rows(); });
  $("colour").addEventListener("change", () => { state.colour = $("colour").value; legend(); treemap.later(); });
  $("unloaded").addEventListener("change", () => { state.unloaded = $("unloaded").checked; state.selected = null; show(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", legend);
  show();
}
start();
