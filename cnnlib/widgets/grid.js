// A grid of numbered cells as one SVG: used for inputs, kernels, outputs and gradients. It keeps its cells and changes only what differs,
// so that a step repaints a handful of nodes.

import { formatNumber, h, ownKeys, parseNumber, s } from "./common.js";

const CELL = 40; // SVG units per cell; the page scales them
const MARGIN = 22; // room for the indices above and left of the cells
const OWN = Math.random().toString(36).slice(2, 8); // every widget loads this module anew, so that a count alone would repeat on a page
let grids = 0;

/** A hatched and a dotted pattern; patterns need ids of their own on every page. */
function patterns(id) {
  const line = s("path", { d: "M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6", class: "cnn-hatch-line" });
  const dot = s("circle", { cx: 3, cy: 3, r: 0.9, class: "cnn-hatch-dot" });
  const pattern = (name, size, child) => s("pattern", { id: `${id}-${name}`, width: size, height: size, patternUnits: "userSpaceOnUse" }, child);
  return s("defs", {}, pattern("unread", 8, line), pattern("taken", 6, dot));
}

/** A swatch for a legend: kind is "pad", "unread", "taken" or "frame". */
export function swatch(kind) {
  const id = `cnn-swatch-${OWN}-${++grids}`;
  const group = s("g", { class: kind }, s("rect", { class: "cell", width: 20, height: 20 }), s("rect", { class: "mark", width: 20, height: 20 }));
  if (kind === "unread" || kind === "taken") group.lastChild.setAttribute("fill", `url(#${id}-${kind})`);
  if (kind === "frame") group.append(s("rect", { class: "frame", width: 20, height: 20 }));
  return s("svg", { class: "cnn-swatch", viewBox: "0 0 20 20", "aria-hidden": "true" }, patterns(id), group);
}

/** The output place an arrow key leads to, or null for other keys. */
export function stepKey(key, step, [rows, columns]) {
  const last = rows * columns - 1;
  const moves = { ArrowLeft: step - 1, ArrowRight: step + 1, ArrowUp: step - columns, ArrowDown: step + columns, Home: 0, End: last };
  if (!(key in moves)) return null;
  return moves[key] < 0 || moves[key] > last ? step : moves[key];
}

/** Strength of a cell's tint, -1 to 1, from its share of the largest value. */
export const tints = (cells) => {
  const most = Math.max(...cells.flat().map(Math.abs)) || 1;
  return (value) => value / most;
};

/** Pixels per cell of a grid with so many cells along its longer side. */
export function cellSize(cells) {
  return Math.max(20, Math.min(38, Math.floor(400 / cells)));
}

/**
 * One grid. Callbacks, all optional: onHover(place or null), onPick(place), onEdit(place, number), onKey(event) -> true when used;
 * a place is [row, column]. With onEdit, arrows move a cursor over the cells, and Enter, a digit or a click opens a cell.
 */
export class Grid {
  constructor(name, callbacks = {}) {
    Object.assign(this, { callbacks, id: `cnn-grid-${OWN}-${++grids}`, cells: new Map(), cursor: [0, 0], first: [0, 0] });
    this.layers = ["indices", "body", "frames"].map((layer) => s("g", { class: layer }));
    this.svg = ownKeys(s("svg", { role: "img", tabindex: 0, "data-grid": name }, patterns(this.id), ...this.layers));
    this.box = h("div", { class: `cnn-grid${callbacks.onEdit || callbacks.onPick ? " cnn-clickable" : ""}` }, this.svg);
    this.caption = h("figcaption");
    this.node = h("figure", { class: "cnn-panel", "data-panel": name }, this.caption, this.box);
    this.svg.addEventListener("keydown", (event) => this.keydown(event));
    this.svg.addEventListener("click", (event) => this.click(event));
    this.svg.addEventListener("pointermove", (event) => callbacks.onHover?.(this.placeOf(event)));
    this.svg.addEventListener("pointerleave", () => callbacks.onHover?.(null));
  }

