// What the backward player shows, as numbers: the browser's twin of cnnlib/widgets/backward.py, compared with it in a test.

import { formatNumber, formatTerm } from "./common.js";
import { pair, unreadCells, windowCells } from "./geometry.js";
import { INPUT_PRESETS, KERNEL_PRESETS, settleCells, settleUpstream } from "./presets.js";
import { place } from "./sliding.js";

export const BACKWARD_KERNELS = { counting: INPUT_PRESETS.counting, ...KERNEL_PRESETS };
const IMAGE_AND_OWN_KERNEL = [["image", "input_size", INPUT_PRESETS], ["kernel", "kernel_size", BACKWARD_KERNELS]];
const SHOWN = 12; // products that a sentence spells out

const blank = ([rows, columns]) => Array.from({ length: rows }, () => Array(columns).fill(0));
const isInside = ([row, column], [n, m]) => row >= 0 && column >= 0 && row < n && column < m;
export const walksPlaces = ({ view }) => view === "scatter";
export const gathersInput = ({ target, view }) => target === "dx" && view === "gather";

/** Rows and columns of what the steps walk over: dy, or the gradient that collects; null where the window fits nowhere. */
export function walked(state, { windows }) {
  if (!windows) return null;
  if (walksPlaces(state)) return windows.map((window) => window.count);
  return pair(state.target === "dx" ? state.input_size : state.kernel_size);
}

export function stepCount(state, placed = place(state)) {
  const shape = walked(state, placed);
  return shape ? shape[0] * shape[1] : 0;
}

/** The products of the step at `spot`: [{place, kernel, cell, g, other}]; other is the weight (for dx) or the input cell (for dw). */
export function products(state, windows, spot) {
  const key = walksPlaces(state) ? "place" : state.target === "dx" ? "cell" : "kernel";
  const [rows, columns] = windows.map((window, a) => {
    const reads = [];
    for (let u = 0; u < window.kernelSize; u++)
      for (let i = 0; i < window.count; i++) reads.push({ place: i, kernel: u, cell: windowCells(window, i)[u] });
    return reads.filter((read) => read[key] === spot[a]);
  });
  const both = (row, column) => Object.fromEntries(["place", "kernel", "cell"].map((name) => [name, [row[name], column[name]]]));
  return rows.flatMap((row) => columns.map((column) => withFactors(state, both(row, column))));
}

function withFactors(state, read) {
  const at = (cells, [i, j]) => cells[i]?.[j] ?? 0;
  return { ...read, g: at(state.upstream, read.place), other: state.target === "dx" ? at(state.kernel, read.kernel) : at(state.image, read.cell) };
}

/** dx or dw as the steps 0 to `step` have made it; dx when scattered together with its border: {cells, first}, first being the corner. */
export function gradientSoFar(state, windows, step) {
  const [, width] = walked(state, { windows });
  const bordered = state.target === "dx" && walksPlaces(state);
  const first = bordered ? windows.map((window) => 0 - window.before) : [0, 0];
  const shape = state.target === "dw" ? pair(state.kernel_size) : windows.map(({ n, before, after }) => (bordered ? n + before + after : n));
  const cells = blank(shape);
  for (let at = 0; at <= step; at++)
    for (const { cell, kernel, g, other } of products(state, windows, [Math.floor(at / width), at % width])) {
      const [row, column] = state.target === "dx" ? cell : kernel;
      cells[row - first[0]][column - first[1]] += g * other;
    }
  return { cells, first };
}

/** What the rotated kernel slides over when dx is gathered: dy with zeros between and around. {cells, first}: first is the corner's number. */
export function stretchedGradient(state, windows) {
  const back = windows.map((window) => window.span - 1 - window.before);
  const cells = blank(windows.map((window) => window.n + window.span - 1));
  state.upstream.forEach((numbers, i) =>
    numbers.forEach((g, j) => {
      const [row, column] = [i * windows[0].stride + back[0], j * windows[1].stride + back[1]];
      if (isInside([row, column], [cells.length, cells[0].length])) cells[row][column] = g;
    }),
  );
  return { cells, first: back.map((b) => 0 - b) };
}

const times = ({ g, other }) => `${formatTerm(g)}·${formatTerm(other)}`;

function sending(state, [i, j], terms) {
  const kept = state.target === "dw" ? terms : terms.filter(({ cell }) => isInside(cell, pair(state.input_size)));
  const sends = `dy[${i},${j}] = ${formatNumber(state.upstream[i][j])} sends`;
  if (kept.length === 0) return `${sends} nothing to x: its window lies in the padding`;
  const to = ({ cell, kernel }) => (state.target === "dx" ? `x[${cell}]` : `w[${kernel}]`);
  const lost = terms.length - kept.length;
  const note = lost ? `; ${lost} of ${terms.length} products ${lost === 1 ? "falls" : "fall"} on the padding` : "";
  return `${sends} ${kept.map((term) => `${times(term)} to ${to(term)}`).join(", ")}${note}`;
}

function collecting(state, spot, terms) {
  const name = `${state.target}[${spot}]`;
  if (terms.length === 0) return `${name} = 0: no window reads this cell`;
  const more = terms.length > SHOWN ? ` + … (${terms.length} products)` : "";
  const total = terms.reduce((sum, { g, other }) => sum + g * other, 0);
  return `${name} = ${terms.slice(0, SHOWN).map(times).join(" + ")}${more} = ${formatNumber(total)}`;
}

/** Everything one picture shows at `step` (clipped to the last): the same numbers serve every panel. */
export function backFrame(state, step = state.step) {
  const placed = place(state);
  if (placed.problem) return placed;
  const { windows } = placed;
  const at = Math.min(step, stepCount(state, placed) - 1);
  const shape = walked(state, placed);
  const spot = [Math.floor(at / shape[1]), at % shape[1]];
  const terms = products(state, windows, spot);
  return {
    ...placed, step: at, spot, shape, terms, gradient: gradientSoFar(state, windows, at), unread: windows.map(unreadCells),
    stretched: gathersInput(state) ? stretchedGradient(state, windows) : null,
    sentence: (walksPlaces(state) ? sending : collecting)(state, spot, terms),
  };
}

/** The changes that make a state consistent again, as the Python class makes them. */
export function reconcileBack(state, before) {
  const changes = settleCells(state, before, IMAGE_AND_OWN_KERNEL);
  const placed = place({ ...state, ...changes });
  Object.assign(changes, settleUpstream(state, before, placed.windows?.map((window) => window.count)));
  const steps = stepCount({ ...state, ...changes }, placed);
  if (steps && state.step >= steps) changes.step = steps - 1;
  return changes;
}
