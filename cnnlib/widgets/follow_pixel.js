// Follow the pixel: touch any unit of a small trained net and see its window, its arithmetic and its gradients. All numbers are computed here.

import { Board, formatNumber, h, ownKeys } from "./common.js";
import { LAYERS, SHAPES, biasOf, cellsUnder, followFrame, layerBefore, mapSums, reachOf, weightOf, winnerUnder } from "./follow_pixel_net.js";
import { NetPicture } from "./follow_pixel_picture.js";
import { Grid, swatch } from "./grid.js";

const FOLLOW_KEYS = ["image", "example", "layer", "channel", "row", "column", "view", "score", "draw", "ink", "weights", "examples"];
const VIEWS = ["values", "slopes of this unit", "slopes of the score"];
const LEVELS = 16;
const AXES = ["channel", "row", "column"];

const sameCells = (a, b) => a.every((row, i) => row.every((value, j) => value === b[i][j]));
export const exampleImage = ({ cells }) => cells.map((row) => row.map((level) => level / LEVELS));

/** A chosen digit brings its cells along, changed cells are a drawing, and a unit beyond its layer becomes the last. */
export function followReconcile(state, before) {
  const changes = {};
  const example = Math.min(state.example, state.examples.length - 1);
  if (example !== state.example) changes.example = example;
  if (example !== before.example && example >= 0) changes.image = exampleImage(state.examples[example]);
  else if (example >= 0 && !sameCells(state.image, exampleImage(state.examples[example]))) changes.example = -1;
  AXES.forEach((axis, a) => {
    const last = SHAPES[state.layer][a] - 1;
    if (state[axis] > last) changes[axis] = last;
  });
  return changes;
}

/** Where a key leads: a neighbouring unit, also across the border of a map, or a unit in the next or the last layer; null for other keys. */
export function followKey(key, state, values) {
  const { layer, channel, row, column } = state;
  const [maps, rows, columns] = SHAPES[layer];
  const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  if (move) {
    const i = Math.max(0, Math.min(rows - 1, row + move[0]));
    const place = channel * columns + column + move[1];
    if (place < 0 || place >= maps * columns) return { row: i };
    return { row: i, channel: Math.floor(place / columns), column: place % columns };
  }
  const at = LAYERS.indexOf(layer);
  if (key === "PageDown" && at < LAYERS.length - 1) return stepForward(LAYERS[at + 1], state, values);
  if (key === "PageUp" && at > 0) return stepBackward(layer, state, values);
  return key === "PageDown" || key === "PageUp" ? {} : null;
}

/** A unit behind this one that sees it; the strongest class at the logits. */
function stepForward(layer, { channel, row, column, layer: from }, values) {
  const [maps, rows, columns] = reachOf(from, [channel, row, column])[layer];
  const middle = (list) => list[Math.floor((list.length - 1) / 2)];
  const logits = values.logits.flat(2);
  const c = layer === "logits" ? logits.indexOf(Math.max(...logits)) : maps.includes(channel) ? channel : maps[0];
  return { layer, channel: c, row: middle(rows), column: middle(columns) };
}

/** A unit before this one that it depends on: the winner of a pooling, else the middle of its window. */
function stepBackward(from, { channel, row, column }, values) {
  const layer = layerBefore(from);
  if (from.startsWith("pool")) {
    const winner = winnerUnder(from, values[layer], [channel, row, column]);
    return { layer, channel, row: winner.row, column: winner.column };
  }
  return { layer, channel: Math.min(channel, SHAPES[layer][0] - 1), row, column };
}

/** The image with one cell set. */
export function inked(image, row, column, value) {
  return image.map((line, i) => line.map((cell, j) => (i === row && j === column ? value : cell)));
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: FOLLOW_KEYS, draw, reconcile: followReconcile, label: "Follow the pixel" });
  const put = (row, column, value) => {
    const { image } = board.state();
    if (image[row][column] !== value) board.set({ image: inked(image, row, column, value) });
  };
  const picture = new NetPicture({
    onTouch: ([layer, channel, row, column]) => {
      const state = board.state();
      if (layer === "input" && state.draw) put(row, column, state.ink / LEVELS);
      board.set({ layer, channel, row, column });
    },
    onKey: (event) => {
      const state = board.state();
      if (event.key === "Enter" || event.key === " ") {
        const ink = state.ink / LEVELS;
        if (state.layer === "input") put(state.row, state.column, state.image[state.row][state.column] === ink ? 0 : ink);
        return true;
      }
      const changes = followKey(event.key, state, followFrame(state).values);
      if (changes) board.set(changes);
      return changes !== null;
    },
  });
  const detail = new UnitDetail();
  board.stage.before(picture.node);
  board.results.append(...detail.nodes);
  followControls(board);
  const legend = followLegend();
  board.notes.append(legend.node, h("p", { class: "cnn-hint" },
    "Touch a unit, or drag over many. With the keyboard: focus the picture; arrow keys move, Page Up and Page Down go to the layer before and " +
    "behind, Enter inks or clears a cell of the input. Tick Draw to draw with the pointer."));

  function draw(state) {
    const now = followFrame(state);
    picture.update({ ...now, view: state.view, layer: state.layer, label: now.sentence, drawing: state.draw });
    detail.update(state, now);
    legend.update(state);
    board.say(now.sentence);
  }
  return () => board.dispose();
}

