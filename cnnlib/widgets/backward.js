// The backward player: the forward window beside the gradient that flows back, to the input or to the kernel.

import { BACKWARD_KERNELS, backFrame, gathersInput, reconcileBack, stepCount, walked, walksPlaces } from "./backward_model.js";
import { Board, formatNumber, formatTerm, h } from "./common.js";
import { pair, sizeFormula } from "./geometry.js";
import { Grid, cellSize, swatch, tints } from "./grid.js";
import { Walk, tellSizes } from "./places.js";
import { UPSTREAM_PRESETS } from "./presets.js";
import { BOTH_AXES, drawInput, drawKernel, place, slidingControls, windowFrame } from "./sliding.js";

const KEYS = [
  "input_size", "kernel_size", "stride", "padding", "dilation", "target", "view", "step", "image", "kernel", "upstream", "image_preset",
  "kernel_preset", "upstream_preset", "fps",
];

function render({ model, el }) {
  const board = new Board({ model, el, keys: KEYS, axes: BOTH_AXES, draw, reconcile: reconcileBack, label: "Backward player" });
  const walk = new Walk({
    board, shapeOf: (state) => walked(state, place(state)),
    moved: (spot) => walksPlaces(board.state()) && (upstream.cursor = spot), // now: a digit may follow before the next frame
  });
  const input = new Grid("input", { onEdit: board.editor("image") });
  const kernel = new Grid("kernel", { onEdit: board.editor("kernel") });
  const turned = new Grid("turned");
  // dy leads the walk when it scatters, the gradient when it gathers.
  const upstream = new Grid("upstream", { ...walk.callbacks(walksPlaces), onEdit: board.editor("upstream") });
  const stretched = new Grid("stretched");
  const gradient = new Grid("gradient", walk.callbacks((state) => !walksPlaces(state)));
  const sizes = h("dl", { class: "cnn-sizes" });
  const legend = backLegend();
  board.stage.prepend(h("div", { class: "cnn-channels" }, input.node, kernel.node));
  board.results.append(upstream.node, turned.node, stretched.node, gradient.node);
  board.notes.append(sizes, legend.node, h("p", { class: "cnn-hint" },
    "Scatter: focus dy, gather: focus the gradient; then use the arrow keys, Home and End, or point at a cell. " +
    "Click a cell of the input, the kernel or dy to change it; with the keyboard: arrow keys, then Enter."));
  backControls(board);
  board.addTransport({ count: (state) => stepCount(state), unit: "Step" });

  function draw(state) {
    const now = backFrame(state, walk.shown(state));
    board.complain(now.problem);
    board.say(now.problem ? "" : now.sentence);
    drawForward(input, kernel, state, now);
    turned.node.hidden = stretched.node.hidden = !now.stretched;
    upstream.node.hidden = gradient.node.hidden = Boolean(now.problem);
    if (!now.problem) {
      drawUpstream(upstream, state, now);
      drawGradient(gradient, state, now);
      if (now.stretched) drawStretched(stretched, turned, state, now);
    }
    legend.update(state, now);
    drawBackSizes(sizes, state, now);
  }
  return () => board.dispose();
}

const listed = (cells) => cells.map((row) => row.map(formatNumber).join(" ")).join("; ");
const noteBy = (terms, where, say) => new Map(terms.map((term) => [`${where(term)}`, say(term)]));

/** The forward side: the window of the place that sends, or the cell that collects, with what it is multiplied by. */
function drawForward(input, kernel, state, now) {
  const { terms = [], spot } = now;
  const scatters = walksPlaces(state);
  const notes = gathersInput(state) ? new Map() : noteBy(terms, ({ cell }) => cell, ({ g, other }) => `×${formatNumber(state.target === "dx" ? other : g)}`);
  const [i, j] = spot ?? [];
  const cell = spot && gathersInput(state) ? [{ row: i, column: j }] : [];
  drawInput(input, state, { ...now, notes, frames: scatters ? windowFrame({ ...now, i, j }) : cell });
  drawKernel(kernel, state);
}

function drawUpstream(grid, state, { shape, spot, terms, sentence }) {
  const scatters = walksPlaces(state);
  if (scatters) grid.cursor = spot; // Enter or a digit changes the dy that sends
  const notes = scatters ? new Map() : noteBy(terms, ({ place: at }) => at, ({ other }) => `×${formatNumber(other)}`);
  const [rows, columns] = [state.upstream.length, state.upstream[0].length];
  const tint = tints(state.upstream);
  const cell = (i, j) => {
    const note = notes.get(`${i},${j}`);
    return { text: formatNumber(state.upstream[i][j]), tint: tint(state.upstream[i][j]), mark: note ? "taken" : "", note: note ?? "" };
  };
  const frames = scatters ? [{ row: spot[0], column: spot[1] }] : [];
  grid.update({
    rows: [0, rows], columns: [0, columns], cell, frames, size: cellSize(Math.max(rows, columns)), title: "Gradient dy",
    detail: `${rows} × ${columns}`, label: scatters ? sentence : `Gradient dy of ${rows} by ${columns} cells: ${listed(state.upstream)}`,
  });
}

/** The zeros before and behind the stretched gradient along one axis; negative where numbers are cut off instead. */
function zerosAround({ n, count, stride, span, before }) {
  const left = span - 1 - before;
  return [left, n + span - 1 - left - (stride * (count - 1) + 1)];
}

