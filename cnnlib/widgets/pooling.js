// The pooling player: what a pooling keeps of each window, and which cells its gradient goes back to.

import { Board, formatNumber, formatTerm, h } from "./common.js";
import { GeometryError, fitWindow, pair, sizeFormula, unreadCells, windowCells, windowStart } from "./geometry.js";
import { Grid, cellSize, swatch, tints } from "./grid.js";
import { Walk, readingFact, tellSizes } from "./places.js";
import { INPUT_PRESETS, UPSTREAM_PRESETS, settleCells, settleUpstream } from "./presets.js";

const KEYS = [
  "input_size", "kernel_size", "stride", "padding", "ceil_mode", "mode", "view", "step", "image", "image_preset", "upstream",
  "upstream_preset", "fps",
];
const BOTH_AXES = ["input_size", "kernel_size", "stride", "padding"];

const asPython = (value) => (Array.isArray(value) ? `(${value.join(", ")})` : `${value}`);

/** The windows along both axes, or {problem} with the library's sentence. */
export function placePools(state) {
  const [n, k, s, p] = BOTH_AXES.map((key) => pair(state[key]));
  if (p.some((cells, a) => cells > Math.floor(k[a] / 2))) {
    const most = p.map((cells, a) => Math.min(cells, Math.floor(k[a] / 2)));
    const problem =
      `padding=${asPython(state.padding)} is more than half the kernel (kernel_size=${asPython(state.kernel_size)}): ` +
      `a window could lie wholly in the padding. Write padding=${asPython(most)}.`;
    return { windows: null, problem };
  }
  const lacking = [];
  const windows = ["rows", "columns"].map((axis, a) => {
    try {
      return fitWindow(n[a], k[a], s[a], p[a], 1, axis, true, state.ceil_mode);
    } catch (error) {
      if (!(error instanceof GeometryError)) throw error;
      lacking.push({ lack: k[a] - n[a] - 2 * p[a], problem: error.message });
    }
  });
  if (lacking.length === 0) return { windows, problem: null };
  return { windows: null, problem: lacking.reduce((most, each) => (each.lack > most.lack ? each : most)).problem };
}

export function poolCount({ windows }) {
  return windows ? windows[0].count * windows[1].count : 0;
}

/** The number of cells that an average is taken over: those of the window in the padded input. */
export function poolDivisor(windows, place) {
  const along = windows.map((window, a) => {
    const start = windowStart(window, place[a]);
    return Math.min(start + window.kernelSize, window.n + window.after) - Math.max(start, -window.before);
  });
  return along[0] * along[1];
}

/** The cells of one window inside the image, [{row, column, x, share}]: share is what a cell receives of dy, as a number from 0 to 1. */
export function poolCells(state, windows, i, j) {
  const cells = windowCells(windows[0], i).flatMap((row) => windowCells(windows[1], j).map((column) => ({ row, column, x: state.image[row]?.[column] })));
  const inside = cells.filter(({ x }) => x !== undefined);
  const divisor = poolDivisor(windows, [i, j]);
  const largest = Math.max(...inside.map(({ x }) => x));
  const winner = inside.findIndex(({ x }) => x === largest);
  return inside.map((cell, t) => ({ ...cell, share: state.mode === "max" ? Number(t === winner) : 1 / divisor }));
}

export function poolValue(state, windows, i, j) {
  const values = poolCells(state, windows, i, j).map(({ x }) => x);
  if (state.mode === "max") return Math.max(...values);
  return values.reduce((sum, x) => sum + x, 0) / poolDivisor(windows, [i, j]);
}

export function poolOutput(state, windows) {
  return Array.from({ length: windows[0].count }, (_, i) => Array.from({ length: windows[1].count }, (_, j) => poolValue(state, windows, i, j)));
}

/** dx as the windows 0 to `step` have made it. */
export function poolGradient(state, windows, step) {
  const dx = state.image.map((row) => row.map(() => 0));
  for (let at = 0; at <= step; at++) {
    const [i, j] = [Math.floor(at / windows[1].count), at % windows[1].count];
    for (const { row, column, share } of poolCells(state, windows, i, j)) dx[row][column] += share * state.upstream[i][j];
  }
  return dx;
}

function forwardSentence(state, windows, i, j) {
  const values = poolCells(state, windows, i, j).map(({ x }) => x);
  const y = formatNumber(poolValue(state, windows, i, j));
  if (state.mode === "max") return `y[${i},${j}] = max(${values.map(formatNumber).join(", ")}) = ${y}`;
  const divisor = poolDivisor(windows, [i, j]);
  const zeros = divisor > values.length ? ` + ${divisor - values.length} zeros of the padding` : "";
  return `y[${i},${j}] = (${values.map(formatTerm).join(" + ")}${zeros})/${divisor} = ${y}`;
}