  /**
   * Paint. rows, columns: range [first, end) of indices along each axis. cell(i, j): {text, kind, mark, note, tint}. frames: outlines
   * [{row, column, rows, columns, kind}] in cells. size: pixels per cell. label: the sentence a screen reader says.
   * title, detail: the caption. editable: [rows, columns] that onEdit may change, counted from 0; default all.
   */
  update({ rows, columns, cell, frames = [], size = 34, label, title, detail = "", editable }) {
    this.first = [rows[0], columns[0]];
    this.editable = [rows[1], columns[1]].map((end, a) => editable?.[a] ?? end);
    this.resize(rows, columns, size);
    const looks = [...this.cells.values()].map((group) => [group, cell(...group.place)]);
    const room = (text) => text.length + (/.[+−]/.test(text) ? 1 : 0); // a sign inside a complex number is as wide as two digits
    const longest = Math.max(...looks.map(([, { text }]) => room(text)), 1);
    const letters = Math.min(16 * this.zoom, 58 / longest).toFixed(1); // one size of letters for the whole grid
    looks.forEach(([group, look]) => this.paint(group, look, letters));
    this.layers[2].replaceChildren(...frames.map((frame) => this.outline(frame)), ...this.cursorNodes());
    if (label !== this.svg.getAttribute("aria-label")) this.svg.setAttribute("aria-label", label);
    if (title !== this.title || detail !== this.detail) this.caption.replaceChildren(h("b", {}, title), ` ${detail}`);
    Object.assign(this, { title, detail });
  }

  resize(rows, columns, size) {
    const layout = [rows, columns, size].join();
    if (layout === this.layout) return;
    this.layout = layout;
    this.zoom = Math.min(1.6, Math.max(1, 34 / size)); // small cells get larger letters
    const [height, width] = [rows, columns].map(([from, to]) => (to - from) * CELL + MARGIN + 3);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.box.style.width = `${(width * size) / CELL}px`;
    this.box.style.maxWidth = "100%";
    const cells = new Map();
    for (let i = rows[0]; i < rows[1]; i++)
      for (let j = columns[0]; j < columns[1]; j++) {
        const group = this.cells.get(`${i},${j}`) ?? this.makeCell(i, j);
        group.node.setAttribute("transform", `translate(${this.x(j)} ${this.y(i)})`);
        cells.set(`${i},${j}`, group);
      }
    this.cells = cells;
    this.layers[1].replaceChildren(...[...cells.values()].map((group) => group.node));
    const index = (text, x, y) => s("text", { class: "index", x, y, "font-size": 11 * this.zoom }, formatNumber(text));
    const along = ([from, to], make) => Array.from({ length: to - from }, (_, m) => make(from + m));
    this.layers[0].replaceChildren(
      ...along(rows, (i) => index(i, MARGIN / 2 - 1, this.y(i) + CELL / 2)),
      ...along(columns, (j) => index(j, this.x(j) + CELL / 2, MARGIN / 2 - 1)),
    );
  }

  x(column) {
    return MARGIN + (column - this.first[1]) * CELL;
  }

  y(row) {
    return MARGIN + (row - this.first[0]) * CELL;
  }

  /** A cell is a square with a number; a tint, a mark and a note are there while they are wanted. */
  makeCell(i, j) {
    const value = s("text", { class: "value", x: CELL / 2 });
    const node = s("g", { "data-cell": `${i},${j}` }, s("rect", { class: "cell", width: CELL, height: CELL }), value);
    return { node, value, place: [i, j], painted: "", tint: null, mark: null, note: null };
  }

  /** The tint, mark or note of a cell, made when it is wanted and missing, or null after taking it away. */
  part(group, name, wanted) {
    if (!wanted) {
      group[name]?.remove();
      return (group[name] = null);
    }
    const make = {
      tint: () => group.node.firstChild.after(s("rect", { class: "tint", width: CELL, height: CELL })),
      mark: () => group.value.before(s("rect", { class: "mark", x: 1, y: 1, width: CELL - 2, height: CELL - 2 })),
      note: () => group.value.after(s("text", { class: "note", x: CELL - 3, y: CELL - 8 })),
    };
    if (!group[name]) make[name]();
    return (group[name] ??= group.node.querySelector(`.${name}`));
  }

