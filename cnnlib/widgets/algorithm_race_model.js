// The algorithm race without its picture: the costs of seven ways to convolve, and their steps on a toy convolution.
// Python's cnnlib/symbolic/algorithm_costs.py and cnnlib/widgets/algorithm_steps.py are the reference.

import { formatNumber } from "./common.js";

export const METHODS = ["loops", "windows", "im2col", "offsets", "rows", "FFT", "Winograd"];
const CHUNK_BYTES = 2 ** 21; // of the library's row lowering
const TOY_IMAGE = [[1, 2, 0, 3], [4, 1, 2, 2], [0, 3, 1, 1], [2, 0, 2, 4]];
const TOY_KERNEL = [[2, 0, 1], [1, 1, -1], [0, 3, -2]];
const [SIDE, TOY_K, PLACED] = [4, 3, 2];

/** All [row, column] of a rectangle, row by row. */
const cellsOf = (rows, columns) => Array.from({ length: rows * columns }, (_, at) => [Math.floor(at / columns), at % columns]);
const PLACES = cellsOf(PLACED, PLACED);
const TAPS = cellsOf(TOY_K, TOY_K);
const SQUARE = cellsOf(SIDE, SIDE);

/** Costs {work, extra, intensity} of a method, in multiply-adds, cells, and operations per byte; null where it does not apply. */
export function raceCost(method, { images: N, channels: C, filters: F, n, k }) {
  const m = n - k + 1;
  const [x, w, y] = [N * C * n ** 2, F * C * k ** 2, N * F * m ** 2];
  const direct = N * F * C * k ** 2 * m ** 2;
  const made = (work, extra, moved) => ({ work, extra, intensity: (2 * work) / (4 * moved) });
  const ways = {
    loops: () => made(direct, 0, x + w + y),
    windows: () => made(direct, 0, x + w + y),
    im2col: () => made(direct, N * C * k ** 2 * m ** 2, x + w + y + 2 * N * C * k ** 2 * m ** 2),
    offsets: () => made(direct, N * C * m ** 2 + y, k ** 2 * (3 * N * C * m ** 2 + 4 * y) + w),
    rows: () => {
      const buffer = C * k * n * m;
      const chunk = Math.max(1, Math.min(N, Math.floor(CHUNK_BYTES / (4 * buffer))));
      return made(direct, chunk * (buffer + F * m ** 2), x + w + y);
    },
    FFT: () => {
      const [half, planes] = [n * (Math.floor(n / 2) + 1), N * C + F * C + N * F];
      return made(4 * N * F * C * half + 2.5 * planes * n ** 2 * Math.log2(n), 2 * half * planes, x + w + y + 4 * half * planes);
    },
    Winograd: () => {
      const tiles = N * Math.floor((m + 1) / 2) ** 2;
      const cells = 16 * (F * C + C * tiles + F * tiles);
      const turned = (32 * C * tiles + 28 * F * C + 24 * F * tiles) / 2;
      return k === 3 ? made(16 * F * C * tiles + turned, cells, x + w + y + 2 * cells) : null;
    },
  };
  return ways[method]();
}

/** A count in few characters: 1.849 G. */
export function shortCount(value) {
  for (const unit of ["", " k", " M", " G"]) {
    if (value < 1000) return formatNumber(value) + unit;
    value /= 1000;
  }
  return `${formatNumber(value)} T`;
}

/** The arrays of one way, and the steps recorded so far. Cells that nothing has written yet hold null. */
class Workshop {
  constructor(buffers = {}) {
    const empty = (rows, columns) => Array.from({ length: rows }, () => Array(columns).fill(null));
    this.arrays = { x: TOY_IMAGE, w: TOY_KERNEL };
    for (const [name, [rows, columns]] of Object.entries(buffers)) this.arrays[name] = empty(rows, columns);
    this.arrays.y = empty(PLACED, PLACED);
    this.steps = [];
    this.total = { multiplied: 0, read: 0, written: 0 };
  }

  get(name, [i, j]) {
    return this.arrays[name][i][j];
  }

  put(name, [i, j], value) {
    this.arrays[name][i][j] = value;
  }

  add(cell, value) {
    this.put("y", cell, (this.get("y", cell) ?? 0) + value);
  }

