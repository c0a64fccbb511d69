// The sliding-window player: an input with its padding, a kernel, the window at one place, and the output it makes.

import { Board, formatNumber, formatTerm, h } from "./common.js";
import { pair, sizeFormula, unreadCells, windowCells } from "./geometry.js";
import { Grid, cellSize, swatch, tints } from "./grid.js";
import { Walk, readingFact, tellSizes } from "./places.js";
import { IMAGE_AND_KERNEL, settleCells } from "./presets.js";
import { BOTH_AXES, count, drawInput, drawKernel, place, slidingControls, windowFrame } from "./sliding.js";

const KEYS = [
  "input_size", "kernel_size", "stride", "padding", "dilation", "step", "image", "kernel", "image_preset", "kernel_preset",
  "operation", "bias", "fps",
];

/** The kernel as it lies on the input: as it stands for cross-correlation, turned by 180 degrees for convolution. */
export function laidKernel({ kernel, operation }) {
  return operation === "convolution" ? [...kernel].reverse().map((row) => [...row].reverse()) : kernel;
}

/** What output cell (i, j) multiplies: [{row, column, x, w, inside}], row by row; x is 0 in the padding. */
export function terms(state, windows, i, j) {
  const weights = laidKernel(state);
  const columns = windowCells(windows[1], j);
  return windowCells(windows[0], i).flatMap((row, m) =>
    columns.map((column, n) => {
      const x = state.image[row]?.[column];
      return { row, column, x: x ?? 0, w: weights[m][n], inside: x !== undefined };
    }),
  );
}

export function outputCell(state, windows, i, j) {
  return terms(state, windows, i, j).reduce((sum, { x, w }) => sum + x * w, 0) + state.bias;
}

export function output(state, windows) {
  return Array.from({ length: windows[0].count }, (_, i) => Array.from({ length: windows[1].count }, (_, j) => outputCell(state, windows, i, j)));
}

/** "y[1,2] = 1·3 + 0·(−2) + ... = 7"; `lines` breaks it after each kernel row. */
export function sentence(state, windows, i, j, lines = false) {
  const width = windows[1].kernelSize;
  const name = `y[${i},${j}]`;
  const gap = lines ? "\n" + " ".repeat(name.length) + " " : " ";
  const sum = terms(state, windows, i, j)
    .map(({ x, w }, t) => (t === 0 ? "" : (t % width ? " " : gap) + "+ ") + `${formatTerm(x)}·${formatTerm(w)}`)
    .join("");
  const bias = state.bias ? `${gap}+ ${formatTerm(state.bias)}` : "";
  return `${name} = ${sum}${bias}${width > 1 || bias ? gap : " "}= ${formatNumber(outputCell(state, windows, i, j))}`;
}

/** Everything one picture shows at output place `step` (clipped to the last place): the same numbers serve every panel. */
export function frame(state, step = state.step) {
  const placed = place(state);
  if (placed.problem) return placed;
  const { windows } = placed;
  const at = Math.min(step, count(placed) - 1);
  const [i, j] = [Math.floor(at / windows[1].count), at % windows[1].count];
  return {
    ...placed, i, j, step: at, output: output(state, windows), terms: terms(state, windows, i, j), unread: windows.map(unreadCells),
    sentence: sentence(state, windows, i, j),
  };
}

/** The changes that make a state consistent again, as the Python class makes them: cells that fit, and a step that is a place. */
export function reconcile(state, before) {
  const changes = settleCells(state, before, IMAGE_AND_KERNEL);
  const places = count(place({ ...state, ...changes }));
  if (places && state.step >= places) changes.step = places - 1;
  return changes;
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: KEYS, axes: BOTH_AXES, draw, reconcile, label: "Sliding-window player" });
  const walk = new Walk({ board, shapeOf: (state) => place(state).windows?.map((window) => window.count) });
  const input = new Grid("input", { onEdit: board.editor("image") });
  const kernel = new Grid("kernel", { onEdit: board.editor("kernel") });
  const result = new Grid("output", walk.callbacks());
  const sizes = h("dl", { class: "cnn-sizes" });
  const legend = makeLegend();
  board.stage.prepend(input.node);
  board.results.append(kernel.node, result.node);
  board.notes.append(sizes, legend.node, h("p", { class: "cnn-hint" },
    "Point at an output cell to see its window, or focus the output and use the arrow keys, Home and End. " +
    "Click an input or kernel cell to change it; with the keyboard: arrow keys, then Enter."));
  addControls(board);
  board.addTransport({ count: (state) => count(place(state)), unit: "Output cell" });

  function draw(state) {
    const now = frame(state, walk.shown(state));
    board.complain(now.problem);
    board.say(now.problem ? "" : sentence(state, now.windows, now.i, now.j, true));
    result.node.hidden = Boolean(now.problem);
    const notes = new Map(now.terms?.map((term) => [`${term.row},${term.column}`, `×${formatNumber(term.w)}`]));
    drawInput(input, state, { ...now, notes, frames: windowFrame(now) });
    drawKernel(kernel, state, state.operation === "convolution" ? ", laid on turned by 180°" : "");
    if (!now.problem) drawOutput(result, now);
    legend.update(now);
    drawSizes(sizes, state, now);
  }
  return () => board.dispose();
}

function drawOutput(grid, { output: cells, windows, i, j, sentence: label }) {
  const [rows, columns] = windows.map((window) => window.count);
  const tint = tints(cells);
  const cell = (r, c) => ({ text: formatNumber(cells[r][c]), tint: tint(cells[r][c]) });
  grid.update({
    rows: [0, rows], columns: [0, columns], cell, frames: [{ row: i, column: j }], size: cellSize(Math.max(rows, columns)),
    title: "Output y", detail: `${rows} × ${columns}`, label,
  });
}

function drawSizes(list, state, { windows, unread }) {
  if (!windows) return list.replaceChildren();
  const line = (a) => {
    const { span, kernelSize, dilation, before, after } = windows[a];
    const reach = dilation > 1 ? `; the window spans ${dilation}·(${kernelSize} − 1) + 1 = ${span}` : "";
    const ends = before === after ? "" : `; padding ${before} before, ${after} after`;
    return `${sizeFormula(windows[a], pair(state.padding)[a])}${reach}${ends}`;
  };
  tellSizes(list, [line(0), line(1)], readingFact(unread));
}

function makeLegend() {
  const entries = { frame: "the window", taken: "cells it multiplies (× weight)", pad: "padding, always 0", unread: "never read by any window" };
  const items = Object.fromEntries(Object.entries(entries).map(([kind, text]) => [kind, h("li", {}, swatch(kind), text)]));
  const update = ({ windows, unread }) => {
    items.frame.hidden = items.taken.hidden = !windows;
    items.pad.hidden = !windows?.some(({ before, after }) => before + after > 0);
    items.unread.hidden = !unread?.some((cells) => cells.length);
  };
  return { node: h("ul", { class: "cnn-legend" }, ...Object.values(items)), update };
}

function addControls(board) {
  const operation = board.select({
    key: "operation", label: "Operation", options: [["correlation", "correlation"], ["convolution", "convolution"]],
  });
  board.controls.append(
    ...slidingControls(board), operation, board.number({ key: "bias", label: "Bias" }), board.axesApart(),
  );
}

export default { render };
