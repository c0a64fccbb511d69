// What the players of a convolution share: where the windows stand, the input with its padding, the kernel, and the sliders.

import { formatNumber } from "./common.js";
import { GeometryError, PADDING_NAMES, fitWindows, pair, unpair, windowStart } from "./geometry.js";
import { cellSize, tints } from "./grid.js";
import { INPUT_PRESETS, KERNEL_PRESETS } from "./presets.js";

export const BOTH_AXES = ["input_size", "kernel_size", "stride", "padding", "dilation"];

/** The windows along both axes, or {problem} with the library's sentence. */
export function place(state) {
  try {
    return { windows: fitWindows(state), problem: null };
  } catch (error) {
    if (error instanceof GeometryError) return { windows: null, problem: error.message };
    throw error;
  }
}

export function count({ windows }) {
  return windows ? windows[0].count * windows[1].count : 0;
}

/** The padding a numeric setting asks for, also where no window fits. */
export function margins(state, windows) {
  if (windows) return windows.map(({ before, after }) => [before, after]);
  return pair(state.padding).map((p) => (typeof p === "number" ? [p, p] : [0, 0]));
}

/** The outline of the window at place (i, j); none where no window fits. */
export function windowFrame({ windows, i, j }) {
  if (!windows) return [];
  return [{ row: windowStart(windows[0], i), column: windowStart(windows[1], j), rows: windows[0].span, columns: windows[1].span }];
}

/** The input with its padding. notes: Map "row,column" -> a text for each cell that is marked. unread: rows and columns to hatch. */
export function drawInput(grid, state, { windows, notes = new Map(), frames = [], unread = [[], []], sentence: label }) {
  const [n, m] = pair(state.input_size);
  const [[top, bottom], [left, right]] = margins(state, windows);
  const tint = tints(state.image);
  const cell = (r, c) => {
    const inside = r >= 0 && c >= 0 && r < n && c < m;
    const note = notes.get(`${r},${c}`);
    const skipped = inside && (unread[0].includes(r) || unread[1].includes(c));
    const value = inside ? state.image[r][c] : 0;
    const mark = note !== undefined ? "taken" : skipped ? "unread" : "";
    return { text: formatNumber(value), kind: inside ? "real" : "pad", mark, note: note ?? "", tint: inside ? tint(value) / 2 : 0 };
  };
  const padded = top + bottom + left + right ? `, padded ${n + top + bottom} × ${m + left + right}` : "";
  grid.update({
    rows: [-top, n + bottom], columns: [-left, m + right], cell, frames, editable: [n, m], size: cellSize(Math.max(n + top + bottom, m + left + right)),
    title: "Input x", detail: `${n} × ${m}${padded}`, label: `Input of ${n} by ${m} cells${padded}. ${label ?? "No window fits."}`,
  });
}

/** The kernel's cells; `remark` follows the size in its caption. */
export function drawKernel(grid, state, remark = "") {
  const [rows, columns] = pair(state.kernel_size);
  const tint = tints(state.kernel);
  const cell = (i, j) => ({ text: formatNumber(state.kernel[i][j]), tint: tint(state.kernel[i][j]) / 2 });
  const numbers = state.kernel.map((row) => row.map(formatNumber).join(" ")).join("; ");
  grid.update({
    rows: [0, rows], columns: [0, columns], cell, size: 38, title: "Kernel w", detail: `${rows} × ${columns}${remark}`,
    label: `Kernel of ${rows} by ${columns} cells: ${numbers}`,
  });
}

/** The sliders for sizes, stride, padding and dilation, the padding rule and the lists of presets, as nodes. */
export function slidingControls(board, kernels = KERNEL_PRESETS) {
  const shown = (state) => margins(state, place(state).windows).map(([before]) => Math.min(before, 4));
  const padShow = (value, state, a) => (typeof pair(state.padding)[a] === "string" ? pair(state.padding)[a] : formatNumber(value));
  const sliders = [
    ["input_size", "Input size", 1, 12], ["kernel_size", "Kernel size", 1, 5], ["stride", "Stride", 1, 4],
    ["padding", "Padding", 0, 4, shown, padShow], ["dilation", "Dilation", 1, 3],
  ].flatMap(([key, label, min, max, read, show]) => board.pairSlider({ key, label, min, max, read, show }));
  const rule = board.select({
    key: "padding-rule", label: "Padding rule", options: [["number", "a number"], ...PADDING_NAMES.map((name) => [name, `"${name}"`])],
    get: ({ padding }) => (typeof padding === "string" ? padding : "number"),
    put: (name) => ({ padding: name === "number" ? unpair(shown(board.state())) : name }),
  });
  return [...sliders, rule, board.preset("image_preset", "Input numbers", INPUT_PRESETS), board.preset("kernel_preset", "Kernel numbers", kernels)];
}
