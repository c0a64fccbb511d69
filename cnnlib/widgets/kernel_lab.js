// The kernel lab: a photograph or a drawing, a kernel whose cells can be changed, and what the one makes of the other.

import { Board, formatNumber, formatTerm, h, ownKeys } from "./common.js";
import { fitWindow } from "./geometry.js";
import { Grid } from "./grid.js";
import { FILTERS, fillCells, refit } from "./presets.js";
import { Raster } from "./raster.js";

const KEYS = [
  "source", "photograph", "photograph_shape", "drawing", "kernel", "kernel_size", "kernel_preset", "view", "bias", "relu", "cursor",
];
const BRIGHTEST = { photograph: 255, drawing: 9 };
const GREYS = 253; // steps from black to white; the two levels left over mark what lies outside
const SIDE = 127; // steps from 0 to full colour, on each side
const [BELOW, ABOVE] = [[230, 159, 0], [0, 114, 178]]; // the book's orange and blue
const halfUp = (value) => Math.floor(value + 0.5);

/** The 256 colours that `colourLevels` counts: greys between two marks, or orange over white to blue. */
export function palette(view) {
  if (view === "picture") {
    const greys = Array.from({ length: GREYS + 1 }, (_, step) => Array(3).fill(halfUp((255 * step) / GREYS)));
    return [BELOW, ...greys, ABOVE];
  }
  const shade = (step) => (step < 0 ? BELOW : ABOVE).map((part) => halfUp(255 + (part - 255) * (Math.abs(step) / SIDE)));
  return [...Array.from({ length: 2 * SIDE + 1 }, (_, m) => shade(m - SIDE)), [255, 255, 255]];
}

/** Which colour of the palette each value has. limit: the brightness of white, or the number that gets the full colour. */
export function colourLevels(values, view, limit) {
  const clip = (share, low) => Math.max(low, Math.min(1, share));
  if (view === "signed") return values.map((value) => Math.floor(SIDE + clip(value / limit, -1) * SIDE + 0.5));
  return values.map((value) => (value < 0 ? 0 : value > limit ? 255 : Math.floor(1 + clip(value / limit, 0) * GREYS + 0.5)));
}

/** The picture that is filtered: {values, shape}, row by row. */
export function picture(state) {
  if (state.source === "drawing") return { values: state.drawing.flat(), shape: [state.drawing.length, state.drawing[0].length] };
  return { values: Array.from(atob(state.photograph), (letter) => letter.charCodeAt(0)), shape: state.photograph_shape };
}

/** Valid cross-correlation: one kernel cell after the other adds its share to all places. */
export function correlate({ values, shape: [rows, columns] }, kernel) {
  const shape = [fitWindow(rows, kernel.length).count, fitWindow(columns, kernel[0].length).count];
  const sums = new Array(shape[0] * shape[1]).fill(0);
  kernel.forEach((weights, u) =>
    weights.forEach((weight, v) => {
      for (let i = 0, at = 0; i < shape[0]; i++) {
        const start = (i + u) * columns + v;
        for (let j = 0; j < shape[1]; j++) sums[at++] += weight * values[start + j];
      }
    }),
  );
  return { values: sums, shape };
}

/** The output as the reader sees it: sums, bias, and ReLU where it is on. */
export function filtered(state, input = picture(state)) {
  const { values, shape } = correlate(input, state.kernel);
  const cut = (value) => (state.relu ? Math.max(value, 0) : value);
  return { values: values.map((sum) => cut(sum + state.bias)), shape };
}

/** What the output tells in numbers: extremes, how many lie below black and above white, the limit of its colours. */
export function extremes({ values }, { source, view }) {
  const white = BRIGHTEST[source];
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const limit = view === "picture" ? white : Math.max(Math.abs(least), Math.abs(most)) || 1;
  return { least, most, white, limit, below: values.filter((value) => value < 0).length, above: values.filter((value) => value > white).length };
}

/** The place of the shown window: the cursor lies in its middle, as far as the border allows. */
export function windowPlace({ cursor, kernel_size: k }, shape) {
  return cursor.map((at, a) => Math.min(Math.max(at - Math.floor(k / 2), 0), shape[a] - k));
}

