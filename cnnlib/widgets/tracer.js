// The receptive-field tracer: rows of cells, layer above layer, and everything that one output cell looks at.
// Every cell is drawn at the centre of its own field, so that a field spreads evenly below it.

import { Board, formatNumber, h, ownKeys, s } from "./common.js";
import { GeometryError, fitWindow, receptiveField, windowCells } from "./geometry.js";

export const SETTINGS = [["Kernel", 1, 5], ["Stride", 1, 3], ["Padding", 0, 3], ["Dilation", 1, 3]];
const MOST_LAYERS = 5;
const NEW_LAYER = [3, 1, 1, 1];
const [UNIT, ROW, LEFT, BOX] = [30, 64, 84, 26]; // SVG units per input cell, per row, left of the cells, per drawn cell
const NEAR = 4; // input cells of padding that are drawn at most

/** The windows of the layers as far as they find places, and the library's sentence about the first layer that does not, or null. */
export function fitLayers({ input_size, layers }) {
  const windows = [];
  for (const [k, stride, padding, dilation] of layers) {
    try {
      windows.push(fitWindow(windows.at(-1)?.count ?? input_size, k, stride, padding, dilation));
    } catch (error) {
      if (!(error instanceof GeometryError)) throw error;
      return { windows, problem: `Layer ${windows.length + 1}: ${error.message}` };
    }
  }
  return { windows, problem: null };
}

/** The cells of every row, from the input up to row `top`, that a cell of that row depends on; nothing is read through padding. */
export function seenCells(windows, cell, top = windows.length) {
  const rows = [[cell]];
  for (const window of windows.slice(0, top).reverse()) {
    const real = rows[0].filter((place) => place >= 0 && place < window.count);
    const cells = new Set(real.flatMap((place) => windowCells(window, place)));
    rows.unshift([...cells].sort((a, b) => a - b));
  }
  return rows;
}

/** The first and the last input cell of a field, by the formula; they may lie outside the input. */
export function fieldEnds([size, jump, start], cell) {
  const first = Math.floor(start + cell * jump - (size - 1) / 2);
  return [first, first + size - 1];
}

/** Everything one picture shows: the field of a cell of row `top`, by default the shown output cell. */
export function trace(state, cell = state.cell, top = state.layers.length) {
  const { windows, problem } = fitLayers(state);
  const rows = receptiveField(state.layers);
  if (problem) return { windows, problem, rows };
  const at = Math.min(cell, windows[top - 1].count - 1);
  const seen = seenCells(windows, at, top);
  const ends = fieldEnds(rows[top - 1], at);
  return { windows, problem, rows, cell: at, top, seen, ends, sentence: sentence(state, rows[top - 1], at, top, seen[0], ends) };
}

function sentence({ input_size: n }, [size, jump, start], cell, top, cells, [first, last]) {
  const read = cells.filter((a) => a >= 0 && a < n).length;
  const inside = Math.max(0, Math.min(last, n - 1) - Math.max(first, 0) + 1);
  const span = `${formatNumber(first)} to ${formatNumber(last)}, around ${formatNumber(start + cell * jump)}`;
  const said = `Cell ${cell} behind layer ${top}: its field has ${size} input cells, ${span}.`;
  return read === size ? said : `${said} Read: ${read}; outside the input: ${size - inside}; skipped: ${inside - read}.`;
}

/** The output cell that exists. */
export function reconcile(state) {
  const { windows, problem } = fitLayers(state);
  const last = problem ? Infinity : windows.at(-1).count - 1;
  return state.cell > last ? { cell: last } : {};
}

/** The output cell a key leads to, or null for other keys. */
export function cellKey(key, cell, count) {
  const moves = { ArrowLeft: cell - 1, ArrowRight: cell + 1, Home: 0, End: count - 1 };
  return key in moves ? Math.max(0, Math.min(count - 1, moves[key])) : null;
}

