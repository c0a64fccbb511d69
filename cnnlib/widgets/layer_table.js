// A chain of layers as the rows of a table: the browser's twin of layer_table.py, and the table itself. A widget that shows a network
// calls `layerTable(state)` for the numbers and puts one `ChainTable` on its page. The limits and names below stand in Python too.

import { h, ownKeys } from "./common.js";
import { GeometryError, fitWindow, receptiveField, unreadCells, windowCells } from "./geometry.js";

const WINDOW_SETTINGS = [["kernel_size", 1, 11], ["stride", 1, 5], ["padding", 0, 5]];
export const KINDS = {
  conv: ["Conv2d", [["channels", 1, 512], ...WINDOW_SETTINGS]],
  depthwise: ["Conv2d", WINDOW_SETTINGS],
  max: ["MaxPool2d", WINDOW_SETTINGS],
  avg: ["AvgPool2d", WINDOW_SETTINGS],
  dense: ["Linear", [["units", 1, 4096]]],
  relu: ["ReLU", []],
  tanh: ["Tanh", []],
  dropout: ["Dropout", [["percent", 0, 90]]],
  flatten: ["Flatten", []],
  global: ["GlobalAvgPool2d", []],
};
const WINDOWED = ["conv", "depthwise", "max", "avg"];

const conv = (channels, k, padding) => ["conv", channels, k, 1, padding];
const halve = ["max", 2, 2, 0];
export const NETWORKS = {
  "network of 2016": [1, 28, [conv(4, 5, 0), ["tanh"], conv(8, 3, 0), ["tanh"], halve, conv(16, 3, 0), ["relu"], halve, ["flatten"],
    ["dense", 128], ["tanh"], ["dense", 10]]],
  "small net of chapter 17": [1, 8, [conv(32, 3, 1), ["relu"], halve, conv(64, 3, 1), ["relu"], halve, ["flatten"], ["dense", 10]]],
  "averages instead of a dense layer": [1, 28, [conv(8, 3, 1), ["relu"], halve, conv(16, 3, 1), ["relu"], halve, conv(32, 3, 1), ["relu"],
    ["global"], ["dense", 10]]],
};

/** A count with commas between the thousands. */
export const grouped = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** A shape in words, "4 x 24 x 24". */
export const timesSigns = (shape) => shape.join(" x ");

/** Follow one square image through the layers: {rows, problem, unseen, parameters, multiplyAdds, remarks}, as `layer_table` does. */
export function layerTable({ input_channels, input_size, layers }) {
  const [rows, windows] = [[], []];
  let [shape, field, problem] = [[input_channels, input_size, input_size], 1, ""];
  for (const [index, [kind, ...numbers]] of layers.entries()) {
    const [number, name] = [index, KINDS[kind][0]];
    let window = null;
    problem = misplaced(number, kind, name, shape);
    if (!problem && WINDOWED.includes(kind))
      try {
        window = fitWindow(shape[1], ...numbers.slice(-3));
      } catch (error) {
        if (!(error instanceof GeometryError)) throw error;
        problem = `Layer ${number}, ${name}: ${error.message}`;
      }
    if (problem) break;
    if (window) {
      windows.push(window);
      field = receptiveField(windows.map((each) => [each.kernelSize, each.stride, each.before, 1])).at(-1)[0];
    } else if (kind === "dense" || kind === "global") field = "all";
    const [after, parameters, multiplyAdds] = layerCosts(kind, numbers, shape, window);
    const [unread, remark] = window ? [unreadCells(window).length, droppedSentence(number, name, window)] : [0, ""];
    rows.push({ name, shape: after, parameters, multiplyAdds, field, unread, remark });
    shape = after;
  }
  const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
  const unseen = unseenCells(windows);
  const remarks = rows.map((row) => row.remark).filter(Boolean);
  if (unseen.length) remarks.push(`Behind the last window, no output depends on ${manyCells(unseen)} of the input.`);
  return { rows, problem, unseen, parameters: total("parameters"), multiplyAdds: total("multiplyAdds"), remarks };
}