function followControls(board) {
  const texts = board.state().examples.map(({ label, number }, at) => [at, `${number}: a ${label}`]);
  const classes = Array.from({ length: 10 }, (_, k) => [k, String(k)]);
  const number = (key) => ({ put: (value) => ({ [key]: Number(value) }) });
  const clear = () => board.set({ image: board.state().image.map((row) => row.map(() => 0)) });
  const button = ownKeys(h("button", { type: "button", class: "cnn-button", onclick: clear }, "Clear input"));
  const view = board.select({ key: "view", label: "Colours show", options: VIEWS.map((name) => [name, name]) });
  view.classList.add("cnn-two-wide");
  board.controls.append(
    board.select({ key: "example", label: "Test digit", options: [...texts, [-1, "your drawing"]], ...number("example") }),
    board.select({ key: "layer", label: "Layer", options: LAYERS.map((name) => [name, name]) }),
    view,
    board.select({ key: "score", label: "Score of class", options: [[-1, "the answer"], ...classes], ...number("score") }),
    board.slider({ key: "ink", label: "Ink", min: 0, max: LEVELS, show: (value) => `${formatNumber(value)}/${LEVELS}` }).node,
    board.check({ key: "draw", label: "Draw", get: (state) => state.draw, put: (draw) => board.set(draw ? { draw, layer: "input" } : { draw }) }),
    button,
  );
}

/** The window of the unit on each map before it, cell by cell, with the weights beside the values. */
class UnitDetail {
  constructor() {
    this.grids = Array.from({ length: 8 }, (_, b) => new Grid(`window-${b}`));
    this.nodes = this.grids.map(({ node }) => node);
  }

  update(state, { values, unit }) {
    const before = values[layerBefore(state.layer)];
    const panels = !before ? [] : state.layer === "softmax" ? [allClasses(before, unit)] : windowPanels(state, before, unit);
    this.grids.forEach((grid, b) => {
      grid.node.hidden = b >= panels.length;
      if (panels[b]) grid.update(panels[b]);
    });
  }
}

function allClasses(logits, [c]) {
  const cell = (_, k) => ({ text: formatNumber(Number(logits[k][0][0].toFixed(1))), mark: k === c ? "taken" : "" });
  return { rows: [0, 1], columns: [0, 10], cell, size: 34, title: "all logits", label: `logits ${logits.flat(2).map(formatNumber).join(" ")}` };
}

function windowPanels({ weights, layer }, before, [c, i, j]) {
  const weighted = layer.startsWith("conv") || layer === "logits";
  const sums = weighted ? mapSums(weights, layer, before, [c, i, j]) : null;
  const winner = layer.startsWith("pool") ? winnerUnder(layer, before, [c, i, j]) : null;
  return (weighted ? before.map((_, b) => b) : [c]).map((b) => {
    const under = cellsUnder(layer, before, b, i, j);
    const [rows, columns] = ["row", "column"].map((axis) => [under[0][axis], under.at(-1)[axis] + 1]);
    const cell = (row, column) => {
      const { u, v, x } = under.find((each) => each.row === row && each.column === column);
      const weight = weighted ? weightOf(weights, layer, c, b, u, v) : null;
      const mark = winner?.row === row && winner.column === column ? "taken" : "";
      return {
        text: x === undefined ? "0" : formatNumber(Number(x.toFixed(2))), kind: x === undefined ? "pad" : "real", mark,
        note: weighted ? `×${formatNumber(Number(weight.toFixed(2)))}` : "", tint: weighted && x !== undefined ? Math.tanh(x * weight) : 0,
      };
    };
    const told = weighted ? `adds ${formatNumber(Number(sums[b].toFixed(3)))}${b === before.length - 1 ? `; bias ${formatNumber(biasOf(weights, layer, c))}` : ""}` : "";
    return { rows, columns, cell, size: 40, title: `${layerBefore(layer)}, map ${b}`, detail: told, label: `window on map ${b}. ${told}` };
  });
}

function followLegend() {
  const mark = (kind, text) => h("li", {}, h("span", { class: `cnn-net-key ${kind}` }), text);
  const pen = h("span", { class: "cnn-net-pen" });
  const node = h("ul", { class: "cnn-legend" }, mark("chosen", "the unit"), mark("before", "what it sees"), mark("behind", "what sees it"),
    mark("up", "above 0"), mark("down", "below 0 (striped)"), h("li", {}, swatch("taken"), "the winner of a pooling"),
    h("li", {}, h("span", { class: "cnn-net-key up paper" }, pen), "the pen's ink"));
  return { node, update: ({ ink }) => (pen.style.opacity = String(ink / LEVELS)) };
}

export default { render };
