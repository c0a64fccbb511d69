// Flip and slide: a kernel walks along a row of numbers, as convolution or as correlation; beside it, what it does to waves.

import { Board, formatNumber, formatTerm, h, s } from "./common.js";
import { Grid } from "./grid.js";

const KEYS = ["signal", "kernel", "operation", "step", "wave", "fps"];
const LONGEST = { signal: 10, kernel: 5 };
const POINTS = 48; // the curve has the frequencies 0, 1/96, ..., 1/2 cycles per cell
const WAVES = 24; // the wave slider moves in 48ths

export const ROW_PRESETS = {
  "1 2 4": [1, 2, 4], "single 1": [1], "mean of 2": [0.5, 0.5], "mean of 4": [0.25, 0.25, 0.25, 0.25], difference: [1, -1],
  "smooth 1 2 1": [0.25, 0.5, 0.25],
};

export function rowPlaces({ signal, kernel }) {
  return signal.length + kernel.length - 1;
}

/** The number of the first place: 0 in a convolution, -(k - 1) in a correlation. */
export function firstPlace({ kernel, operation }) {
  return operation === "convolution" ? 0 : 1 - kernel.length;
}

/** What place j multiplies: [{t, x, u, w, inside}], in the order of the cells t; x is 0 outside the signal. */
export function rowTerms({ signal, kernel, operation }, j) {
  const turn = operation === "convolution" ? -1 : 1;
  const terms = kernel.map((w, u) => {
    const t = j + turn * u;
    return { t, x: signal[t] ?? 0, u, w, inside: t >= 0 && t < signal.length };
  });
  return turn < 0 ? terms.reverse() : terms;
}

export function rowOutput(state) {
  const sum = (j) => rowTerms(state, j).reduce((total, { x, w }) => total + x * w, 0);
  return Array.from({ length: rowPlaces(state) }, (_, step) => sum(firstPlace(state) + step));
}

/** "y[1] = 1·2 + 3·1 = 5"; cells outside the signal are left out. */
export function rowSentence(state) {
  const j = firstPlace(state) + state.step;
  const products = rowTerms(state, j).filter(({ inside }) => inside).map(({ x, w }) => `${formatTerm(x)}·${formatTerm(w)}`);
  return `y[${formatNumber(j)}] = ${products.join(" + ")} = ${formatNumber(rowOutput(state)[state.step])}`;
}

/** H at a frequency in cycles per cell, as [real part, imaginary part]. */
export function responseAt(kernel, frequency) {
  const angle = (u) => -2 * Math.PI * frequency * u;
  return [Math.cos, Math.sin].map((part) => kernel.reduce((sum, w, u) => sum + w * part(angle(u)), 0));
}

export function responseSizes(kernel) {
  return Array.from({ length: POINTS + 1 }, (_, at) => Math.hypot(...responseAt(kernel, at / (2 * POINTS))));
}

/** A row as long as a slider asks: cut, or continued with zeros. */
export function resized(row, length) {
  return Array.from({ length }, (_, at) => row[at] ?? 0);
}

export function keepStep(state) {
  return state.step >= rowPlaces(state) ? { step: rowPlaces(state) - 1 } : {};
}

const BOX = { width: 290, height: 120, left: 42, top: 8, right: 10, bottom: 22 };

/** A frame with one or two polylines in it. */
function diagram(name, title, ...extras) {
  const inner = { x: BOX.left, y: BOX.top, width: BOX.width - BOX.left - BOX.right, height: BOX.height - BOX.top - BOX.bottom };
  const lines = ["first", "second"].map((kind) => s("polyline", { class: `cnn-curve ${kind}` }));
  const marks = s("g", { class: "cnn-axis" });
  const extra = s("g");
  const svg = s("svg", { role: "img", viewBox: `0 0 ${BOX.width} ${BOX.height}`, "data-chart": name }, s("rect", { class: "cnn-frame", ...inner }), marks, ...lines, extra);
  const node = h("figure", { class: "cnn-panel cnn-chart" }, h("figcaption", {}, h("b", {}, title), ...extras), svg);
  return { node, svg, lines, marks, extra };
}

/** Pixels of a point: across runs from 0 to 1, up from low to high. */
function spot(across, up, [low, high]) {
  const x = BOX.left + across * (BOX.width - BOX.left - BOX.right);
  const y = BOX.height - BOX.bottom - ((up - low) / (high - low)) * (BOX.height - BOX.top - BOX.bottom);
  return [x, y];
}

