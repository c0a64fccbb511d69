// The Toeplitz view: the matrix of a convolution; a row of it, the window it stands for and the output cell it makes belong together.

import { Board, formatNumber, formatTerm, h } from "./common.js";
import { GeometryError, fitWindow, windowCells } from "./geometry.js";
import { Grid } from "./grid.js";

const KEYS = ["input_size", "kernel_size", "stride", "padding", "transposed", "step", "image", "kernel"];

/** The places along one axis, or {problem} with the library's sentence; rows and columns are alike. */
export function matrixWindow({ input_size, kernel_size, stride, padding }) {
  try {
    return { window: fitWindow(input_size, kernel_size, stride, padding, 1, "rows"), problem: null };
  } catch (error) {
    if (error instanceof GeometryError) return { window: null, problem: error.message };
    throw error;
  }
}

const square = (cells, size) => Array.from({ length: size }, (_, r) => Array.from({ length: size }, (_, c) => cells[r]?.[c] ?? 0));

/** The connections of one row of the matrix: [{column, row, cell: [u, v], at: [r, c], x, w}], without kernel cells in the padding. */
export function rowEntries(state, window, row) {
  const n = state.input_size;
  const columns = windowCells(window, row % window.count);
  return windowCells(window, Math.floor(row / window.count)).flatMap((r, u) =>
    columns.flatMap((c, v) => {
      const inside = r >= 0 && c >= 0 && r < n && c < n;
      return inside ? [{ row, column: r * n + c, at: [r, c], x: state.image[r]?.[c] ?? 0, w: state.kernel[u]?.[v] ?? 0 }] : [];
    }),
  );
}

/** Everything one picture shows: {problem}, or the connections of all rows, the output, the place and the sentence of the shown row. */
export function matrixFrame(state) {
  const { window, problem } = matrixWindow(state);
  if (problem) return { problem };
  const { count } = window;
  const rows = Array.from({ length: count * count }, (_, row) => rowEntries(state, window, row));
  const sums = rows.map((entries) => entries.reduce((sum, { x, w }) => sum + x * w, 0));
  const step = Math.min(state.step, rows.length - 1);
  const [i, j] = [Math.floor(step / count), step % count];
  const total = rows[step].map(({ x, w }) => `${formatTerm(w)}·${formatTerm(x)}`).join(" + ");
  const columns = rows[step].map(({ column }) => column).join(", ");
  return {
    problem, rows, step, i, j, count, output: Array.from({ length: count }, (_, r) => sums.slice(r * count, (r + 1) * count)),
    sentence: `row ${step}, columns ${columns}: y[${i},${j}] = ${total} = ${formatNumber(sums[step])}`,
  };
}

/** The row shown is one that exists, as in the Python class. */
export function keepRow(state) {
  const { window } = matrixWindow(state);
  return window && state.step >= window.count ** 2 ? { step: window.count ** 2 - 1 } : {};
}

/** The row that a key on the matrix leads to, or null for other keys. */
export function rowKey(key, step, rows) {
  const at = { ArrowUp: step - 1, ArrowLeft: step - 1, ArrowDown: step + 1, ArrowRight: step + 1, Home: 0, End: rows - 1 }[key];
  return at === undefined ? null : Math.max(0, Math.min(at, rows - 1));
}

/** The output cell, as a row of the matrix, that a key on the output leads to, or null for other keys. */
export function outputKey(key, step, count) {
  const [i, j] = [Math.floor(step / count), step % count];
  const at = { ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1], ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], Home: [0, 0], End: [count - 1, count - 1] }[key];
  if (!at) return null;
  return at.every((place) => place >= 0 && place < count) ? at[0] * count + at[1] : step;
}

const largest = (cells) => Math.max(...cells.flat().map(Math.abs)) || 1;
const numbersOf = (cells) => cells.map((row) => row.map(formatNumber).join(" ")).join("; ");