  step(said, reads, writes, products = 0) {
    const touched = (which) => Object.values(which).reduce((sum, cells) => sum + cells.length, 0);
    const { multiplied, read, written } = this.total;
    this.total = { multiplied: multiplied + products, read: read + touched(reads), written: written + touched(writes) };
    this.steps.push({ said, reads, writes, products, arrays: structuredClone(this.arrays), ...this.total });
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const shift = ([i, j], [u, v]) => [i + u, j + v];

function loopSteps() {
  const shop = new Workshop();
  for (const cell of PLACES)
    for (const tap of TAPS) {
      const at = shift(cell, tap);
      const [x, w] = [shop.get("x", at), shop.get("w", tap)];
      shop.add(cell, x * w);
      shop.step(`y[${cell}] += x[${at}] w[${tap}] = ${formatNumber(x)} · ${formatNumber(w)}`, { x: [at], w: [tap] }, { y: [cell] }, 1);
    }
  return shop.steps;
}

function windowSteps() {
  const shop = new Workshop();
  for (const cell of PLACES) {
    const cells = TAPS.map((tap) => shift(cell, tap));
    shop.add(cell, sum(TAPS.map((tap, at) => shop.get("x", cells[at]) * shop.get("w", tap))));
    const said = `the window at (${cell.join(", ")}), where it lies, times the kernel: y[${cell}] = ${formatNumber(shop.get("y", cell))}`;
    shop.step(said, { x: cells, w: TAPS }, { y: [cell] }, TAPS.length);
  }
  return shop.steps;
}

function columnSteps() {
  const shop = new Workshop({ columns: [TOY_K ** 2, PLACED ** 2] });
  TAPS.forEach((tap, row) => {
    const cells = PLACES.map((cell) => shift(cell, tap));
    cells.forEach((cell, place) => shop.put("columns", [row, place], shop.get("x", cell)));
    shop.step(`copy the cells that w[${tap}] meets into row ${row} of the matrix`, { x: cells }, { columns: cells.map((_, place) => [row, place]) });
  });
  PLACES.forEach((cell, place) => shop.add(cell, sum(TAPS.map((tap, row) => shop.get("w", tap) * shop.get("columns", [row, place])))));
  const every = cellsOf(TOY_K ** 2, PLACED ** 2);
  shop.step("one matrix product: all weights times all columns", { columns: every, w: TAPS }, { y: PLACES }, every.length);
  return shop.steps;
}

function offsetSteps() {
  const shop = new Workshop({ shifted: [PLACED, PLACED] });
  for (const tap of TAPS) {
    const cells = PLACES.map((cell) => shift(cell, tap));
    PLACES.forEach((cell, at) => shop.put("shifted", cell, shop.get("x", cells[at])));
    shop.step(`copy the piece of x that w[${tap}] meets`, { x: cells }, { shifted: PLACES });
    PLACES.forEach((cell) => shop.add(cell, shop.get("shifted", cell) * shop.get("w", tap)));
    shop.step(`y += w[${tap}] times the piece`, { shifted: PLACES, w: [tap] }, { y: PLACES }, PLACES.length);
  }
  return shop.steps;
}

function rowSteps() {
  const shop = new Workshop({ lowered: [TOY_K, SIDE * PLACED] });
  for (let v = 0; v < TOY_K; v += 1) {
    const cells = cellsOf(SIDE, PLACED).map(([row, column]) => [row, column + v]);
    cells.forEach((cell, place) => shop.put("lowered", [v, place], shop.get("x", cell)));
    shop.step(`copy all rows of x, shifted by ${v}, into row ${v} of the buffer`, { x: cells }, { lowered: cells.map((_, place) => [v, place]) });
  }
  for (let u = 0; u < TOY_K; u += 1) {
    const kernelRow = TAPS.filter(([row]) => row === u);
    const slab = kernelRow.flatMap(([, v]) => PLACES.map((_, place) => [v, u * PLACED + place]));
    PLACES.forEach((cell, place) => shop.add(cell, sum(kernelRow.map((tap) => shop.get("w", tap) * shop.get("lowered", [tap[1], u * PLACED + place])))));
    shop.step(`kernel row ${u} times the slice of the buffer from image row ${u} on`, { lowered: slab, w: kernelRow }, { y: PLACES }, slab.length);
  }
  return shop.steps;
}

/** The transform of 4 x 4 numbers [real, imaginary]; sign -1 forward, 1 back. Every root of one is 1, i, -1 or -i, so nothing is rounded. */
function transform4(square, sign) {
  const roots = [[1, 0], [0, sign], [-1, 0], [0, -sign]];
  const term = ([a, b], [r, q]) => {
    const [c, d] = roots[(a * r + b * q) % SIDE];
    const [x, y] = square[r][q];
    return [x * c - y * d, x * d + y * c];
  };
  const value = (frequency) => SQUARE.map((cell) => term(frequency, cell)).reduce(([a, b], [c, d]) => [a + c, b + d]);
  return Array.from({ length: SIDE }, (_, a) => Array.from({ length: SIDE }, (__, b) => value([a, b])));
}

/** A complex number as text, such as 3−2i. */
function complexText([real, imaginary]) {
  if (imaginary === 0) return formatNumber(real);
  const part = imaginary === 1 ? "i" : imaginary === -1 ? "−i" : `${formatNumber(imaginary)}i`;
  return real === 0 ? part : `${formatNumber(real)}${imaginary > 0 ? "+" : ""}${part}`;
}

function fourierSteps() {
  const shop = new Workshop({ X: [SIDE, SIDE], W: [SIDE, SIDE], XW: [SIDE, SIDE] });
  const filled = (make) => Array.from({ length: SIDE }, (_, i) => Array.from({ length: SIDE }, (__, j) => make(i, j)));
  const X = transform4(filled((i, j) => [TOY_IMAGE[i][j], 0]), -1);
  const W = transform4(filled((i, j) => [TOY_KERNEL[TOY_K - 1 - i]?.[TOY_K - 1 - j] ?? 0, 0]), -1);
  const XW = filled((i, j) => [X[i][j][0] * W[i][j][0] - X[i][j][1] * W[i][j][1], X[i][j][0] * W[i][j][1] + X[i][j][1] * W[i][j][0]]);
  const write = (name, values, said, reads, products) => {
    SQUARE.forEach((cell) => shop.put(name, cell, complexText(values[cell[0]][cell[1]])));
    shop.step(said, reads, { [name]: SQUARE }, products);
  };
  write("X", X, "transform the image: every frequency reads every cell", { x: SQUARE }, 0);
  write("W", W, "turn the kernel round, fill it up to 4 x 4, and transform it", { w: TAPS }, 0);
  write("XW", XW, "multiply the two, frequency by frequency: complex products", { X: SQUARE, W: SQUARE }, SQUARE.length);
  const ring = transform4(XW, 1);
  PLACES.forEach(([i, j]) => shop.add([i, j], ring[i + TOY_K - 1][j + TOY_K - 1][0] / SIDE ** 2));
  shop.step("transform back, and drop the cells that mix the two ends", { XW: SQUARE }, { y: PLACES });
  return shop.steps;
}

const BT = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]];
const G = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]];
const AT = [[1, 1, 1, 0], [0, 1, -1, 1]];
const times = (a, b) => a.map((row) => b[0].map((_, j) => sum(row.map((value, at) => value * b[at][j]))));
const flipped = (a) => a[0].map((_, j) => a.map((row) => row[j]));
const both = (matrix, square) => times(times(matrix, square), flipped(matrix));