/** "y[0,1] = 2·1 + 3·0 + ... = 2"; `lines` breaks it after each kernel row. */
export function labSentence(state, lines = false, input = picture(state)) {
  const [i, j] = windowPlace(state, input.shape);
  const name = `y[${i},${j}]`;
  const gap = lines ? "\n" + " ".repeat(name.length + 1) : " ";
  const cell = (u, v) => input.values[(i + u) * input.shape[1] + j + v];
  const rows = state.kernel.map((weights, u) => weights.map((w, v) => `${formatTerm(cell(u, v))}·${formatTerm(w)}`).join(" + "));
  const bias = state.bias ? `${gap}+ ${formatTerm(state.bias)}` : "";
  const value = state.kernel.flatMap((weights, u) => weights.map((w, v) => w * cell(u, v))).reduce((sum, part) => sum + part, 0) + state.bias;
  const cut = state.relu ? `, ReLU makes it ${formatNumber(Math.max(value, 0))}` : "";
  return `${name} = ${rows.join(`${gap}+ `)}${bias}${gap}= ${formatNumber(value)}${cut}`;
}

/** The changes that make a state consistent again, as the Python class makes them. */
export function reconcileLab(state, before) {
  const changes = {};
  const changed = (key) => JSON.stringify(state[key]) !== JSON.stringify(before[key]);
  if (changed("kernel")) {
    const size = state.kernel.length;
    changes.kernel_size = size;
    if (JSON.stringify(refit(state.kernel, state.kernel_preset, FILTERS, [size, size])) !== JSON.stringify(state.kernel)) changes.kernel_preset = "custom";
  } else if (changed("kernel_size") || changed("kernel_preset")) {
    changes.kernel = refit(state.kernel, state.kernel_preset, FILTERS, [state.kernel_size, state.kernel_size]);
  }
  const white = BRIGHTEST[state.source];
  const shape = state.source === "drawing" ? [state.drawing.length, state.drawing[0].length] : state.photograph_shape;
  changes.bias = Math.max(-white, Math.min(white, state.bias));
  const cursor = changed("source") ? shape.map((n) => Math.floor(n / 2)) : state.cursor;
  changes.cursor = cursor.map((at, a) => Math.max(0, Math.min(at, shape[a] - 1)));
  return changes;
}

/** Where an arrow key leads from a cell, or null for other keys. */
export function moveCursor(key, [row, column]) {
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  return key in moves ? [row + moves[key][0], column + moves[key][1]] : null;
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: KEYS, draw: (state) => drawLab(state, parts), reconcile: reconcileLab, label: "Kernel lab" });
  let pen = 9;
  const draws = () => board.state().source === "drawing";
  const paint = (value, [i, j]) =>
    board.set({ cursor: [i, j], drawing: board.state().drawing.map((row, r) => row.map((old, c) => (r === i && c === j ? value : old))) });
  const move = (event) => {
    const cursor = moveCursor(event.key, board.state().cursor);
    if (cursor) board.set({ cursor });
    return Boolean(cursor);
  };
  const type = (event) => {
    const value = event.key === " " ? pen : /^\d$/.test(event.key) ? Number(event.key) : null;
    if (value === null || !draws()) return move(event);
    paint(value, board.state().cursor);
    return true;
  };
  const input = new Raster("input", { onKey: type, onPoint: (place) => (draws() ? paint(pen, place) : board.set({ cursor: place })) });
  const output = new Raster("output", {
    onKey: move, onPoint: (place) => board.set({ cursor: place.map((at) => at + Math.floor(board.state().kernel_size / 2)) }),
  });
  const kernel = new Grid("kernel", {
    onEdit: board.editor("kernel"),
  });
  const brush = board.select({
    key: "pen", label: "Pen", options: [9, 7, 5, 3, 0].map((value) => [value, value === 9 ? "9, white" : value ? String(value) : "0, black"]),
    get: () => pen, put: (value) => ((pen = Number(value)), {}),
  });
  const clear = ownKeys(h("button", { type: "button", class: "cnn-button", onclick: () => {
    const { drawing } = board.state();
    board.set({ drawing: fillCells(drawing.length, drawing[0].length, () => 0) });
  } }, "Clear"));
  const parts = { input, output, kernel, drawn: [brush, clear], bias: addLabControls(board), facts: h("dl", { class: "cnn-sizes" }), legend: h("ul", { class: "cnn-legend" }), board };
  board.controls.append(brush, clear);
  board.stage.prepend(input.node);
  board.results.append(kernel.node, output.node);
  board.notes.append(parts.facts, parts.legend, h("p", { class: "cnn-hint" },
    "Click a kernel cell to change it; with the keyboard: arrow keys, then Enter. Point into a picture, or use the arrow keys in it, to move " +
    "the window. In a drawing, press the pointer to paint; with the keyboard, the digits 0 to 9 and the space bar paint the cell in the middle of the dashed frame."));
  return () => board.dispose();
}