const written = (points) => points.map((point) => point.map((at) => at.toFixed(1)).join()).join(" ");
const tick = (text, x, y, anchor) => s("text", { x, y, "text-anchor": anchor }, text);

function drawResponse({ svg, lines, marks, extra }, { kernel, wave }) {
  const sizes = responseSizes(kernel);
  const range = [0, Math.max(1, ...sizes)];
  const gain = sizes[(wave * POINTS) / WAVES];
  lines[0].setAttribute("points", written(sizes.map((size, at) => spot(at / POINTS, size, range))));
  const [x, y] = spot(wave / WAVES, gain, range);
  extra.replaceChildren(s("line", { class: "cnn-wave-line", x1: x, x2: x, y1: BOX.top, y2: BOX.height - BOX.bottom }), s("circle", { class: "cnn-wave-dot", cx: x, cy: y, r: 4.5 }));
  const floor = BOX.height - 8;
  marks.replaceChildren(
    tick("0", BOX.left, floor, "start"), tick("1/4", (BOX.left + BOX.width - BOX.right) / 2, floor, "middle"),
    tick("1/2 cycle per cell", BOX.width - BOX.right, floor, "end"),
    tick(formatNumber(range[1]), BOX.left - 4, BOX.top + 9, "end"), tick("0", BOX.left - 4, BOX.height - BOX.bottom, "end"),
  );
  const [low, middle, high] = [0, POINTS / 2, POINTS].map((at) => formatNumber(sizes[at]));
  svg.setAttribute("aria-label", `Frequency response: ${low} at 0, ${middle} at 1/4 and ${high} at 1/2 cycles per cell; ${formatNumber(gain)} for the wave.`);
  return gain;
}

/** The wave cos(2 pi nu j) on 25 cells, and what the kernel makes of it: |H| times as high, shifted by the angle of H. */
function drawWave({ svg, lines, marks }, { kernel, wave, operation }) {
  const frequency = wave / (2 * WAVES);
  const [re, im] = responseAt(kernel, frequency);
  const side = operation === "convolution" ? 1 : -1; // correlation turns the wave the other way
  const turn = (j) => 2 * Math.PI * frequency * j;
  const cells = Array.from({ length: 25 }, (_, j) => j);
  const waves = [cells.map((j) => Math.cos(turn(j))), cells.map((j) => re * Math.cos(turn(j)) - side * im * Math.sin(turn(j)))];
  const most = Math.max(1, Math.hypot(re, im));
  waves.forEach((values, line) => lines[line].setAttribute("points", written(values.map((value, j) => spot(j / 24, value, [-most, most])))));
  marks.replaceChildren(
    tick("cell 0", BOX.left, BOX.height - 8, "start"), tick("cell 24", BOX.width - BOX.right, BOX.height - 8, "end"),
    tick(formatNumber(most), BOX.left - 4, BOX.top + 9, "end"), tick(formatNumber(-most), BOX.left - 4, BOX.height - BOX.bottom, "end"),
  );
  svg.setAttribute("aria-label", `A wave of ${wave} cycles in 48 cells, height 1, goes in; height ${formatNumber(Math.hypot(re, im))} comes out.`);
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: KEYS, draw, reconcile: keepStep, label: "Flip and slide" });
  const edit = (key) => ([, place], value) => board.set({ [key]: board.state()[key].map((old, at) => (at === place ? value : old)) });
  const stepBy = ({ key }) => {
    const { step, ...rest } = board.state();
    const moves = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: rowPlaces(rest) - 1 };
    if (!(key in moves)) return false;
    board.set({ step: Math.max(0, Math.min(moves[key], rowPlaces(rest) - 1)) });
    return true;
  };
  const pick = ([, j]) => {
    const step = j - firstPlace(board.state());
    if (step >= 0 && step < rowPlaces(board.state())) board.set({ step });
  };
  const signal = new Grid("signal", { onEdit: edit("signal") });
  const laid = new Grid("laid", {});
  const products = new Grid("products", {});
  const output = new Grid("output", { onKey: stepBy, onPick: pick });
  const kernel = new Grid("kernel", { onEdit: edit("kernel") });
  const response = diagram("response", "Frequency response |H|", " of the kernel");
  const waves = diagram("wave", "A wave", h("span", { class: "cnn-key" }, "goes in"), h("span", { class: "cnn-key second" }, "comes out"));
  board.stage.prepend(h("div", { class: "cnn-rows" }, signal.node, laid.node, products.node, output.node));
  board.results.append(h("div", { class: "cnn-rows" }, kernel.node), response.node, waves.node);
  board.notes.append(h("p", { class: "cnn-hint" },
    "Click a cell of the signal or the kernel to change it; with the keyboard: arrow keys, then Enter. " +
    "Click an output cell to see its place, or focus the output and use the arrow keys, Home and End."));
  addRowControls(board);

  function draw(state) {
    const said = rowSentence(state);
    drawRows({ signal, laid, products, output }, state, said);
    kernel.update({
      rows: [0, 1], columns: [0, state.kernel.length], cell: (_, u) => ({ text: formatNumber(state.kernel[u]) }), size: 36, title: "Kernel w",
      label: `Kernel: ${state.kernel.map(formatNumber).join(" ")}`,
    });
    const gain = drawResponse(response, state);
    drawWave(waves, state);
    board.say(`${said}\nA wave of ${state.wave}/48 cycles per cell comes out ${formatNumber(gain)} times as high.`);
  }
  return () => board.dispose();
}

