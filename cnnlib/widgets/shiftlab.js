// The shift lab: a small picture is moved, goes through a chain of layers, and two meters say how well the output follows.

import { Board, formatNumber, h } from "./common.js";
import { Grid } from "./grid.js";
import { INPUT_PRESETS, KERNEL_PRESETS } from "./presets.js";

const LAB_SIZE = 8;
const LAB_KEYS = ["image", "pattern", "down", "right", "border", "kernel", "activation", "pooling", "blocks", "end"];
const LAB_PATTERNS = ["corner", "impulse", "checker", "edge", "random"];
const LAB_KERNELS = ["identity", "sobel x", "box mean", "sharpen", "laplacian"];
const LAB_BLUR = [[1, 2, 1], [2, 4, 2], [1, 2, 1]].map((row) => row.map((weight) => weight / 16));

const table = (rows, columns, rule) => Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => rule(i, j)));
const mod = (a, n) => ((a % n) + n) % n;

/** The cells of a preset picture. */
export function labPattern(name) {
  if (name !== "corner") return INPUT_PRESETS[name](LAB_SIZE, LAB_SIZE);
  const lit = { "2,2": 3, "3,2": 5, "4,2": 7, "4,3": 6, "4,4": 2 };
  return table(LAB_SIZE, LAB_SIZE, (i, j) => lit[`${i},${j}`] ?? 0);
}

/** Cell (i, j), also beyond the border: on a circular one the picture goes on at the opposite side, else there are zeros. */
function cellAt(x, i, j, border) {
  const [rows, columns] = [x.length, x[0].length];
  if (border === "circular") return x[mod(i, rows)][mod(j, columns)];
  return x[i]?.[j] ?? 0;
}

export function shiftCells(x, [down, right], border) {
  return table(x.length, x[0].length, (i, j) => cellAt(x, i - down, j - right, border));
}

/** A 3 by 3 kernel laid on every stride-th cell. */
function labConvolve(x, w, stride, border) {
  const places = [x.length, x[0].length].map((n) => Math.ceil(n / stride));
  return table(...places, (i, j) =>
    w.reduce((sum, row, u) => row.reduce((part, weight, v) => part + weight * cellAt(x, i * stride + u - 1, j * stride + v - 1, border), sum), 0));
}

const square = (x, i, j, border) => [0, 1].flatMap((u) => [0, 1].map((v) => cellAt(x, i + u, j + v, border)));
const halved = (x, rule) => table(Math.floor(x.length / 2), Math.floor(x[0].length / 2), (i, j) => rule(square(x, 2 * i, 2 * j)));

export const LAB_POOLINGS = {
  "none": (x) => x,
  "stride 2": (x) => table(Math.ceil(x.length / 2), Math.ceil(x[0].length / 2), (i, j) => x[2 * i][2 * j]),
  "average 2": (x) => halved(x, (cells) => cells.reduce((a, b) => a + b) / 4),
  "max 2": (x) => halved(x, (cells) => Math.max(...cells)),
  "blur, stride 2": (x, border) => labConvolve(x, LAB_BLUR, 2, border),
  "max, blur, stride 2": (x, border) =>
    labConvolve(table(x.length, x[0].length, (i, j) => Math.max(...square(x, i, j, border))), LAB_BLUR, 2, border),
};

export const LAB_ENDS = {
  "none": (x) => x,
  "global max": (x) => [[Math.max(...x.flat())]],
  "global average": (x) => [[x.flat().reduce((a, b) => a + b) / x.flat().length]],
};

/** The chain f. */
export function labApply(x, { kernel, activation, pooling, blocks, border, end }) {
  const w = KERNEL_PRESETS[kernel](3, 3);
  for (let block = 0; block < blocks; block++) {
    x = labConvolve(x, w, 1, border);
    if (activation === "relu") x = x.map((row) => row.map((value) => Math.max(0, value)));
    x = LAB_POOLINGS[pooling](x, border);
  }
  return LAB_ENDS[end](x);
}

export const subtractCells = (a, b) => a.map((row, i) => row.map((value, j) => value - b[i][j]));
const largest = (x) => Math.max(...x.flat().map(Math.abs));

