// The network designer: layers are added, removed and moved, and the costs of the net are held against two budgets.

import { Board, h, ownKeys } from "./common.js";
import { ChainTable, KINDS, grouped, layerTable, netControls, networkSentence } from "./layer_table.js";

export const MOST_LAYERS = 24;
export const LARGEST_BUDGET = 1e9;
const KEYS = ["input_channels", "input_size", "layers", "budget_parameters", "budget_multiply_adds"];

/** How a layer of each kind begins when it is added. */
export const FRESH = {
  conv: ["conv", 8, 3, 1, 1], depthwise: ["depthwise", 3, 1, 1], max: ["max", 2, 2, 0], avg: ["avg", 2, 2, 0], relu: ["relu"], tanh: ["tanh"],
  dropout: ["dropout", 50], flatten: ["flatten"], global: ["global"], dense: ["dense", 10],
};
const NAMES = {
  conv: "convolution", depthwise: "depthwise convolution", max: "max pooling", avg: "average pooling", relu: "ReLU", tanh: "tanh",
  dropout: "dropout", flatten: "flatten", global: "global average", dense: "dense",
};

/** What is spent of each budget: [[name, cost, budget], ...]. */
export function spent(state, table = layerTable(state)) {
  return [["parameters", table.parameters, state.budget_parameters], ["multiply-adds", table.multiplyAdds, state.budget_multiply_adds]];
}

/** A budget in words, as the Python class says it. */
export function verdict([name, cost, budget]) {
  const of = `${grouped(cost)} of ${grouped(budget)} ${name}`;
  return cost > budget ? `${of}: ${grouped(cost - budget)} too many.` : `${of}: ${grouped(budget - cost)} left.`;
}

/** The whole net in words, with its budgets; the sentence about an impossible layer where there is one. */
export function designSentence(state, table = layerTable(state)) {
  const said = networkSentence(state, table);
  return table.problem ? said : [said, ...spent(state, table).map(verdict)].join("\n");
}

/** The net as Python code, the same text as `designer.code`; an empty text while a layer is impossible. */
export function designCode(state, table = layerTable(state)) {
  if (table.problem) return "";
  let shape = [state.input_channels, state.input_size, state.input_size];
  const lines = state.layers.map((layer, number) => {
    const line = `    cnnlib.${layerCode(layer, shape)},\n`;
    shape = table.rows[number].shape;
    return line;
  });
  return `model = cnnlib.Sequential(\n${lines.join("")})`;
}

function layerCode([kind, ...numbers], [channels]) {
  const name = KINDS[kind][0];
  const options = (stride, usual, padding) => (stride === usual ? "" : `, stride=${stride}`) + (padding ? `, padding=${padding}` : "");
  if (kind === "conv") return `${name}(${channels}, ${numbers[0]}, ${numbers[1]}${options(numbers[2], 1, numbers[3])})`;
  if (kind === "depthwise") {
    const groups = channels > 1 ? `, groups=${channels}` : "";
    return `${name}(${channels}, ${channels}, ${numbers[0]}${options(numbers[1], 1, numbers[2])}${groups})`;
  }
  if (kind === "max" || kind === "avg") return `${name}(${numbers[0]}${options(numbers[1], numbers[0], numbers[2])})`;
  if (kind === "dense") return `${name}(${channels}, ${numbers[0]})`;
  return kind === "dropout" ? `${name}(${(numbers[0] / 100).toFixed(2).replace(/0$/, "")})` : `${name}()`;
}

/** The chain with a layer moved by one place, taken out, or put in. */
export function moved(layers, from, to) {
  if (to < 0 || to >= layers.length) return layers;
  const rest = layers.filter((_, index) => index !== from);
  return [...rest.slice(0, to), layers[from], ...rest.slice(to)];
}
export const removed = (layers, index) => (layers.length > 1 ? layers.filter((_, place) => place !== index) : layers);
export const inserted = (layers, index, layer) => (layers.length < MOST_LAYERS ? [...layers.slice(0, index), layer, ...layers.slice(index)] : layers);