function drawRows(grids, state, said) {
  const [n, first, count] = [state.signal.length, firstPlace(state), rowPlaces(state)];
  const j = first + state.step;
  const met = new Map(rowTerms(state, j).map((term) => [term.t, term]));
  const values = rowOutput(state);
  const empty = { text: "", kind: "pad" };
  const layout = { rows: [0, 1], columns: [1 - state.kernel.length, count], size: 36 };
  const turned = state.operation === "convolution" ? "flipped: the last cell comes first" : "as it stands";
  const signalCell = (_, t) => ({
    text: formatNumber(state.signal[t] ?? 0), kind: t >= 0 && t < n ? "real" : "pad", mark: met.has(t) ? "taken" : "",
  });
  grids.signal.update({
    ...layout, cell: signalCell, editable: [1, n], title: "Signal x", detail: "dashed cells are 0", label: `Signal: ${state.signal.map(formatNumber).join(" ")}`,
  });
  const laidCell = (_, t) => (met.has(t) ? { text: formatNumber(met.get(t).w), mark: "taken" } : empty);
  grids.laid.update({
    ...layout, cell: laidCell, title: "Kernel as it lies", detail: turned,
    label: `The kernel, ${turned}, on the cells ${[...met.keys()].map(formatNumber).join(" ")}`,
  });
  const productCell = (_, t) => (met.has(t) ? { text: formatNumber(met.get(t).x * met.get(t).w) } : empty);
  grids.products.update({
    ...layout, cell: productCell, title: "Products", detail: `add up to ${formatNumber(values[state.step])}`, label: said,
  });
  const outputCell = (_, at) => (at >= first && at < first + count ? { text: formatNumber(values[at - first]), tint: at === j ? 1 : 0 } : empty);
  grids.output.update({
    ...layout, cell: outputCell, frames: [{ row: 0, column: j }], title: "Output y", detail: state.operation, label: `${said}. Output: ${values.map(formatNumber).join(" ")}`,
  });
}

function addRowControls(board) {
  const length = (key, label) =>
    board.slider({
      key: `${key}-length`, label, min: 1, max: LONGEST[key], get: (state) => state[key].length,
      put: (cells) => ({ [key]: resized(board.state()[key], cells) }),
    }).node;
  const same = (row, other) => JSON.stringify(row) === JSON.stringify(other);
  const preset = board.select({
    key: "kernel-preset", label: "Kernel", options: [...Object.keys(ROW_PRESETS), "custom"].map((name) => [name, name]),
    get: ({ kernel }) => Object.keys(ROW_PRESETS).find((name) => same(ROW_PRESETS[name], kernel)) ?? "custom",
    put: (name) => (name in ROW_PRESETS ? { kernel: ROW_PRESETS[name] } : {}),
  });
  const operation = board.select({ key: "operation", label: "Operation", options: ["convolution", "correlation"].map((name) => [name, name]) });
  const wave = board.slider({ key: "wave", label: "Wave, cycles per cell", min: 0, max: WAVES, show: (value) => `${value}/48` });
  board.controls.append(operation, preset, length("signal", "Signal length"), length("kernel", "Kernel length"), wave.node);
  board.addTransport({ count: rowPlaces, unit: "Place" });
}

export default { render };