/** Of all shifts of y the one nearest to `moved`; the smallest of equals, as cnnlib.equivariance.nearest_shift chooses it. */
export function nearestShift(y, moved, border) {
  const axes = [y.length, y[0].length].map((n) => {
    const [first, last] = border === "circular" ? [-Math.floor(n / 2), Math.floor((n - 1) / 2)] : [1 - n, n - 1];
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
  const all = axes[0].flatMap((down) => axes[1].map((right) => [down, right]));
  const length = ([down, right]) => Math.abs(down) + Math.abs(right);
  all.sort((a, b) => length(a) - length(b) || a[1] - b[1] || a[0] - b[0]);
  const errors = all.map((by) => Number(largest(subtractCells(moved, shiftCells(y, by, border))).toFixed(9)));
  return all[errors.indexOf(Math.min(...errors))];
}

/** Everything the panels and meters show. */
export function labFrame(state) {
  const { image, down, right, border, pooling, blocks, end } = state;
  const shifted = shiftCells(image, [down, right], border);
  const [y, output] = [image, shifted].map((x) => labApply(x, state));
  const totalStride = pooling === "none" ? 1 : 2 ** blocks;
  const whole = [down, right].every((t) => mod(t, totalStride) === 0);
  const follow = end !== "none" ? [0, 0] : whole ? [down / totalStride, right / totalStride] : nearestShift(y, output, border);
  const reference = shiftCells(y, follow, border);
  const [equivariance, invariance] = [largest(subtractCells(output, reference)), largest(subtractCells(output, y))];
  const frame = { shifted, y, output, reference, follow, totalStride, whole, equivariance, invariance, size: Math.max(largest(y), largest(output)) };
  return { ...frame, sentence: labSentence(state, frame) };
}

function labSentence({ down, right, end }, { follow, totalStride, whole, equivariance, invariance }) {
  const start = `Input shifted by (${formatNumber(down)}, ${formatNumber(right)})`;
  if (end !== "none") return `${start}; one number is left, and nothing that could move: invariance error ${formatNumber(invariance)}.`;
  const by = `(${formatNumber(follow[0])}, ${formatNumber(follow[1])})`;
  const ends = `equivariance error ${formatNumber(equivariance)}, invariance error ${formatNumber(invariance)}.`;
  if (whole) return `${start}, output expected to follow by ${by}: ${ends}`;
  return `${start}, no multiple of the total stride ${totalStride}; the nearest shift of the output is ${by}: ${ends}`;
}

/** A new pattern brings its cells along; cells that are not those of the pattern are custom. */
export function labReconcile(state, before) {
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  if (state.pattern !== before.pattern && state.pattern !== "custom") return { image: labPattern(state.pattern) };
  if (state.pattern !== "custom" && !same(state.image, labPattern(state.pattern))) return { pattern: "custom" };
  return {};
}

/** An arrow key as a change of the shift, or null for other keys. */
export function shiftKey(key, { down, right }) {
  const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  if (key === "Home") return { down: 0, right: 0 };
  if (!move) return null;
  const limit = (value) => Math.max(-4, Math.min(4, value));
  return { down: limit(down + move[0]), right: limit(right + move[1]) };
}

/** A bar from 0 to the size of the output, with its number beside it. */
function makeMeter(label) {
  const bar = h("meter", { min: 0, max: 1 });
  const number = h("output");
  const node = h("label", { class: "cnn-meter" }, h("span", { class: "cnn-control-head" }, h("span", {}, label), number), bar);
  const update = (value, size) => {
    bar.value = size > 1e-12 ? Math.min(1, value / size) : 0;
    const zero = value < 1e-9;
    number.textContent = zero ? "0" : `${formatNumber(value)} (${Math.round(100 * bar.value)} % of the largest output)`;
  };
  return { node, update };
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: LAB_KEYS, draw, reconcile: labReconcile, label: "Shift lab" });
  const byKey = (event) => {
    const change = shiftKey(event.key, board.state());
    if (change) board.set(change);
    return change !== null;
  };
  const grids = {
    image: new Grid("image", { onEdit: board.editor("image") }), shifted: new Grid("shifted", { onKey: byKey }),
    output: new Grid("output"), reference: new Grid("reference"), difference: new Grid("difference"),
  };
  const meters = { equivariance: makeMeter("Equivariance error"), invariance: makeMeter("Invariance error") };
  board.stage.prepend(h("div", { class: "cnn-lab-inputs" }, grids.image.node, grids.shifted.node));
  board.results.append(grids.output.node, grids.reference.node, grids.difference.node);
  board.notes.append(meters.equivariance.node, meters.invariance.node, h("p", { class: "cnn-hint" },
    "Focus the shifted input and use the arrow keys to move it, Home to bring it back. Click a cell of the input x to change it; with the " +
    "keyboard: arrow keys, then Enter."));
  const choice = (key, label, names) => board.select({ key, label, options: names.map((name) => [name, name]) });
  const moved = (value) => `${formatNumber(value)} cell${Math.abs(value) === 1 ? "" : "s"}`;
  board.controls.append(
    board.slider({ key: "down", label: "Shift down", min: -4, max: 4, show: moved }).node,
    board.slider({ key: "right", label: "Shift right", min: -4, max: 4, show: moved }).node,
    board.slider({ key: "blocks", label: "Blocks in a row", min: 1, max: 3 }).node,
    choice("pattern", "Input numbers", [...LAB_PATTERNS, "custom"]), choice("border", "Border", ["circular", "zeros"]),
    choice("kernel", "Kernel", LAB_KERNELS), choice("activation", "Activation", ["none", "relu"]),
    choice("pooling", "Pooling", Object.keys(LAB_POOLINGS)), choice("end", "At the end", Object.keys(LAB_ENDS)),
  );

  function draw(state) {
    const now = labFrame(state);
    const difference = subtractCells(now.output, now.reference);
    const by = `(${now.follow.map(formatNumber).join(", ")})`;
    const panels = {
      image: ["Input x", state.image, "", 26], shifted: ["Shifted input T x", now.shifted, "", 26],
      output: ["Output f(T x)", now.output], reference: ["Reference", now.reference, state.end === "none" ? `f(x) shifted by ${by}` : "f(x)"],
      difference: ["Difference", difference],
    };
    for (const [name, [title, cells, detail = "", size = 26]] of Object.entries(panels)) {
      const most = largest(cells) || 1;
      const cell = (i, j) => ({ text: formatNumber(cells[i][j]), tint: cells[i][j] / most, mark: name === "difference" && Math.abs(cells[i][j]) > 1e-9 ? "taken" : "" });
      const label = `${title} ${detail}: ${cells.map((row) => row.map(formatNumber).join(" ")).join("; ")}`;
      grids[name].update({ rows: [0, cells.length], columns: [0, cells[0].length], cell, size: Math.max(size, Math.min(34, 200 / cells.length)), label, title, detail });
    }
    meters.equivariance.node.hidden = state.end !== "none";
    meters.equivariance.update(now.equivariance, now.size);
    meters.invariance.update(now.invariance, now.size);
    board.say(now.sentence);
  }

  return () => board.dispose();
}

export default { render };