function misplaced(number, kind, name, shape) {
  if (kind === "dense" && shape.length === 3)
    return `Layer ${number}, ${name}: a dense layer reads a row, and maps of ${shape[1]} x ${shape[2]} come in. Put a flatten before it.`;
  if ((WINDOWED.includes(kind) || kind === "global") && shape.length === 1)
    return `Layer ${number}, ${name}: a row of ${shape[0]} numbers comes in, and there are no maps any more. Put it before the flatten.`;
  return "";
}

function layerCosts(kind, numbers, shape, window) {
  if (kind === "conv" || kind === "depthwise") {
    const [made, reads] = kind === "conv" ? [numbers[0], shape[0]] : [shape[0], 1];
    const weights = made * reads * window.kernelSize ** 2;
    return [[made, window.count, window.count], weights + made, weights * window.count ** 2];
  }
  if (window) return [[shape[0], window.count, window.count], 0, 0];
  if (kind === "dense") return [[numbers[0]], numbers[0] * (shape[0] + 1), numbers[0] * shape[0]];
  const after = { flatten: [shape.reduce((a, b) => a * b, 1)], global: shape.slice(0, 1) }[kind] ?? shape;
  return [after, 0, 0];
}

function droppedSentence(number, name, window) {
  const unread = unreadCells(window);
  if (!unread.length) return "";
  const padded = window.before + window.n + window.after;
  const room = padded - window.span;
  const last = Math.max((room % window.stride) - window.after, 0);
  let said = `Layer ${number}, ${name}, never reads ${manyCells(unread)} of ${window.n}.`;
  if (last) said += ` The room ${padded} - ${window.span} = ${room} is no multiple of the stride ${window.stride}, and the floor drops the rest.`;
  if (unread.length > last) said += ` The stride ${window.stride} is larger than the kernel ${window.span}, which leaves gaps.`;
  return said;
}

function manyCells(cells) {
  if (cells.length > 6) return `${cells.length} rows and columns`;
  const s = cells.length > 1 ? "s" : "";
  return `row${s} and column${s} ${cells.join(", ")}`;
}

function unseenCells(windows) {
  if (!windows.length) return [];
  let seen = new Set(Array.from({ length: windows.at(-1).count }, (_, place) => place));
  for (const window of [...windows].reverse()) {
    const below = [...seen].flatMap((place) => windowCells(window, place));
    seen = new Set(below.filter((cell) => cell >= 0 && cell < window.n));
  }
  return Array.from({ length: windows[0].n }, (_, cell) => cell).filter((cell) => !seen.has(cell));
}

/** The whole network in words, as the Python class says it; the sentence about an impossible layer where there is one. */
export function networkSentence(state, table = layerTable(state)) {
  if (table.problem) return table.problem;
  const totals = `${grouped(table.parameters)} parameters, ${grouped(table.multiplyAdds)} multiply-adds for one image`;
  return [`${state.layers.length} layers, output shape ${timesSigns(table.rows.at(-1).shape)}: ${totals}.`, ...table.remarks].join("\n");
}

/** The name of the network that has these channels and layers, whatever its input size; "custom" for any other. */
export function networkName({ input_channels, layers }) {
  const same = ([, [channels, , chain]]) => channels === input_channels && JSON.stringify(chain) === JSON.stringify(layers);
  return Object.entries(NETWORKS).find(same)?.[0] ?? "custom";
}

/** The controls of a whole net: ready-made ones, and the image. */
export function netControls(board) {
  const begin = (name) => {
    if (!(name in NETWORKS)) return {};
    const [input_channels, input_size, layers] = NETWORKS[name];
    return { input_channels, input_size, layers };
  };
  const options = [...Object.keys(NETWORKS), "custom"].map((name) => [name, name]);
  const network = board.select({ key: "network", label: "Network", options, get: networkName, put: begin });
  network.classList.add("cnn-two-wide");
  board.controls.append(
    network,
    board.slider({ key: "input_size", label: "Input size", min: 1, max: 64 }).node,
    board.slider({ key: "input_channels", label: "Input channels", min: 1, max: 4 }).node,
  );
}

/** A layer with one of its numbers changed, brought inside the limits; the padding of a pooling stays within half its kernel. */
export function changedLayer(layer, place, value) {
  const [, least, most] = KINDS[layer[0]][1][place];
  const changed = [...layer];
  changed[place + 1] = Math.max(least, Math.min(most, Math.round(value)));
  if (layer[0] === "max" || layer[0] === "avg") changed[3] = Math.min(changed[3], Math.floor(changed[1] / 2));
  return changed;
}