function winogradSteps() {
  const shop = new Workshop({ U: [SIDE, SIDE], V: [SIDE, SIDE], UV: [SIDE, SIDE] });
  shop.arrays.U = both(G, TOY_KERNEL);
  shop.step("transform the kernel, G w Gᵀ; once for all tiles", { w: TAPS }, { U: SQUARE });
  shop.arrays.V = both(BT, TOY_IMAGE);
  shop.step("transform the tile, Bᵀ x B: additions alone", { x: SQUARE }, { V: SQUARE });
  SQUARE.forEach((cell, at) => {
    const [a, b] = [shop.get("U", cell), shop.get("V", cell)];
    shop.put("UV", cell, a * b);
    shop.step(`product ${at + 1} of ${SQUARE.length}: ${formatNumber(a)} · ${formatNumber(b)}`, { U: [cell], V: [cell] }, { UV: [cell] }, 1);
  });
  const y = both(AT, shop.arrays.UV);
  PLACES.forEach(([i, j]) => shop.add([i, j], y[i][j]));
  shop.step("transform back, Aᵀ (U V) A: additions alone", { UV: SQUARE }, { y: PLACES });
  return shop.steps;
}

const WAYS = { loops: loopSteps, windows: windowSteps, im2col: columnSteps, offsets: offsetSteps, rows: rowSteps, FFT: fourierSteps, Winograd: winogradSteps };
const made = {};

/** All steps of one method on the toy convolution. */
export function toySteps(method) {
  return (made[method] ??= WAYS[method]());
}

/** What one way shows at a step: its frame, without reads and writes once it has finished, and the sentence about it. */
export function raceLane(method, step) {
  const steps = toySteps(method);
  const at = Math.min(step, steps.length - 1);
  const now = step < steps.length ? steps[at] : { ...steps[at], said: "finished", reads: {}, writes: {} };
  const sentence =
    `${method}, step ${at + 1} of ${steps.length}: ${now.said}. ` +
    `So far ${now.multiplied} multiplications, ${now.read} cells read, ${now.written} written.`;
  return { ...now, sentence };
}

export const raceSteps = ({ left, right }) => Math.max(toySteps(left).length, toySteps(right).length);

/** The changes that make a state consistent again: no kernel is larger than its image, no step lies behind the last one. */
export const reconcileRace = (state) => ({ k: Math.min(state.k, state.n), step: Math.min(state.step, raceSteps(state) - 1) });