function backwardSentence(state, windows, i, j) {
  const cells = poolCells(state, windows, i, j);
  const g = state.upstream[i][j];
  const said = `dy[${i},${j}] = ${formatNumber(g)}`;
  if (state.mode === "max") {
    const { row, column, x } = cells.find(({ share }) => share);
    return `${said} goes to the winner x[${row},${column}] = ${formatNumber(x)}, the first maximum of its window`;
  }
  const divisor = poolDivisor(windows, [i, j]);
  const receivers = cells.length > 1 ? `each of the ${cells.length} cells` : "the cell";
  return `${said} gives ${formatNumber(g)}/${divisor} = ${formatNumber(g / divisor)} to ${receivers} of its window`;
}

export function poolSentence(state, windows, i, j) {
  return (state.view === "forward" ? forwardSentence : backwardSentence)(state, windows, i, j);
}

/** Everything one picture shows at window `step` (clipped to the last): the same numbers serve every panel. */
export function poolFrame(state, step = state.step) {
  const placed = placePools(state);
  if (placed.problem) return placed;
  const { windows } = placed;
  const at = Math.min(step, poolCount(placed) - 1);
  const [i, j] = [Math.floor(at / windows[1].count), at % windows[1].count];
  return {
    ...placed, i, j, step: at, cells: poolCells(state, windows, i, j), output: poolOutput(state, windows),
    gradient: poolGradient(state, windows, at), unread: windows.map(unreadCells), sentence: poolSentence(state, windows, i, j),
  };
}

/**
 * The changes that make a state consistent again, as the Python class makes them: new cells bring their size along and are custom unless
 * the preset made them; dy has one number for each window; the step is a window that exists.
 */
export function reconcilePools(state, before) {
  const changes = settleCells(state, before, [["image", "input_size", INPUT_PRESETS]]);
  const placed = placePools({ ...state, ...changes });
  Object.assign(changes, settleUpstream(state, before, placed.windows?.map((window) => window.count)));
  const places = poolCount(placed);
  if (places && state.step >= places) changes.step = places - 1;
  return changes;
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: KEYS, axes: BOTH_AXES, draw, reconcile: reconcilePools, label: "Pooling player" });
  const walk = new Walk({
    board, shapeOf: (state) => placePools(state).windows?.map((window) => window.count),
    moved: (spot) => (upstream.cursor = spot), // now: a digit may follow before the next frame
  });
  const input = new Grid("input", { onEdit: board.editor("image") });
  const result = new Grid("output", walk.callbacks());
  const upstream = new Grid("upstream", { ...walk.callbacks(), onEdit: board.editor("upstream") });
  const gradient = new Grid("gradient");
  const sizes = h("dl", { class: "cnn-sizes" });
  const legend = poolLegend();
  board.stage.prepend(input.node);
  board.results.append(result.node, upstream.node, gradient.node);
  board.notes.append(sizes, legend.node, h("p", { class: "cnn-hint" },
    "Point at a cell of the output or of dy to see its window, or focus it and use the arrow keys, Home and End. " +
    "Click a cell of the input or of dy to change it; with the keyboard: arrow keys, then Enter."));
  poolControls(board);
  board.addTransport({ count: (state) => poolCount(placePools(state)), unit: "Window" });

  function draw(state) {
    const now = poolFrame(state, walk.shown(state));
    board.complain(now.problem);
    board.say(now.problem ? "" : now.sentence);
    board.controls.querySelector("[data-key=upstream_preset]").hidden = state.view === "forward";
    result.node.hidden = Boolean(now.problem) || state.view !== "forward";
    upstream.node.hidden = gradient.node.hidden = Boolean(now.problem) || state.view !== "backward";
    drawPooled(input, state, now);
    if (!result.node.hidden) drawWindows(result, "Output y", now.output, now);
    if (!upstream.node.hidden) drawBackward(upstream, gradient, state, now);
    legend.update(state, now);
    drawPoolSizes(sizes, state, now);
  }
  return () => board.dispose();
}

/** The input with its padding, and the cells behind the end that a window of ceil mode hangs over. */
function drawPooled(grid, state, { windows, i, j, cells = [], unread = [[], []], sentence }) {
  const [n, m] = pair(state.input_size);
  const [[top, bottom], [left, right]] = windows?.map((w) => [w.before, w.after]) ?? pair(state.padding).map((p) => [p, p]);
  const ends = windows?.map((w) => Math.max(w.n + w.after, windowStart(w, w.count - 1) + w.kernelSize)) ?? [n + bottom, m + right];
  const share = new Map(cells.map((cell) => [`${cell.row},${cell.column}`, cell.share]));
  const tint = tints(state.image);
  const cell = (r, c) => {
    if (r < 0 || c < 0 || r >= n || c >= m)
      return { text: r < n + bottom && c < m + right ? (state.mode === "max" ? "−∞" : "0") : "", kind: "pad" };
    const skipped = unread[0].includes(r) || unread[1].includes(c);
    const mark = share.get(`${r},${c}`) > 0 ? "taken" : skipped ? "unread" : "";
    return { text: formatNumber(state.image[r][c]), mark, tint: tint(state.image[r][c]) / 2 };
  };
  const frames = windows
    ? [{ row: windowStart(windows[0], i), column: windowStart(windows[1], j), rows: windows[0].kernelSize, columns: windows[1].kernelSize }]
    : [];
  const padded = top + left ? `, padded ${n + top + bottom} × ${m + left + right}` : "";
  grid.update({
    rows: [-top, ends[0]], columns: [-left, ends[1]], cell, frames, editable: [n, m], size: cellSize(Math.max(ends[0] + top, ends[1] + left)),
    title: "Input x", detail: `${n} × ${m}${padded}`, label: `Input of ${n} by ${m} cells${padded}. ${sentence ?? "No window fits."}`,
  });
}