const COLUMNS = ["width", "kernel_size", "stride", "padding"]; // channels of a convolution and units of a dense layer share a column
const HEADS = ["Layer", "Channels, units, percent", "Kernel", "Stride", "Padding", "Output shape", "Parameters", "Multiply-adds", "Field", "Unread"];
const columnOf = (setting) => (["channels", "units", "percent"].includes(setting) ? "width" : setting);

/**
 * The table on the page. onEdit(layers) is called with the whole changed chain. actions(index), if given, makes the nodes of a last cell
 * in the line of a layer. Rows are made anew only when the kinds change.
 */
export class ChainTable {
  constructor({ onEdit, layers, actions = null }) {
    Object.assign(this, { onEdit, layers, actions, kinds: null, lines: [] });
    const heads = actions ? [...HEADS, "Change"] : HEADS;
    this.body = h("tbody");
    this.foot = h("tr");
    this.node = h("div", { class: "cnn-layers-box" }, h("table", { class: "cnn-layers cnn-chain" },
      h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))), this.body, h("tfoot", {}, this.foot)));
  }

  line(kind, index) {
    const settings = KINDS[kind][1].map(([setting, least, most], place) => {
      const label = `${setting.replace("_", " ")} of layer ${index}, ${KINDS[kind][0]}`;
      const input = ownKeys(h("input", { type: "number", min: least, max: most, step: 1, "aria-label": label, "data-layer": index, "data-setting": setting }));
      const read = () => {
        if (input.value.trim() !== "" && Number.isFinite(input.valueAsNumber))
          this.onEdit(this.layers().map((layer, l) => (l === index ? changedLayer(layer, place, input.valueAsNumber) : layer)));
        else input.value = this.layers()[index][place + 1];
      };
      input.addEventListener("change", read);
      return [columnOf(setting), input];
    });
    const inputs = Object.fromEntries(settings);
    const results = Array.from({ length: 5 }, (_, place) => h("td", place === 4 ? { class: "cnn-unread" } : {}));
    const cells = COLUMNS.map((column) => h("td", {}, inputs[column] ?? ""));
    const node = h("tr", {}, h("th", { scope: "row" }, `${index} ${KINDS[kind][0]}`), ...cells, ...results, ...this.last(index));
    return { node, inputs: settings.map(([, input]) => input), results };
  }

  /** The last cell of a line: with the actions of a layer, empty where there is no layer, none where there are no actions. */
  last(index = null) {
    return this.actions ? [h("td", { class: "cnn-actions" }, ...(index === null ? [] : this.actions(index)))] : [];
  }

  update(state, table) {
    const kinds = state.layers.map(([kind]) => kind).join();
    if (kinds !== this.kinds) {
      this.kinds = kinds;
      this.lines = state.layers.map(([kind], index) => this.line(kind, index));
      const shape = timesSigns([state.input_channels, state.input_size, state.input_size]);
      this.input = h("td", {}, shape);
      const first = h("tr", {}, h("th", { scope: "row" }, "input"), ...COLUMNS.map(() => h("td")), this.input, h("td"), h("td"), h("td", {}, "1"), h("td"), ...this.last());
      this.body.replaceChildren(first, ...this.lines.map(({ node }) => node));
    }
    this.input.textContent = timesSigns([state.input_channels, state.input_size, state.input_size]);
    this.lines.forEach(({ node, inputs, results }, index) => {
      inputs.forEach((input, place) => (input.value = state.layers[index][place + 1]));
      const row = table.rows[index];
      const words = row ? [timesSigns(row.shape), grouped(row.parameters), grouped(row.multiplyAdds), String(row.field), row.unread ? String(row.unread) : ""]
        : [index === table.rows.length ? "impossible" : "", "", "", "", ""];
      words.forEach((text, place) => (results[place].textContent = text));
      node.classList.toggle("drops", Boolean(row?.unread));
      node.classList.toggle("impossible", index === table.rows.length);
    });
    this.foot.replaceChildren(h("th", { scope: "row" }, "total"), ...COLUMNS.map(() => h("td")), h("td"),
      h("td", {}, grouped(table.parameters)), h("td", {}, grouped(table.multiplyAdds)), h("td"), h("td"), ...this.last());
  }
}