function render({ model, el }) {
  let hovered = null; // [row, cell] under the pointer, shown instead of the output cell
  const board = new Board({ model, el, keys: ["input_size", "layers", "cell"], draw, reconcile, label: "Receptive-field tracer" });
  const outputs = (state) => fitLayers(state).windows[state.layers.length - 1]?.count ?? 0;
  const rest = Array(MOST_LAYERS).fill(NEW_LAYER); // what layers were before they were taken away
  board.controls.append(
    board.slider({ key: "input_size", label: "Input size", min: 1, max: 32 }).node,
    board.slider({
      key: "depth", label: "Layers", min: 1, max: MOST_LAYERS, get: (state) => state.layers.length,
      put: (depth) => {
        board.state().layers.forEach((layer, l) => (rest[l] = layer));
        return { layers: rest.slice(0, depth) };
      },
    }).node,
    board.slider({ key: "cell", label: "Output cell", min: 0, max: 0, limit: (state) => Math.max(outputs(state) - 1, 0) }).node,
  );
  const table = new LayerTable(board);
  board.controls.after(table.node);

  const drawing = ownKeys(s("svg", { role: "img", tabindex: 0, class: "cnn-trace", "data-grid": "tracer" }));
  board.stage.prepend(h("div", { class: "cnn-trace-box" }, drawing));
  const place = (event) => event.target.closest?.("[data-place]")?.dataset.place.split(",").map(Number) ?? null;
  const hover = (spot) => {
    if (String(spot) === String(hovered)) return;
    hovered = spot;
    board.queue.request();
  };
  drawing.addEventListener("pointermove", (event) => hover(place(event)));
  drawing.addEventListener("pointerleave", () => hover(null));
  drawing.addEventListener("click", (event) => {
    const spot = place(event);
    if (spot?.[0] === board.state().layers.length) board.set({ cell: spot[1] });
  });
  drawing.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const state = board.state();
    const cell = cellKey(event.key, state.cell, outputs(state));
    if (cell === null || !outputs(state)) return;
    hovered = null;
    if (cell !== state.cell) board.set({ cell });
    event.preventDefault();
    event.stopPropagation();
  });
  board.notes.append(makeLegend(), h("p", { class: "cnn-hint" },
    "Click or touch a cell of the top row to see its field; point at a cell of any layer for a look at that one. " +
    "With the keyboard: focus the picture, then the left and right arrow keys, Home and End."));

  function draw(state) {
    const spot = hovered && hovered[0] > 0 && hovered[0] <= state.layers.length ? hovered : [state.layers.length, state.cell];
    const now = trace(state, spot[1], spot[0]);
    board.complain(now.problem);
    board.say(now.problem ? "" : now.sentence);
    table.update(state, now);
    drawRows(drawing, state, now);
  }
  return () => board.dispose();
}

/** Layers as the rows of a table: four lists to choose from, and what the recursion makes of them. */
class LayerTable {
  constructor(board) {
    const heads = ["Layer", ...SETTINGS.map(([name]) => name), "Cells", "Size", "Jump", "Start"];
    this.lines = Array.from({ length: MOST_LAYERS }, (_, l) => this.line(board, l));
    this.input = ["0", "1", "1", "0"].map((text) => h("td", {}, text));
    const first = h("tr", {}, h("th", { scope: "row" }, "input"), ...SETTINGS.map(() => h("td", {}, "")), ...this.input);
    this.node = h("div", { class: "cnn-layers-box" }, h("table", { class: "cnn-layers" },
      h("thead", {}, h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, first, ...this.lines.map(({ node }) => node))));
  }

  line(board, l) {
    const selects = SETTINGS.map(([name, least, most], entry) => {
      const options = Array.from({ length: most - least + 1 }, (_, number) => h("option", { value: least + number }, String(least + number)));
      const onchange = () => {
        const change = (layer) => layer.map((old, e) => (e === entry ? Number(select.value) : old));
        board.set({ layers: board.state().layers.map((layer, number) => (number === l ? change(layer) : layer)) });
      };
      const select = ownKeys(h("select", { "aria-label": `${name} of layer ${l + 1}`, "data-layer": l, "data-setting": name, onchange }, ...options));
      return select;
    });
    const results = Array.from({ length: 4 }, () => h("td", {}));
    const node = h("tr", {}, h("th", { scope: "row" }, String(l + 1)), ...selects.map((select) => h("td", {}, select)), ...results);
    return { node, selects, results };
  }