/** dy with zeros between and around, and the rotated kernel that slides over it at stride 1. */
function drawStretched(grid, turned, state, { windows, stretched: { cells, first }, spot }) {
  const ends = windows.map((window) => (window.count - 1) * window.stride);
  const tint = tints(cells);
  const [height, width] = [cells.length, cells[0].length];
  const rotated = [...state.kernel].reverse().map((row) => [...row].reverse());
  const steps = (q, a) => (q - first[a] - spot[a]) / windows[a].dilation; // which cell of the rotated kernel lies here
  const cell = (q, r) => {
    const around = [q, r].some((at, a) => at < 0 || at > ends[a]);
    const between = !around && [q, r].some((at, a) => at % windows[a].stride);
    const weight = rotated[steps(q, 0)]?.[steps(r, 1)];
    const value = cells[q - first[0]][r - first[1]];
    const mark = weight !== undefined && !around && !between ? "taken" : between ? "unread" : "";
    return { text: formatNumber(value), kind: around ? "pad" : "real", mark, note: weight === undefined ? "" : `×${formatNumber(weight)}`, tint: tint(value) };
  };
  const frames = [{ row: spot[0] + first[0], column: spot[1] + first[1], rows: windows[0].span, columns: windows[1].span }];
  grid.update({
    rows: [first[0], first[0] + height], columns: [first[1], first[1] + width], cell, frames, size: cellSize(Math.max(height, width)),
    title: "dy, stretched and padded", detail: `${height} × ${width}`, label: `dy with zeros between and around, ${height} by ${width} cells: ${listed(cells)}`,
  });
  drawKernel(turned, { ...state, kernel: rotated }, ", rotated by 180°");
}

function drawGradient(grid, state, { windows, gradient: { cells, first }, spot, step, shape, terms, sentence }) {
  const scatters = walksPlaces(state);
  const parts = scatters ? noteBy(terms, ({ cell, kernel }) => (state.target === "dx" ? cell : kernel), ({ g, other }) => g * other) : new Map();
  const [height, width] = [cells.length, cells[0].length];
  const [n, m] = state.target === "dx" ? pair(state.input_size) : [height, width];
  const tint = tints(cells);
  const cell = (r, c) => {
    const value = cells[r - first[0]][c - first[1]];
    const part = parts.get(`${r},${c}`);
    const later = !scatters && r * width + c > step;
    const note = part === undefined ? "" : `${part < 0 ? "" : "+"}${formatNumber(part)}`;
    const inside = r >= 0 && c >= 0 && r < n && c < m;
    return { text: later ? "" : formatNumber(value), kind: inside ? "real" : "pad", mark: note ? "taken" : "", note, tint: tint(value) };
  };
  const window = state.target === "dx" ? windowFrame({ windows, i: spot[0], j: spot[1] }) : [];
  const detail = `${n} × ${m}, after step ${step + 1} of ${shape[0] * shape[1]}`;
  grid.update({
    rows: [first[0], first[0] + height], columns: [first[1], first[1] + width], cell, frames: scatters ? window : [{ row: spot[0], column: spot[1] }],
    size: cellSize(Math.max(height, width)), title: `Gradient ${state.target}`, detail, label: scatters ? `Gradient ${state.target}, ${detail}: ${listed(cells)}` : sentence,
  });
}

function drawBackSizes(list, state, { windows }) {
  if (!windows) return list.replaceChildren();
  const line = (a) => {
    const { count, stride, span, n } = windows[a];
    const forward = sizeFormula(windows[a], pair(state.padding)[a]);
    if (!gathersInput(state)) return forward;
    const [left, right] = zerosAround(windows[a]).map(formatTerm);
    return `${forward}; back: ${left} + (${stride}·(${count} − 1) + 1) + ${right} = ${n + span - 1} cells, and ${n + span - 1} − ${span} + 1 = ${n}`;
  };
  tellSizes(list, [line(0), line(1)]);
}

function backLegend() {
  const names = ["frame", "taken", "pad", "unread"];
  const texts = Object.fromEntries(names.map((kind) => [kind, h("span")]));
  const items = Object.fromEntries(names.map((kind) => [kind, h("li", {}, swatch(kind), texts[kind])]));
  const update = (state, { windows, unread }) => {
    const scatters = walksPlaces(state);
    texts.frame.textContent = scatters ? "what sends, and its window" : "what collects";
    texts.taken.textContent = scatters ? "cells of this step (× factor, + share)" : "what is collected (× factor)";
    texts.pad.textContent = gathersInput(state) ? "padding, and zeros around dy" : "padding, cropped in dx";
    texts.unread.textContent = gathersInput(state) ? "zeros between, and cells never read" : "never read by any window";
    items.frame.hidden = items.taken.hidden = !windows;
    const dashed = (window) => [window.before, window.after, ...(gathersInput(state) ? zerosAround(window) : [])].some((cells) => cells > 0);
    items.pad.hidden = !windows?.some(dashed);
    const between = gathersInput(state) && windows?.some(({ stride, count }) => stride > 1 && count > 1);
    items.unread.hidden = !between && !unread?.some((cells) => cells.length);
  };
  return { node: h("ul", { class: "cnn-legend" }, ...Object.values(items)), update };
}

function backControls(board) {
  const choose = (key, label, options) => board.select({ key, label, options });
  board.controls.append(
    ...slidingControls(board, BACKWARD_KERNELS), board.preset("upstream_preset", "Numbers in dy", UPSTREAM_PRESETS),
    choose("target", "Gradient of", [["dx", "the input, dx"], ["dw", "the kernel, dw"]]),
    choose("view", "View", [["scatter", "scatter"], ["gather", "gather"]]),
    board.axesApart(),
  );
}

export default { render };