function addLabControls(board) {
  const bias = board.slider({ key: "bias", label: "Bias", min: -255, max: 255 });
  board.controls.append(
    board.select({ key: "source", label: "Picture", options: [["photograph", "photograph"], ["drawing", "drawing"]] }),
    board.select({ key: "kernel_preset", label: "Kernel", options: [...Object.keys(FILTERS), "custom"].map((name) => [name, name]) }),
    board.select({
      key: "kernel_size", label: "Kernel size", options: [[3, "3 × 3"], [5, "5 × 5"]], put: (value) => ({ kernel_size: Number(value) }),
    }),
    board.select({ key: "view", label: "Show the output", options: [["signed", "signed colours"], ["picture", "as a picture"]] }),
    bias.node,
    board.check({ key: "relu", label: "ReLU", get: (state) => state.relu, put: (relu) => board.set({ relu }) }),
  );
  return bias.input;
}

function drawLab(state, { input, output, kernel, drawn, bias, facts, legend, board }) {
  const drawing = state.source === "drawing";
  drawn.forEach((node) => (node.hidden = !drawing));
  const from = picture(state);
  const made = filtered(state, from);
  const numbers = extremes(made, state);
  Object.assign(bias, { min: -numbers.white, max: numbers.white });
  bias.value = state.bias; // again: the limits may have cut it
  const [i, j] = windowPlace(state, from.shape);
  const [row, column] = state.cursor;
  const said = labSentence(state, false, from);
  const size = drawing ? 24 : 2;
  const range = `from ${formatNumber(numbers.least)} to ${formatNumber(numbers.most)}`;
  const k = state.kernel_size;
  const look = (picture) => ({ shape: picture.shape, size, texts: drawing ? picture.values.map(formatNumber) : null });
  input.update({
    ...look(from), cells: colourLevels(from.values, "picture", numbers.white), palette: palette("picture"), title: "Input x",
    detail: from.shape.join(" × "), label: `Input, ${state.source} of ${from.shape.join(" by ")} cells. ${said}`,
    frames: [{ row: i, column: j, rows: k, columns: k }, ...(drawing ? [{ row, column, dashed: true }] : [])],
  });
  output.update({
    ...look(made), cells: colourLevels(made.values, state.view, numbers.limit), palette: palette(state.view), title: "Output y",
    detail: made.shape.join(" × "), label: `Output, ${made.shape.join(" by ")} cells, ${range}. ${said}`,
    frames: [{ row: drawing ? i : i - 2, column: drawing ? j : j - 2, rows: drawing ? 1 : 5, columns: drawing ? 1 : 5 }],
  });
  drawLabKernel(kernel, state);
  board.say(labSentence(state, true, from));
  const sum = state.kernel.flat().reduce((total, weight) => total + weight, 0);
  const fact = (name, text) => [h("dt", {}, name), h("dd", {}, text)];
  facts.replaceChildren(...fact("Sum of the kernel", formatNumber(sum)), ...fact("Output", `${made.values.length} numbers, ${range}`));
  legend.replaceChildren(...legendItems(state.view, numbers));
}

function drawLabKernel(grid, { kernel, kernel_size: k }) {
  const most = Math.max(...kernel.flat().map(Math.abs)) || 1;
  const cell = (u, v) => ({ text: formatNumber(kernel[u][v]), tint: kernel[u][v] / most });
  const words = kernel.map((row) => row.map(formatNumber).join(" ")).join("; ");
  grid.update({ rows: [0, k], columns: [0, k], cell, size: k === 3 ? 42 : 34, title: "Kernel w", detail: `${k} × ${k}`, label: `Kernel: ${words}. Enter changes a cell.` });
}

/** The colour scale with its numbers, and what lies outside of it, counted. */
function legendItems(view, { limit, white, below, above }) {
  const css = (colour) => `rgb(${colour.join(",")})`;
  const strip = (...colours) => h("span", { class: "cnn-strip", "aria-hidden": "true", style: `background:linear-gradient(90deg,${colours.join(",")})` });
  if (view === "signed") return [h("li", {}, `orange ${formatNumber(-limit)}`, strip(css(BELOW), "#fff", css(ABOVE)), `${formatNumber(limit)} blue; white is 0`)];
  const mark = (colour, text) => h("li", {}, h("span", { class: "cnn-strip cnn-dot", "aria-hidden": "true", style: `background:${css(colour)}` }), text);
  return [
    h("li", {}, "0", strip("#000", "#fff"), String(white)),
    mark(BELOW, `darker than black: ${below} cells, orange`),
    mark(ABOVE, `brighter than white: ${above} cells, blue`),
  ];
}

export default { render };