/** A bar for each budget: filled up to the cost, with a mark at the budget, four fifths along. */
function budgetBars() {
  const bars = ["parameters", "multiply-adds"].map((name) => {
    const [fill, words] = [h("span", { class: "cnn-budget-fill" }), h("output")];
    const bar = h("div", { class: "cnn-budget-bar", role: "meter", "aria-label": name, "aria-valuemin": 0 }, fill, h("span", { class: "cnn-budget-mark" }));
    return { node: h("div", { class: "cnn-budget" }, h("span", {}, name), bar, words), bar, fill, words };
  });
  const update = (costs) => costs.forEach(([, cost, budget], number) => {
    const { node, bar, fill, words } = bars[number];
    fill.style.width = `${Math.min(cost / budget, 1.25) * 80}%`;
    node.classList.toggle("over", cost > budget);
    words.textContent = `${grouped(cost)} of ${grouped(budget)}${cost > budget ? ", too many" : ""}`;
    for (const [key, value] of Object.entries({ valuemax: budget, valuenow: Math.min(cost, budget), valuetext: words.textContent }))
      bar.setAttribute(`aria-${key}`, value);
  });
  return { node: h("div", { class: "cnn-budgets" }, ...bars.map(({ node }) => node)), update };
}

/** A field for a whole number from 1 on; anything else is put back. */
function budgetField(board, key, label) {
  const read = () => {
    const value = Number(input.value.replaceAll(",", ""));
    if (Number.isInteger(value) && value >= 1 && value <= LARGEST_BUDGET) board.set({ [key]: value });
    board.queue.request();
  };
  const input = ownKeys(h("input", { type: "text", inputmode: "numeric", onchange: read }));
  board.updates.push((state) => {
    if (document.activeElement !== input) input.value = grouped(state[key]);
  });
  return h("label", { class: "cnn-control", "data-key": key }, h("span", { class: "cnn-control-head" }, label), input);
}

/** The line with which a layer is added: its kind, the place before which it is put, and the button. */
function adder(board) {
  const label = (text, input) => h("label", { class: "cnn-control" }, h("span", { class: "cnn-control-head" }, text), input);
  const kind = ownKeys(h("select", {}, ...Object.entries(NAMES).map(([value, text]) => h("option", { value }, text))));
  const place = ownKeys(h("select", {}));
  const add = () => {
    const { layers } = board.state();
    board.set({ layers: inserted(layers, place.value === "" ? layers.length : Number(place.value), FRESH[kind.value]) });
  };
  const button = ownKeys(h("button", { type: "button", class: "cnn-button", onclick: add }, "Add"));
  board.updates.push(({ layers }) => {
    const before = place.value;
    place.replaceChildren(h("option", { value: "" }, "the end"), ...layers.map(([name], index) => h("option", { value: index }, `${index} ${KINDS[name][0]}`)));
    place.value = before !== "" && Number(before) < layers.length ? before : "";
    button.disabled = layers.length >= MOST_LAYERS;
  });
  return h("div", { class: "cnn-adder" }, label("New layer", kind), label("Put it before", place), button);
}

/** The buttons in a layer's line. `keep(index, name)` says which button has the focus once the lines are made anew. */
function lineButtons(board, keep, index) {
  const act = (name, sign, words, change, next) =>
    ownKeys(h("button", { type: "button", "data-act": name, "aria-label": `${words} layer ${index}`, title: words, onclick: () => {
      const { layers } = board.state();
      const changed = change(layers);
      keep(Math.max(0, Math.min(next, changed.length - 1)), name);
      board.set({ layers: changed });
    } }, sign));
  return [
    act("up", "↑", "Move up", (layers) => moved(layers, index, index - 1), index - 1),
    act("down", "↓", "Move down", (layers) => moved(layers, index, index + 1), index + 1),
    act("remove", "✕", "Remove", (layers) => removed(layers, index), index),
  ];
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: KEYS, draw, label: "Network designer" });
  netControls(board);
  board.controls.append(
    budgetField(board, "budget_parameters", "Parameters at most"),
    budgetField(board, "budget_multiply_adds", "Multiply-adds at most"),
  );
  let focus = null;
  const keep = (...wanted) => (focus = wanted);
  const actions = (index) => lineButtons(board, keep, index);
  const table = new ChainTable({ layers: () => board.state().layers, onEdit: (layers) => board.set({ layers }), actions });
  const bars = budgetBars();
  const code = h("pre", { class: "cnn-code", "aria-label": "The net as Python code" });
  board.controls.after(bars.node, table.node, adder(board));
  board.side.append(code);
  board.notes.append(h("p", { class: "cnn-hint" },
    "Every number in a box can be changed. The buttons at the end of a line move the layer up or down, or remove it. A bar is full at the mark."));

  function draw(state) {
    const now = layerTable(state);
    table.update(state, now);
    bars.update(spent(state, now));
    board.complain(now.problem || null);
    board.say(now.problem ? "" : designSentence(state, now));
    code.textContent = designCode(state, now);
    code.hidden = code.textContent === "";
    if (focus) table.lines[focus[0]]?.node.querySelector(`[data-act="${focus[1]}"]`)?.focus();
    focus = null;
  }
  return () => board.dispose();
}

export default { render };
