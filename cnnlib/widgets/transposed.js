// The transposed-convolution player: every input cell stamps the kernel, scaled by its value, into the output.

import { Board, formatNumber, formatTerm, h } from "./common.js";
import { namedCells, pair, placeStamps, unreadCells, windowCells, windowStart } from "./geometry.js";
import { Grid, cellSize, swatch, tints } from "./grid.js";
import { Walk, tellSizes } from "./places.js";
import { IMAGE_AND_KERNEL, INPUT_PRESETS, KERNEL_PRESETS, fillCells, settleCells } from "./presets.js";

const STAMP_AXES = ["input_size", "kernel_size", "stride", "padding", "output_padding", "dilation"];
const STAMP_KEYS = [...STAMP_AXES, "step", "image", "kernel", "image_preset", "kernel_preset", "view", "fps"];

export function stampCount({ windows }) {
  return windows ? windows[0].count * windows[1].count : 0;
}

/** The cells under one stamp, [{row, column, w, kept}], row by row; kept is false where the padding cuts the cell away. */
export function stampCells({ kernel }, windows, i, j) {
  const columns = windowCells(windows[1], j);
  const inside = (row, column) => row >= 0 && column >= 0 && row < windows[0].n && column < windows[1].n;
  return windowCells(windows[0], i).flatMap((row, u) => columns.map((column, v) => ({ row, column, w: kernel[u][v], kept: inside(row, column) })));
}

/** The rows and the columns that are drawn, [first, end) each: the output and around it what the padding cuts away. */
export function stampExtents(windows) {
  return windows.map((window) => [-window.before, Math.max(windowStart(window, window.count - 1) + window.span, window.n)]);
}

/** What the stamps 0 to `step` have made of the drawn cells, and how many of them touched each: {values, counts}. */
export function stampSheet(state, windows, step) {
  const [[top, bottom], [left, right]] = stampExtents(windows);
  const [values, counts] = [0, 1].map(() => fillCells(bottom - top, right - left, () => 0));
  for (let at = 0; at <= step; at++) {
    const [i, j] = [Math.floor(at / windows[1].count), at % windows[1].count];
    for (const { row, column, w } of stampCells(state, windows, i, j)) {
      values[row - top][column - left] += w * state.image[i][j];
      counts[row - top][column - left] += 1;
    }
  }
  return { values, counts };
}

export function stampSentence(state, { windows, i, j, cells, counts }) {
  const x = `x[${i},${j}]`;
  const kept = cells.filter((cell) => cell.kept);
  const cut = cells.length - kept.length;
  if (kept.length === 0) return `${x} = ${formatNumber(state.image[i][j])} adds nothing: its stamp falls outside`;
  const outside = cut ? `; ${cut} of ${cells.length} kernel cells ${cut === 1 ? "falls" : "fall"} outside` : "";
  const value = state.image[i][j];
  if (state.view === "values") {
    const sums = kept.map(({ row, column, w }) => `${formatTerm(value)}·${formatTerm(w)} to y[${row},${column}]`).join(", ");
    return `${x} = ${formatNumber(value)} adds ${sums}${outside}`;
  }
  const here = kept.map(({ row, column }) => counts[row + windows[0].before][column + windows[1].before]);
  const [least, most] = [Math.min(...here), Math.max(...here)];
  const range = least < most ? `${least} to ${most}` : `${most}`;
  const touched = kept.length === 1 ? "1 cell of y, which has" : `${kept.length} cells of y, which have`;
  return `${x} touches ${touched} ${range} ${range === "1" ? "stamp" : "stamps"} now${outside}`;
}

/** Everything one picture shows after stamp `step` (clipped to the last): the same numbers serve every panel. */
export function stampFrame(state, step = state.step) {
  const placed = placeStamps(state);
  if (placed.problem) return placed;
  const { windows } = placed;
  const at = Math.min(step, stampCount(placed) - 1);
  const [i, j] = [Math.floor(at / windows[1].count), at % windows[1].count];
  const now = {
    ...placed, i, j, step: at, cells: stampCells(state, windows, i, j), ...stampSheet(state, windows, at), unread: windows.map(unreadCells),
  };
  return { ...now, sentence: stampSentence(state, now) };
}

/** The changes that make a state consistent again, as the Python class makes them: cells that fit, and a stamp that exists. */
export function reconcileStamps(state, before) {
  const changes = settleCells(state, before, IMAGE_AND_KERNEL);
  const stamps = stampCount(placeStamps({ ...state, ...changes }));
  if (stamps && state.step >= stamps) changes.step = stamps - 1;
  return changes;
}

function render({ model, el }) {
  const board = new Board({
    model, el, keys: STAMP_KEYS, axes: STAMP_AXES, draw, reconcile: reconcileStamps, label: "Transposed-convolution player",
  });
  const walk = new Walk({
    board, shapeOf: (state) => placeStamps(state).windows?.map((window) => window.count),
    moved: (spot) => (input.cursor = spot), // now: a digit may follow before the next frame
  });
  const input = new Grid("input", { ...walk.callbacks(), onEdit: board.editor("image") });
  const kernel = new Grid("kernel", { onEdit: board.editor("kernel") });
  const result = new Grid("output");
  const sizes = h("dl", { class: "cnn-sizes" });
  const legend = stampLegend();
  board.stage.prepend(input.node);
  board.results.append(kernel.node, result.node);
  board.notes.append(sizes, legend.node, h("p", { class: "cnn-hint" },
    "Point at an input cell to see its stamp, or focus the input and use the arrow keys, Home and End. " +
    "Click an input or kernel cell to change it; with the keyboard: Enter or a digit."));
  stampControls(board);
  board.addTransport({ count: (state) => stampCount(placeStamps(state)), unit: "Stamp" });

  function draw(state) {
    const now = stampFrame(state, walk.shown(state));
    board.complain(now.problem);
    board.say(now.problem ? "" : now.sentence);
    result.node.hidden = Boolean(now.problem);
    drawStamper(input, state, now);
    drawNumbers(kernel, "Kernel w", state.kernel, 38, `Kernel of ${pair(state.kernel_size).join(" by ")} cells: ${inRows(state.kernel)}`);
    if (!now.problem) drawStamped(result, state, now);
    legend.update(now);
    drawStampSizes(sizes, now);
  }
  return () => board.dispose();
}

