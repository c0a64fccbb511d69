// The small net of FollowThePixel, forward and backward, in plain arithmetic. A layer's values are nested as [map][row][column].
// tests/browser/test_follow_pixel_in_browser.py holds every number equal to the library's.

import { formatNumber, formatTerm } from "./common.js";
import { fitWindow, windowCells, windowStart } from "./geometry.js";

export const SHAPES = {
  "input": [1, 8, 8], "conv 1": [4, 8, 8], "relu 1": [4, 8, 8], "pool 1": [4, 4, 4], "conv 2": [8, 4, 4], "relu 2": [8, 4, 4],
  "pool 2": [8, 2, 2], "logits": [10, 1, 1], "softmax": [10, 1, 1],
};
export const LAYERS = Object.keys(SHAPES);
/** Along one axis, the window that leads to each layer from the one before. */
export const WINDOWS = {
  "conv 1": fitWindow(8, 3, 1, 1), "relu 1": fitWindow(8, 1), "pool 1": fitWindow(8, 2, 2), "conv 2": fitWindow(4, 3, 1, 1),
  "relu 2": fitWindow(4, 1), "pool 2": fitWindow(4, 2, 2), "logits": fitWindow(2, 2), "softmax": fitWindow(1, 1),
};
const MIXING = ["conv 1", "conv 2", "logits", "softmax"]; // each of their units reads all maps before it
const NAMES = { "conv 1": "0", "conv 2": "3", "logits": "7" }; // of their weights in the library's state

export const layerBefore = (layer) => LAYERS[LAYERS.indexOf(layer) - 1];
const zeros = (layer) => Array.from({ length: SHAPES[layer][0] }, () => Array.from({ length: SHAPES[layer][1] }, () => new Array(SHAPES[layer][2]).fill(0)));

function eachUnit(layer, use) {
  const [maps, rows, columns] = SHAPES[layer];
  for (let c = 0; c < maps; c++) for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) use(c, i, j);
}

/** The weight of unit (c, ., .) of a convolution or dense layer for cell (u, v) of its window on map b. */
export function weightOf(weights, layer, c, b, u, v) {
  const w = weights[`${NAMES[layer]}.weight`][c];
  return layer === "logits" ? w[4 * b + 2 * u + v] : w[b][u][v];
}

export const biasOf = (weights, layer, c) => weights[`${NAMES[layer]}.bias`][c];

/** The cells under a unit's window on one map: [{u, v, row, column, x}], x undefined in the padding. */
export function cellsUnder(layer, before, b, i, j) {
  const window = WINDOWS[layer];
  return windowCells(window, i).flatMap((row, u) => windowCells(window, j).map((column, v) => ({ u, v, row, column, x: before[b][row]?.[column] })));
}

/** What each map before a convolution or dense layer adds to a unit. */
export function mapSums(weights, layer, before, [c, i, j]) {
  return before.map((_, b) => cellsUnder(layer, before, b, i, j).reduce((sum, { u, v, x }) => (x === undefined ? sum : sum + weightOf(weights, layer, c, b, u, v) * x), 0));
}

/** The first of the largest cells under a pooling window, as the library chooses it. */
export function winnerUnder(layer, before, [c, i, j]) {
  return cellsUnder(layer, before, c, i, j).reduce((best, cell) => (cell.x > best.x ? cell : best));
}

function softmaxOf(logits) {
  const most = Math.max(...logits.flat(2));
  const powers = logits.map(([[value]]) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => [[power / sum]]);
}

/** All values of the net for an image, {layer: [map][row][column]}. */
export function forwardNet(weights, image) {
  const values = { input: [image] };
  for (const layer of LAYERS.slice(1)) {
    const before = values[layerBefore(layer)];
    if (layer === "softmax") values[layer] = softmaxOf(before);
    else {
      const out = (values[layer] = zeros(layer));
      eachUnit(layer, (c, i, j) => {
        if (layer in NAMES) out[c][i][j] = mapSums(weights, layer, before, [c, i, j]).reduce((a, b) => a + b) + biasOf(weights, layer, c);
        else if (layer.startsWith("relu")) out[c][i][j] = Math.max(0, before[c][i][j]);
        else out[c][i][j] = winnerUnder(layer, before, [c, i, j]).x;
      });
    }
  }
  return values;
}