/** A grid with one cell for each window. */
function drawWindows(grid, title, cells, { i, j, sentence }) {
  const tint = tints(cells);
  const [rows, columns] = [cells.length, cells[0].length];
  grid.update({
    rows: [0, rows], columns: [0, columns], frames: [{ row: i, column: j }], size: cellSize(Math.max(rows, columns)), title,
    cell: (r, c) => ({ text: formatNumber(cells[r][c]), tint: tint(cells[r][c]) }), detail: `${rows} × ${columns}`, label: sentence,
  });
}

function drawBackward(upstream, gradient, state, now) {
  const { windows, i, j, step, cells } = now;
  upstream.cursor = [i, j]; // Enter or a digit changes the dy of the window that is shown
  drawWindows(upstream, "Gradient dy", state.upstream, now);
  const received = new Map(cells.map(({ row, column, share }) => [`${row},${column}`, share * state.upstream[i][j]]));
  const tint = tints(now.gradient);
  const cell = (r, c) => {
    const value = now.gradient[r][c];
    const part = received.get(`${r},${c}`);
    return { text: formatNumber(value), mark: part ? "taken" : "", note: part ? `${part > 0 ? "+" : ""}${formatNumber(part)}` : "", tint: tint(value) };
  };
  const [n, m] = pair(state.input_size);
  const total = now.gradient.flat().reduce((sum, value) => sum + value, 0);
  const detail = `after ${step + 1} of ${poolCount(now)} windows; adds up to ${formatNumber(total)}`;
  const rows = now.gradient.map((row) => row.map(formatNumber).join(" ")).join("; ");
  gradient.update({
    rows: [0, n], columns: [0, m], cell, frames: insideFrames(windows, i, j), size: cellSize(Math.max(n, m)), title: "Gradient dx",
    detail, label: `Gradient dx ${detail}: ${rows}`,
  });
}

/** The outline of a window, cut at the border of the image. */
function insideFrames(windows, i, j) {
  const [rows, columns] = windows.map((window, a) => {
    const start = windowStart(window, [i, j][a]);
    return [Math.max(start, 0), Math.min(start + window.kernelSize, window.n)];
  });
  return [{ row: rows[0], column: columns[0], rows: rows[1] - rows[0], columns: columns[1] - columns[0] }];
}

function drawPoolSizes(list, state, { windows, unread }) {
  if (!windows) return list.replaceChildren();
  tellSizes(list, windows.map((window) => sizeFormula(window, window.before)), readingFact(unread));
}

function poolLegend() {
  const taken = h("span");
  const pad = h("span");
  const items = {
    frame: h("li", {}, swatch("frame"), "the window"), taken: h("li", {}, swatch("taken"), taken), pad: h("li", {}, swatch("pad"), pad),
    unread: h("li", {}, swatch("unread"), "never read by any window"),
  };
  const update = ({ mode }, { windows, unread }) => {
    taken.textContent = mode === "max" ? "the winner: the first maximum" : "the cells of the mean";
    pad.textContent = mode === "max" ? "padding, minus infinity" : "padding, counted as zeros";
    items.frame.hidden = items.taken.hidden = !windows;
    items.pad.hidden = !windows?.some(({ before }) => before > 0);
    items.unread.hidden = !unread?.some((cells) => cells.length);
  };
  return { node: h("ul", { class: "cnn-legend" }, ...Object.values(items)), update };
}

function poolControls(board) {
  const sliders = [["input_size", "Input size", 1, 12], ["kernel_size", "Kernel size", 1, 5], ["stride", "Stride", 1, 4], ["padding", "Padding", 0, 2]];
  const choose = (key, label, names) => board.select({ key, label, options: names.map((name) => [name, name]) });
  const ceil = board.check({ key: "ceil_mode", label: "Ceil mode", get: (state) => state.ceil_mode, put: (checked) => board.set({ ceil_mode: checked }) });
  board.controls.append(
    ...sliders.flatMap(([key, label, min, max]) => board.pairSlider({ key, label, min, max })),
    choose("mode", "Pooling", ["max", "average"]), choose("view", "View", ["forward", "backward"]),
    board.preset("image_preset", "Input numbers", INPUT_PRESETS), board.preset("upstream_preset", "Numbers in dy", UPSTREAM_PRESETS), ceil,
    board.axesApart(),
  );
}

export default { render };