function render({ model, el }) {
  let hovered = null; // {step} or {column} under the pointer
  const board = new Board({ model, el, keys: KEYS, draw, reconcile: keepRow, label: "Toeplitz view" });
  const hover = (spot) => {
    if (JSON.stringify(spot) === JSON.stringify(hovered)) return;
    hovered = spot;
    board.queue.request();
  };
  const frame = () => matrixFrame(board.state());
  const go = (step) => {
    if (step === null) return false;
    hovered = null;
    if (step !== board.state().step) board.set({ step });
    return true;
  };
  const edit = (key) => ([i, j], value) => {
    const size = Math.max(board.state()[key].length, i + 1, j + 1);
    board.set({ [key]: square(board.state()[key], size).map((row, r) => row.map((old, c) => (r === i && c === j ? value : old))) });
  };
  const rowOf = ([r, c]) => (board.state().transposed ? c : r);
  const outputRow = ([i, j]) => i * frame().count + j;
  const matrix = new Grid("matrix", {
    onHover: (place) => hover(place && { step: rowOf(place) }), onPick: (place) => go(rowOf(place)),
    onKey: (event) => go(rowKey(event.key, board.state().step, frame().rows.length)),
  });
  const image = new Grid("image", {
    onEdit: edit("image"), onHover: (place) => hover(place && { column: place[0] * board.state().input_size + place[1] }),
  });
  const kernel = new Grid("kernel", { onEdit: edit("kernel") });
  const output = new Grid("output", {
    onHover: (place) => hover(place && { step: outputRow(place) }), onPick: (place) => go(outputRow(place)),
    onKey: (event) => go(outputKey(event.key, board.state().step, frame().count)),
  });
  board.results.append(image.node, kernel.node, output.node);
  board.stage.prepend(matrix.node);
  board.notes.append(h("p", { class: "cnn-hint" },
    "Point at a row of the matrix or at an output cell, or focus one and use the arrow keys, Home and End. Point at an image cell to see " +
    "its column. Dashed cells are connections that do not exist. Click an image or kernel cell to change it; with the keyboard: arrow keys, then Enter."));
  const last = (state) => Math.max((matrixFrame(state).rows?.length ?? 1) - 1, 0);
  board.controls.append(...[
    { key: "input_size", label: "Image size", min: 2, max: 4 }, { key: "kernel_size", label: "Kernel size", min: 1, max: 3 },
    { key: "stride", label: "Stride", min: 1, max: 2 }, { key: "padding", label: "Padding", min: 0, max: 1 },
    { key: "step", label: "Row of A", min: 0, max: 0, limit: last },
  ].map((options) => board.slider(options).node));
  board.controls.append(board.check({
    key: "transposed", label: "Transposed", get: ({ transposed }) => transposed, put: (transposed) => board.set({ transposed }),
  }));

  function draw(state) {
    const seen = matrixFrame(hovered?.step === undefined ? state : { ...state, step: hovered.step });
    const column = hovered?.column ?? null;
    board.complain(seen.problem);
    for (const { node } of [matrix, kernel, output]) node.hidden = seen.problem !== null;
    drawImage(image, state, seen, column);
    if (seen.problem) return board.say("");
    drawMatrix(matrix, state, seen, column);
    drawWeights(kernel, state);
    drawResult(output, seen, column);
    board.say(column === null ? seen.sentence : columnSentence(seen, column));
  }

  return () => board.dispose();
}

/** Which output cells read one input cell, with which weights. */
export function columnSentence({ rows }, column) {
  const readers = rows.flat().filter((entry) => entry.column === column);
  const list = readers.map(({ row, w }) => `row ${row} (weight ${formatNumber(w)})`).join(", ");
  return `column ${column}: ${list ? `read by ${list}` : "read by no output cell"}`;
}

function drawImage(grid, state, { problem, rows, step, sentence }, column) {
  const cells = square(state.image, state.input_size);
  const used = new Map(problem ? [] : rows[step].map(({ at, w }) => [at.join(), formatNumber(w)]));
  const most = largest(cells);
  const n = state.input_size;
  grid.update({
    rows: [0, n], columns: [0, n], title: "Image x", label: `Image: ${numbersOf(cells)}. ${sentence ?? "No window fits."}`,
    cell: (r, c) => {
      const w = used.get(`${r},${c}`);
      return { text: formatNumber(cells[r][c]), mark: w === undefined ? "" : "taken", note: w === undefined ? "" : `×${w}`, tint: cells[r][c] / most / 2 };
    },
    frames: column === null ? [] : [{ row: Math.floor(column / n), column: column % n, kind: "orange" }],
  });
}

function drawMatrix(grid, { transposed, input_size, kernel }, { rows, step, sentence }, column) {
  const [height, width] = [rows.length, input_size ** 2];
  const weights = new Map(rows.flat().map((entry) => [`${entry.row},${entry.column}`, entry.w]));
  const most = largest(kernel);
  const turn = (r, c) => (transposed ? [c, r] : [r, c]);
  const line = (row, at, kind) => {
    const [r, c] = turn(row ? at : 0, row ? 0 : at);
    const [tall, wide] = turn(row ? 1 : height, row ? width : 1);
    return { row: r, column: c, rows: tall, columns: wide, kind };
  };
  const [bottom, right] = turn(height, width);
  grid.update({
    rows: [0, bottom], columns: [0, right], size: Math.max(18, Math.min(30, Math.floor(520 / right))),
    cell: (r, c) => {
      const [row, at] = turn(r, c);
      const w = weights.get(`${row},${at}`);
      if (w === undefined) return { text: "", kind: "pad" };
      return { text: formatNumber(w), mark: row === step ? "taken" : "", tint: w / most };
    },
    frames: [line(true, step, ""), ...(column === null ? [] : [line(false, column, "orange")])],
    title: transposed ? "Matrix A, transposed" : "Matrix A",
    detail: `${bottom} × ${right}, ${weights.size} of ${height * width} entries are connections`,
    label: `Matrix of ${bottom} rows and ${right} columns. ${sentence}`,
  });
}

function drawWeights(grid, { kernel, kernel_size }) {
  const cells = square(kernel, kernel_size);
  const most = largest(kernel);
  grid.update({
    rows: [0, kernel_size], columns: [0, kernel_size], title: "Kernel w", label: `Kernel: ${numbersOf(cells)}`,
    cell: (u, v) => ({ text: formatNumber(cells[u][v]), tint: cells[u][v] / most }),
  });
}

function drawResult(grid, { rows, output, i, j, count, sentence }, column) {
  const reads = new Set(rows.flat().filter((entry) => entry.column === column).map(({ row }) => row));
  const most = largest(output);
  grid.update({
    rows: [0, count], columns: [0, count], title: "Output y", label: sentence, frames: [{ row: i, column: j }],
    cell: (r, c) => ({ text: formatNumber(output[r][c]), mark: reads.has(r * count + c) ? "taken" : "", tint: output[r][c] / most }),
  });
}

export default { render };