const inRows = (cells) => cells.map((row) => row.map(formatNumber).join(" ")).join("; ");

/** A grid with nothing but its numbers; more: further options of the grid. */
function drawNumbers(grid, title, cells, size, label, more = {}) {
  const [rows, columns] = [cells.length, cells[0].length];
  const tint = tints(cells);
  const cell = (r, c) => ({ text: formatNumber(cells[r][c]), tint: tint(cells[r][c]) / 2 });
  grid.update({ rows: [0, rows], columns: [0, columns], cell, size, title, detail: `${rows} × ${columns}`, label, ...more });
}

function drawStamper(grid, state, { windows, i, j, sentence }) {
  const shape = pair(state.input_size);
  if (windows) grid.cursor = [i, j]; // Enter or a digit changes the cell that stamps
  const label = `Input of ${shape.join(" by ")} cells: ${inRows(state.image)}. ${sentence ?? "There is no output."}`;
  drawNumbers(grid, "Input x", state.image, cellSize(Math.max(...shape)), label, { frames: windows ? [{ row: i, column: j }] : [] });
}

/** The output as the stamps so far have made it, with what the padding cuts away around it. */
function drawStamped(grid, state, now) {
  const { windows, i, j, step, cells, unread } = now;
  const [rows, columns] = stampExtents(windows);
  const shown = now[state.view];
  const added = new Map(cells.map(({ row, column, w }) => [`${row},${column}`, w * state.image[i][j]]));
  const tint = tints(shown);
  const cell = (r, c) => {
    const value = shown[r - rows[0]][c - columns[0]];
    const part = added.get(`${r},${c}`);
    const inside = r >= 0 && c >= 0 && r < windows[0].n && c < windows[1].n;
    const skipped = inside && (unread[0].includes(r) || unread[1].includes(c));
    const note = part === undefined || state.view === "counts" ? "" : `${part < 0 ? "" : "+"}${formatNumber(part)}`;
    return {
      text: formatNumber(value), kind: inside ? "real" : "pad", mark: part !== undefined ? "taken" : skipped ? "unread" : "", note,
      tint: inside ? tint(value) : 0,
    };
  };
  const frames = [{ row: windowStart(windows[0], i), column: windowStart(windows[1], j), rows: windows[0].span, columns: windows[1].span }];
  const kept = shown.slice(windows[0].before, windows[0].before + windows[0].n);
  const numbers = inRows(kept.map((row) => row.slice(windows[1].before, windows[1].before + windows[1].n)));
  const title = state.view === "values" ? "Output y" : "Stamps on each cell";
  const detail = `${windows[0].n} × ${windows[1].n}, after ${step + 1} of ${stampCount(now)} stamps`;
  const longer = Math.max(rows[1] - rows[0], columns[1] - columns[0]);
  grid.update({ rows, columns, cell, frames, size: cellSize(longer), title, detail, label: `${title}, ${detail}: ${numbers}` });
}

/** The size formula with the present numbers, and the cells that no stamp reaches. */
export function stampSize({ count, stride, span, before, n }) {
  const outputPadding = n - ((count - 1) * stride + span - 2 * before);
  return `(${count} − 1)·${stride} + ${span} − 2·${before} + ${outputPadding} = ${n}`;
}

function drawStampSizes(list, { windows, unread }) {
  if (!windows) return list.replaceChildren();
  const gaps = namedCells(unread);
  tellSizes(list, windows.map(stampSize), ["Stamps", gaps ? `None reaches ${gaps}.` : "Every output cell is reached."]);
}

function stampLegend() {
  const said = { frame: "the cell that stamps, and its stamp", taken: "cells it adds to", pad: "cut away by the padding", unread: "no stamp reaches it" };
  const items = Object.fromEntries(Object.entries(said).map(([kind, text]) => [kind, h("li", {}, swatch(kind), text)]));
  const update = ({ windows, unread }) => {
    items.frame.hidden = items.taken.hidden = !windows;
    items.pad.hidden = !windows?.some(({ before }) => before > 0);
    items.unread.hidden = !unread?.some((cells) => cells.length);
  };
  return { node: h("ul", { class: "cnn-legend" }, ...Object.values(items)), update };
}

function stampControls(board) {
  const sliders = [
    ["input_size", "Input size", 1, 6], ["kernel_size", "Kernel size", 1, 5], ["stride", "Stride", 1, 4], ["padding", "Padding", 0, 4],
    ["output_padding", "Output padding", 0, 3], ["dilation", "Dilation", 1, 3],
  ];
  const view = board.select({ key: "view", label: "View", options: [["values", "values"], ["counts", "counts"]] });
  board.controls.append(
    ...sliders.flatMap(([key, label, min, max]) => board.pairSlider({ key, label, min, max })), view,
    board.preset("image_preset", "Input numbers", INPUT_PRESETS), board.preset("kernel_preset", "Kernel numbers", KERNEL_PRESETS),
    board.axesApart(),
  );
}

export default { render };