  paint(group, { text, kind = "real", mark = "", note = "", tint = 0 }, letters) {
    if (this.zoom > 1.25) note = ""; // no room for a second number
    const look = [text, kind, mark, note, tint.toFixed(3), letters].join("|");
    if (look === group.painted) return;
    group.painted = look;
    group.node.setAttribute("class", `${kind} ${mark}`);
    group.value.textContent = text;
    group.value.setAttribute("font-size", letters);
    group.value.setAttribute("y", note ? CELL / 2 - 5 : CELL / 2);
    this.part(group, "tint", tint)?.setAttribute("class", `tint ${tint < 0 ? "down" : "up"}`);
    group.tint?.setAttribute("fill-opacity", (0.34 * Math.abs(tint)).toFixed(3));
    this.part(group, "mark", mark)?.setAttribute("fill", `url(#${this.id}-${mark})`);
    if (this.part(group, "note", note)) {
      group.note.textContent = note;
      group.note.setAttribute("font-size", Math.min(11, 44 / note.length).toFixed(1));
    }
  }

  outline({ row, column, rows = 1, columns = 1, kind = "" }) {
    const box = { x: this.x(column), y: this.y(row), width: columns * CELL, height: rows * CELL, rx: 3 };
    return s("rect", { class: `frame ${kind}`, ...box });
  }

  cursorNodes() {
    if (!this.callbacks.onEdit) return [];
    this.cursor = this.cursor.map((at, a) => Math.max(0, Math.min(at, this.editable[a] - 1)));
    const [i, j] = this.cursor;
    return [s("rect", { class: "cursor", x: this.x(j) + 4, y: this.y(i) + 4, width: CELL - 8, height: CELL - 8 })];
  }

  placeOf(event) {
    const name = event.target.closest?.("[data-cell]")?.dataset.cell;
    return name ? name.split(",").map(Number) : null;
  }

  click(event) {
    const place = this.placeOf(event);
    if (!place) return;
    this.callbacks.onPick?.(place);
    if (this.callbacks.onEdit && place.every((at, a) => at >= 0 && at < this.editable[a])) this.edit(place);
  }

  keydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.callbacks.onKey?.(event) || (this.callbacks.onEdit && this.cursorKey(event))) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  cursorKey(event) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) {
      this.cursor = this.cursor.map((at, a) => at + move[a]);
      this.layers[2].querySelector(".cursor").replaceWith(...this.cursorNodes());
      this.callbacks.onCursor?.(this.cursor);
      return true;
    }
    if (event.key === "Enter" || event.key === "F2") return this.edit(this.cursor);
    if (/^[-0-9.]$/.test(event.key)) return this.edit(this.cursor, event.key);
    return false;
  }

  /** Lay an input field over a cell; Enter keeps the number, Escape drops it. `typed` is a first key that already fell. */
  edit(place, typed = null) {
    const [i, j] = (this.cursor = place);
    const [, , width, height] = this.svg.getAttribute("viewBox").split(" ").map(Number);
    const percent = (part, whole) => `${(100 * part) / whole}%`;
    const box = [`left:${percent(this.x(j), width)}`, `top:${percent(this.y(i), height)}`, `width:${percent(CELL, width)}`, `height:${percent(CELL, height)}`];
    const field = ownKeys(h("input", { class: "cnn-edit", type: "text", inputmode: "decimal", style: box.join(";"), "aria-label": `row ${i}, column ${j}` }));
    let open = true;
    const close = (keep, refocus) => {
      if (!open) return;
      open = false;
      const value = parseNumber(field.value);
      field.remove();
      if (refocus) this.svg.focus({ preventScroll: true });
      if (keep && value !== null) this.callbacks.onEdit(place, value);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") close(event.key === "Enter", true);
    });
    field.addEventListener("blur", () => close(true, false));
    this.box.append(field);
    field.value = typed ?? this.cells.get(`${i},${j}`).value.textContent;
    field.focus({ preventScroll: true });
    if (typed === null) field.select();
    return true;
  }
}
