// Ready-made inputs and kernels: the browser's twin of cnnlib/widgets/presets.py, compared with it in tests/browser/test_parity.py.

import { pair, unpair } from "./geometry.js";

/** Cells made by a rule: cells(rows, columns, (i, j) => number). */
export function fillCells(rows, columns, rule) {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => rule(i, j)));
}

/** Digits 0 to 9 from Park and Miller's generator with seed 7; cell (i, j) keeps its digit when the input grows. */
function digits(rows, columns) {
  let state = 7;
  const all = fillCells(12, 12, () => Math.floor((state = (state * 16807) % 2147483647) / 214748365));
  return fillCells(rows, columns, (i, j) => all[i][j]);
}

export const INPUT_PRESETS = {
  counting: (rows, columns) => fillCells(rows, columns, (i, j) => i * columns + j + 1),
  checker: (rows, columns) => fillCells(rows, columns, (i, j) => (i + j) % 2),
  impulse: (rows, columns) => fillCells(rows, columns, (i, j) => Number(i === Math.floor(rows / 2) && j === Math.floor(columns / 2))),
  random: digits,
  edge: (rows, columns) => fillCells(rows, columns, (i, j) => Number(j >= Math.floor(columns / 2))),
};

/** Binomial coefficient, 0 outside the triangle. */
function choose(n, k) {
  if (k < 0 || k > n) return 0;
  let value = 1;
  for (let m = 0; m < k; m++) value = (value * (n - m)) / (m + 1);
  return value;
}

const smooth = (k, i) => choose(k - 1, i);
const slope = (k, i) => choose(k - 2, i - 1) - choose(k - 2, i);
const steps = (rows, columns, i, j) => Math.abs(i - Math.floor(rows / 2)) + Math.abs(j - Math.floor(columns / 2));

/** Ones beside the middle cell and minus their number in it. */
function laplacian(rows, columns) {
  const beside = fillCells(rows, columns, (i, j) => Number(steps(rows, columns, i, j) === 1));
  const count = beside.flat().reduce((sum, value) => sum + value, 0);
  return fillCells(rows, columns, (i, j) => (steps(rows, columns, i, j) === 0 ? 0 - count : beside[i][j]));
}

function identity(rows, columns) {
  return fillCells(rows, columns, (i, j) => Number(steps(rows, columns, i, j) === 0));
}

export const KERNEL_PRESETS = {
  ones: (rows, columns) => fillCells(rows, columns, () => 1),
  identity,
  "box mean": (rows, columns) => fillCells(rows, columns, () => 1 / (rows * columns)),
  sharpen: (rows, columns) => {
    const minus = laplacian(rows, columns);
    return identity(rows, columns).map((row, i) => row.map((value, j) => value - minus[i][j]));
  },
  "sobel x": (rows, columns) => fillCells(rows, columns, (i, j) => smooth(rows, i) * slope(columns, j)),
  "sobel y": (rows, columns) => fillCells(rows, columns, (i, j) => slope(rows, i) * smooth(columns, j)),
  laplacian,
};

/** Pascal's triangle along both axes, with the sum 1. */
function gaussian(rows, columns) {
  return fillCells(rows, columns, (i, j) => (smooth(rows, i) * smooth(columns, j)) / 2 ** (rows + columns - 2));
}

/** Light from the upper left: the further towards the lower right, the larger; 1 in the middle keeps the brightness. */
function emboss(rows, columns) {
  const middle = Math.floor(rows / 2) + Math.floor(columns / 2);
  return fillCells(rows, columns, (i, j) => i + j - middle + Number(steps(rows, columns, i, j) === 0));
}

/** For whole pictures, as the kernel lab shows them. */
export const FILTERS = {
  ...KERNEL_PRESETS,
  gaussian,
  emboss,
  random: (rows, columns) => digits(rows, columns).map((row) => row.map((digit) => digit - 4)),
};

/**
 * Cells of the wanted shape: from the preset, or, for "custom" cells, what was there, cut or filled up with zeros.
 */
export function refit(cells, preset, presets, [rows, columns]) {
  if (preset in presets) return presets[preset](rows, columns);
  return fillCells(rows, columns, (i, j) => cells[i]?.[j] ?? 0);
}

/**
 * The changes that make cells agree with their size and preset again, as the Python classes make them: new cells bring their size along
 * and are custom unless the preset made them; a new size or preset brings new cells along. companions: [cells, size, presets], the
 * traits' names and the preset's choices; the preset's trait is called `${cells}_preset`.
 */
export function settleCells(state, before, companions) {
  const changes = {};
  const text = JSON.stringify;
  const changed = (key) => text(state[key]) !== text(before[key]);
  for (const [cells, size, presets] of companions) {
    const [now, preset] = [state[cells], state[`${cells}_preset`]];
    if (changed(cells)) {
      const shape = [now.length, now[0].length];
      changes[size] = unpair(shape);
      if (text(refit(now, preset, presets, shape)) !== text(now)) changes[`${cells}_preset`] = "custom";
    } else if (changed(size) || changed(`${cells}_preset`)) changes[cells] = refit(now, preset, presets, pair(state[size]));
  }
  return changes;
}

/** Ready-made numbers for dy, the gradient that arrives. */
export const UPSTREAM_PRESETS = { counting: INPUT_PRESETS.counting, checker: INPUT_PRESETS.checker, ones: KERNEL_PRESETS.ones };

/** The changes that make dy fit its windows again: too many numbers are cut, missing ones are 0. shape: of the windows, or undefined. */
export function settleUpstream({ upstream, upstream_preset: preset }, before, shape) {
  const text = JSON.stringify;
  if (text(upstream) === text(before.upstream)) return shape ? { upstream: refit(upstream, preset, UPSTREAM_PRESETS, shape) } : {};
  const fitting = shape ?? [upstream.length, upstream[0].length];
  const fitted = refit(upstream, "custom", UPSTREAM_PRESETS, fitting);
  const made = text(refit(upstream, preset, UPSTREAM_PRESETS, fitting)) === text(fitted);
  return { upstream: fitted, ...(made ? {} : { upstream_preset: "custom" }) };
}

/** An image and a kernel, as the players of a convolution and of its transpose have them. */
export const IMAGE_AND_KERNEL = [["image", "input_size", INPUT_PRESETS], ["kernel", "kernel_size", KERNEL_PRESETS]];
