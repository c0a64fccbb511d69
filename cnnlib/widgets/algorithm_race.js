// The algorithm race: two ways to convolve work side by side, step by step, and bars say what all seven cost for any sizes.

import { METHODS, raceCost, raceLane, raceSteps, reconcileRace, shortCount } from "./algorithm_race_model.js";
import { Board, formatNumber, h, s } from "./common.js";
import { Grid, swatch } from "./grid.js";

const KEYS = ["images", "channels", "filters", "n", "k", "left", "right", "step", "fps"];
const TITLES = {
  x: "Image x", w: "Kernel w", columns: "Columns", shifted: "Piece", lowered: "Buffer", X: "Frequencies of x", W: "Frequencies of w",
  XW: "Their product", U: "Kernel's values U", V: "Tile's values V", UV: "Products U V", y: "Output y",
};
const BARS = { work: "Multiply-adds", extra: "Cells held beside x, w, y", intensity: "Operations per byte moved" };
const [FRACTION, COMPLEX] = [38, 50]; // pixels of a cell for arrays that hold such numbers, and of all others:
const CELL_PIXELS = 27;
const WIDE = { X: COMPLEX, W: COMPLEX, XW: COMPLEX, U: FRACTION, V: FRACTION, UV: FRACTION };

/** The smallest box around cells, as a list of outlines. */
export function outlineOf(cells = []) {
  if (cells.length === 0) return [];
  const [rows, columns] = [0, 1].map((a) => cells.map((cell) => cell[a]));
  const [row, column] = [Math.min(...rows), Math.min(...columns)];
  return [{ row, column, rows: Math.max(...rows) - row + 1, columns: Math.max(...columns) - column + 1 }];
}

/** One way at work: its arrays as grids, made when they are needed, and a heading. */
class Lane {
  constructor(side, onKey) {
    Object.assign(this, { side, onKey, grids: new Map() });
    this.heading = h("b");
    this.arrays = h("div", { class: "cnn-results" });
    this.node = h("div", { class: "cnn-lane", "data-lane": side }, this.heading, this.arrays);
  }

  update(method, step) {
    const now = raceLane(method, step);
    this.heading.textContent = method;
    const shown = Object.entries(now.arrays).map(([name, values]) => this.draw(name, values, now));
    if (this.method !== method) this.arrays.replaceChildren(...shown.map((grid) => grid.node));
    this.method = method;
    return now.sentence;
  }

  draw(name, values, { reads, writes, sentence }) {
    if (!this.grids.has(name)) this.grids.set(name, new Grid(`${this.side}-${name}`, { onKey: this.onKey }));
    const grid = this.grids.get(name);
    const read = new Set((reads[name] ?? []).map(String));
    const text = (value) => (value === null ? "" : typeof value === "string" ? value : formatNumber(value));
    const numbers = values.map((row) => row.map((value) => text(value) || "empty").join(" ")).join("; ");
    grid.update({
      rows: [0, values.length], columns: [0, values[0].length], size: WIDE[name] ?? CELL_PIXELS, title: TITLES[name],
      frames: outlineOf(writes[name]).map((box) => ({ ...box, kind: "orange" })), label: `${TITLES[name]}: ${numbers}. ${sentence}`,
      cell: (i, j) => ({ text: text(values[i][j]), mark: read.has(String([i, j])) ? "taken" : "" }),
    });
    return grid;
  }
}

/** One cost of all methods as bars against the largest of them. */
class CostBars {
  constructor(name, title) {
    Object.assign(this, { name, title });
    this.svg = s("svg", { role: "img", viewBox: `0 0 300 ${24 * METHODS.length + 6}`, "data-bars": name });
    this.node = h("figure", { class: "cnn-panel cnn-cost-bars" }, h("figcaption", {}, h("b", {}, title)), this.svg);
  }

  update(state) {
    const costs = METHODS.map((method) => [method, raceCost(method, state)?.[this.name] ?? null]);
    const most = Math.max(...costs.map(([, value]) => value ?? 0)) || 1;
    const shown = (value) => (value === null ? "needs k = 3" : shortCount(value));
    this.svg.replaceChildren(
      ...costs.flatMap(([method, value], at) => {
        const racing = method === state.left || method === state.right;
        const bar = { class: `cnn-cost${racing ? " racing" : ""}`, x: 80, y: 24 * at + 5, width: ((value ?? 0) / most) * 125, height: 16 };
        const words = (x, text) => s("text", { x, y: 24 * at + 18, class: racing ? "racing" : "" }, text);
        return [words(0, method), s("rect", bar), words(210, shown(value))];
      }),
    );
    this.svg.setAttribute("aria-label", `${this.title}: ${costs.map(([method, value]) => `${method} ${shown(value)}`).join(", ")}.`);
  }
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: KEYS, draw, reconcile: reconcileRace, label: "Algorithm race" });
  const stepBy = ({ key }) => {
    const state = board.state();
    const last = raceSteps(state) - 1;
    const moves = { ArrowLeft: state.step - 1, ArrowRight: state.step + 1, Home: 0, End: last };
    if (!(key in moves)) return false;
    board.set({ step: Math.max(0, Math.min(last, moves[key])) });
    return true;
  };
  const lanes = ["left", "right"].map((side) => new Lane(side, stepBy));
  const bars = Object.entries(BARS).map(([name, title]) => new CostBars(name, title));
  const options = METHODS.map((method) => [method, method]);
  const sizes = [["images", "Images", 1, 64], ["channels", "Channels", 1, 64], ["filters", "Filters", 1, 64], ["n", "Image size n", 4, 64]];
  board.controls.append(
    board.select({ key: "left", label: "First way", options }), board.select({ key: "right", label: "Second way", options }),
    ...sizes.map(([key, label, min, max]) => board.slider({ key, label, min, max }).node),
    board.slider({ key: "k", label: "Kernel size k", min: 1, max: 15, limit: ({ n }) => Math.min(15, n) }).node,
  );
  board.addTransport({ count: raceSteps, unit: "Step" });
  board.stage.prepend(...lanes.map(({ node }) => node));
  board.notes.append(
    h("ul", { class: "cnn-legend" }, h("li", {}, swatch("taken"), "read at this step"), h("li", {}, writtenSwatch(), "written at this step")),
    h("p", { class: "cnn-hint" },
      "Above: one image of 4 × 4 cells and one kernel of 3 × 3. Focus a grid and use the arrow keys, Home and End to step. " +
      "Below: what all seven cost for the sizes that you set."),
  );
  board.stage.append(h("div", { class: "cnn-results cnn-cost-row" }, ...bars.map(({ node }) => node)));

  function draw(state) {
    board.say(lanes.map((lane) => lane.update(state[lane.side], state.step)).join("\n"));
    bars.forEach((chart) => chart.update(state));
  }
  return () => board.dispose();
}

/** The outline of what is written, for the legend. */
function writtenSwatch() {
  const node = swatch("frame");
  node.classList.add("written");
  return node;
}

export default { render };