/** One step back: the gradient by the layer before, from the gradient dy by `layer`. */
function stepBack(weights, values, layer, dy) {
  const earlier = layerBefore(layer);
  const [before, dx] = [values[earlier], zeros(earlier)];
  if (layer === "softmax") {
    const p = values.softmax.map(([[value]]) => value);
    const mean = p.reduce((sum, value, k) => sum + value * dy[k][0][0], 0);
    p.forEach((value, k) => (dx[k][0][0] = value * (dy[k][0][0] - mean)));
    return dx;
  }
  eachUnit(layer, (c, i, j) => {
    const g = dy[c][i][j];
    if (g === 0) return;
    if (layer in NAMES) {
      before.forEach((_, b) => cellsUnder(layer, before, b, i, j).forEach(({ u, v, row, column, x }) => {
        if (x !== undefined) dx[b][row][column] += weightOf(weights, layer, c, b, u, v) * g;
      }));
    } else if (layer.startsWith("relu")) dx[c][i][j] = before[c][i][j] > 0 ? g : 0;
    else {
      const { row, column } = winnerUnder(layer, before, [c, i, j]);
      dx[c][row][column] += g;
    }
  });
  return dx;
}

/** The derivatives of one unit by all units of its layer and of those before it, {layer: [map][row][column]}. */
export function slopesOf(weights, values, layer, [c, i, j]) {
  const found = { [layer]: zeros(layer) };
  found[layer][c][i][j] = 1;
  for (let at = layer; at !== "input"; at = layerBefore(at)) found[layerBefore(at)] = stepBack(weights, values, at, found[at]);
  return found;
}

/** The class whose logit is the score: the chosen one, or that of the largest logit. */
export function targetOf({ score }, values) {
  const logits = values.logits.flat(2);
  return score < 0 ? logits.indexOf(Math.max(...logits)) : score;
}

const range = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => first + at);
const seenBy = (window, places) =>
  range(Math.max(windowStart(window, places[0]), 0), Math.min(windowStart(window, places.at(-1)) + window.kernelSize, window.n) - 1);
const seeing = (window, cells) =>
  range(0, window.count - 1).filter((i) => windowStart(window, i) <= cells.at(-1) && windowStart(window, i) + window.kernelSize > cells[0]);
const mapsOf = (layer) => range(0, SHAPES[layer][0] - 1);

/** {layer: [maps, rows, columns]}: what a unit sees in the layers before it, and what sees it behind it. */
export function reachOf(layer, unit) {
  const at = LAYERS.indexOf(layer);
  const found = { [layer]: unit.map((place) => [place]) };
  for (const later of LAYERS.slice(1, at + 1).reverse()) {
    const [maps, ...axes] = found[later];
    found[layerBefore(later)] = [MIXING.includes(later) ? mapsOf(layerBefore(later)) : maps, ...axes.map((axis) => seenBy(WINDOWS[later], axis))];
  }
  for (const later of LAYERS.slice(at + 1)) {
    const [maps, ...axes] = found[layerBefore(later)];
    found[later] = [MIXING.includes(later) ? mapsOf(later) : maps, ...axes.map((axis) => seeing(WINDOWS[later], axis))];
  }
  return found;
}

function arithmetic(weights, values, layer, [c, i, j]) {
  const value = formatNumber(values[layer][c][i][j]);
  if (layer === "input") return `ink ${value}`;
  const before = values[layerBefore(layer)];
  if (layer === "softmax") {
    const most = Math.max(...before.flat(2));
    const sum = before.flat(2).reduce((total, each) => total + Math.exp(each - most), 0);
    return `exp(${formatNumber(before[c][0][0] - most)}) / ${formatNumber(sum)} = ${value}`;
  }
  if (layer in NAMES) return `${mapSums(weights, layer, before, [c, i, j]).map(formatTerm).join(" + ")} + bias ${formatTerm(biasOf(weights, layer, c))} = ${value}`;
  const cells = cellsUnder(layer, before, c, i, j).map(({ x }) => formatNumber(x));
  return `max(${[...(layer.startsWith("relu") ? ["0"] : []), ...cells].join(", ")}) = ${value}`;
}

/** Everything one picture shows. */
export function followFrame(state) {
  const { image, weights, layer } = state;
  const unit = [state.channel, state.row, state.column];
  const [c, i, j] = unit;
  const values = forwardNet(weights, image);
  const target = targetOf(state, values);
  const reach = reachOf(layer, unit);
  const scoreSlopes = slopesOf(weights, values, "logits", [target, 0, 0]);
  const slopes = state.view === "slopes of this unit" ? slopesOf(weights, values, layer, unit) : scoreSlopes;
  const place = ["logits", "softmax"].includes(layer) ? `class ${c}` : `map ${c}, row ${i}, column ${j}`;
  let sentence = `${layer}, ${place}: ${arithmetic(weights, values, layer, unit)}.`;
  if (layer !== "input") {
    const [, rows, columns] = reach.input;
    sentence += ` It sees rows ${rows[0]} to ${rows.at(-1)} and columns ${columns[0]} to ${columns.at(-1)} of the input.`;
  }
  if (layer !== "softmax") sentence += ` Slope of the score of ${target}: ${formatNumber(scoreSlopes[layer][c][i][j])}.`;
  return { values, shown: state.view === "values" ? values : slopes, target, reach, unit, sentence };
}