  update(state, { windows, rows }) {
    this.input[0].textContent = formatNumber(state.input_size);
    this.lines.forEach(({ node, selects, results }, l) => {
      node.hidden = l >= state.layers.length;
      if (node.hidden) return;
      selects.forEach((select, entry) => (select.value = state.layers[l][entry]));
      [windows[l] ? formatNumber(windows[l].count) : "none", ...rows[l].map(formatNumber)].forEach((text, m) => (results[m].textContent = text));
    });
  }
}

function makeLegend() {
  const kinds = { taken: "cells that the shown cell depends on", "taken pad": "padding that is read, always 0" };
  const picture = (kind) => s("svg", { class: "cnn-swatch cnn-trace", viewBox: "0 0 28 28", "aria-hidden": "true" }, box([14, 14], "", kind));
  return h("ul", { class: "cnn-legend" }, ...Object.entries(kinds).map(([kind, text]) => h("li", {}, picture(kind), text)));
}

/** Where rows stand: for every row its first centre, its jump and its cells, and the outermost centres that are drawn. */
function layout(state, { windows, rows }) {
  const grid = [[0, 1, state.input_size], ...windows.map(({ count }, l) => [rows[l][2], rows[l][1], count])];
  const centres = grid.flatMap(([start, jump, count]) => [start, start + (count - 1) * jump]);
  // The padding of each layer, as far as it is near: deep padding may lie many input cells outside.
  const pads = windows.flatMap(({ before, after, n }, l) => {
    const [start, jump] = grid[l];
    return [Math.max(start - before * jump, -NEAR), Math.min(start + (n - 1 + after) * jump, state.input_size - 1 + NEAR)];
  });
  return { grid, low: Math.min(...centres, ...pads), high: Math.max(...centres, ...pads) };
}

function drawRows(drawing, state, now) {
  const { grid, low, high } = layout(state, now);
  const [width, height] = [LEFT + (high - low + 1) * UNIT + 8, grid.length * ROW];
  const at = (row, cell) => [LEFT + (grid[row][0] + cell * grid[row][1] - low + 0.5) * UNIT, height - (row + 0.5) * ROW];
  const lines = [], boxes = [];
  grid.forEach(([start, jump, count], row) => {
    const seen = now.seen?.[row] ?? [];
    boxes.push(s("text", { class: "row", x: 4, y: at(row, 0)[1] }, row ? `layer ${row}` : "input"));
    for (const cell of seen)
      if ((cell < 0 || cell >= count) && start + cell * jump >= low && start + cell * jump <= high) boxes.push(box(at(row, cell), "pad", "taken pad"));
    for (let cell = 0; cell < count; cell++) {
      const kind = `${seen.includes(cell) ? "taken" : ""} ${row === now.top ? "pick" : ""}`;
      boxes.push(box(at(row, cell), formatNumber(cell), kind, `${row},${cell}`));
    }
    if (row && row <= now.top)
      for (const place of seen.filter((cell) => cell >= 0 && cell < count))
        for (const cell of windowCells(now.windows[row - 1], place)) {
          const [[x1, y1], [x2, y2]] = [at(row, place), at(row - 1, cell)];
          lines.push(s("line", { x1, y1: y1 + BOX / 2, x2, y2: y2 - BOX / 2 }));
        }
  });
  drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
  drawing.style.maxWidth = `${width}px`;
  drawing.style.minWidth = `${0.6 * width}px`; // on a narrow screen the rows scroll, so that cells stay large enough to touch
  drawing.setAttribute("aria-label", `${state.input_size} input cells and ${state.layers.length} layers. ${now.sentence ?? now.problem}`);
  drawing.replaceChildren(...lines, ...boxes);
}

function box([x, y], text, kind, place) {
  const rect = s("rect", { x: x - BOX / 2, y: y - BOX / 2, width: BOX, height: BOX, rx: 3 });
  return s("g", { class: kind, "data-place": place }, rect, s("text", { x, y, "font-size": text === "pad" ? 10 : 12 }, text));
}

export default { render };
