// The channel explorer: input channels with the slices of one kernel, and what each contributes to one cell of one output channel.

import { Board, formatNumber, formatTerm, h } from "./common.js";
import { fitWindow, windowCells } from "./geometry.js";
import { Grid } from "./grid.js";

const KEYS = ["in_channels", "out_channels", "groups", "output_channel", "step", "image", "kernel", "bias"];
const MOST = 4; // channels, in and out

/** The library's sentence about groups that do not divide the channels; null while they do. */
export function groupProblem({ groups, in_channels, out_channels }) {
  const divides = (g) => in_channels % g === 0 && out_channels % g === 0;
  if (divides(groups)) return null;
  const [name, number] = in_channels % groups ? ["in_channels", in_channels] : ["out_channels", out_channels];
  let best = groups;
  while (!divides(best)) best--;
  return `groups=${groups} does not divide ${name}=${number}: every group has equally many channels. Write groups=${best}.`;
}

/** The places along one axis; rows and columns are alike. */
const axisWindow = ({ image, kernel }) => fitWindow(image[0].length, kernel[0][0].length);

/** The input channels that output channel f reads: those of its group. */
export function channelsRead({ groups, in_channels, out_channels }, f) {
  const perGroup = in_channels / groups;
  const first = Math.floor(f / (out_channels / groups)) * perGroup;
  return Array.from({ length: perGroup }, (_, m) => first + m);
}

/** What output cell (f, i, j) multiplies: [{channel, slice, share, terms: [{row, column, x, w}]}], one entry for each channel it reads. */
export function channelShares(state, f, i, j) {
  const window = axisWindow(state);
  return channelsRead(state, f).map((channel, slice) => {
    const weights = state.kernel[f][slice];
    const terms = windowCells(window, i).flatMap((row, u) =>
      windowCells(window, j).map((column, v) => ({ row, column, x: state.image[channel][row][column], w: weights[u][v] })),
    );
    return { channel, slice, terms, share: terms.reduce((sum, { x, w }) => sum + x * w, 0) };
  });
}

/** One output cell: all shares and the bias. */
export function channelCell(state, f, i, j) {
  return channelShares(state, f, i, j).reduce((sum, { share }) => sum + share, 0) + state.bias[f];
}

/** The arithmetic in full: a line for each input channel, and then the sum. */
export function channelLines(state, f, i, j) {
  const shares = channelShares(state, f, i, j);
  const product = ({ x, w }) => `${formatTerm(x)}·${formatTerm(w)}`;
  const lines = shares.map(({ channel, terms, share }) => `channel ${channel}: ${terms.map(product).join(" + ")} = ${formatNumber(share)}`);
  const parts = shares.map(({ channel, share }) => `${formatTerm(share)} (channel ${channel})`);
  const total = `${parts.join(" + ")} + ${formatTerm(state.bias[f])} (bias) = ${formatNumber(channelCell(state, f, i, j))}`;
  return [...lines, `y[${f},${i},${j}] = ${total}`];
}

/** Everything one picture shows: {problem} or {f, i, j, shares, lines, output}. */
export function channelFrame(state) {
  const problem = groupProblem(state);
  if (problem) return { problem };
  const { count } = axisWindow(state);
  const [f, i, j] = [state.output_channel, Math.floor(state.step / count), state.step % count];
  const along = (length, make) => Array.from({ length }, (_, m) => make(m));
  const output = along(state.out_channels, (g) => along(count, (r) => along(count, (s) => channelCell(state, g, r, s))));
  return { problem, f, i, j, count, output, shares: channelShares(state, f, i, j), lines: channelLines(state, f, i, j) };
}

/** The output channel shown is one that exists, as in the Python class. */
export function keepChannel({ output_channel, out_channels }) {
  return output_channel >= out_channels ? { output_channel: out_channels - 1 } : {};
}

/** The output place an arrow key leads to, or null for other keys. */
export function walkMap(key, step, count) {
  const [i, j] = [Math.floor(step / count), step % count];
  const at = { ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1], ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], Home: [0, 0], End: [count - 1, count - 1] }[key];
  if (!at) return null;
  return at.every((place) => place >= 0 && place < count) ? at[0] * count + at[1] : step;
}

/** A copy of nested arrays with one number replaced. */
const replaced = (cells, [first, ...rest], value) => cells.map((cell, m) => (m !== first ? cell : rest.length ? replaced(cell, rest, value) : value));
const strongest = (cells) => Math.max(...cells.flat(3).map(Math.abs)) || 1;
const written = (cells) => cells.map((row) => row.map(formatNumber).join(" ")).join("; ");

/** Put these children into a node, and touch it only when they are others than before: a grid in focus keeps the focus. */
function keepChildren(node, children) {
  if (node.children.length !== children.length || children.some((child, m) => node.children[m] !== child)) node.replaceChildren(...children);
}

function render({ model, el }) {
  let hovered = null; // {output_channel, step} under the pointer, shown instead of the chosen one
  const board = new Board({ model, el, keys: KEYS, draw, reconcile: keepChannel, label: "Channel explorer" });
  const each = (make) => Array.from({ length: MOST }, (_, m) => make(m));
  const put = (key, place, value) => board.set({ [key]: replaced(board.state()[key], place, value) });
  const shown = () => ({ ...board.state(), ...hovered });
  const hover = (spot) => {
    if (JSON.stringify(spot) === JSON.stringify(hovered)) return;
    hovered = spot;
    board.queue.request();
  };
  const sliceOf = (c) => channelFrame(shown()).shares.find(({ channel }) => channel === c).slice;
  const inputs = each((c) => new Grid(`input-${c}`, { onEdit: (place, value) => put("image", [c, ...place], value) }));
  const slices = each((c) => new Grid(`slice-${c}`, { onEdit: (place, value) => put("kernel", [shown().output_channel, sliceOf(c), ...place], value) }));
  const biases = new Grid("bias", { onEdit: ([, f], value) => put("bias", [f], value) });
  const count = () => axisWindow(board.state()).count;
  const outputs = each((f) => new Grid(`output-${f}`, {
    onHover: (place) => hover(place && { output_channel: f, step: place[0] * count() + place[1] }),
    onPick: ([i, j]) => board.set({ output_channel: f, step: i * count() + j }),
    onKey: (event) => {
      const step = walkMap(event.key, board.state().step, count());
      if (step === null) return false;
      hovered = null;
      board.set({ output_channel: f, step });
      return true;
    },
  }));
  const rows = each(() => h("div", { class: "cnn-channel" }));
  const channels = h("div", { class: "cnn-channels" });
  board.stage.prepend(channels);
  board.notes.append(h("p", { class: "cnn-hint" },
    "Point at an output cell, or focus an output map and use the arrow keys, Home and End. " +
    "Click a cell of an input, a slice or the biases to change it; with the keyboard: arrow keys, then Enter."));
  const last = (state) => Math.max(state.out_channels - 1, 0);
  board.controls.append(...[
    { key: "in_channels", label: "Input channels", min: 1, max: MOST }, { key: "out_channels", label: "Output channels", min: 1, max: MOST },
    { key: "groups", label: "Groups", min: 1, max: MOST }, { key: "output_channel", label: "Output channel shown", min: 0, max: 0, limit: last },
    { key: "step", label: "Place", min: 0, max: count() ** 2 - 1, show: (value) => `${Math.floor(value / count())}, ${value % count()}` },
  ].map((options) => board.slider(options).node));

  function draw(state) {
    const seen = { ...state, ...hovered };
    const frame = channelFrame(seen);
    board.complain(frame.problem);
    board.say(frame.problem ? "" : frame.lines.join("\n"));
    const used = Array.from({ length: state.in_channels }, (_, c) => frame.shares?.find(({ channel }) => channel === c));
    keepChildren(channels, rows.slice(0, state.in_channels));
    used.forEach((part, c) => {
      keepChildren(rows[c], part ? [inputs[c].node, slices[c].node] : [inputs[c].node]);
      drawChannel(inputs[c], state, frame, c, part);
      if (part) drawSlice(slices[c], seen, frame, part);
    });
    const maps = frame.problem ? [] : outputs.slice(0, state.out_channels);
    keepChildren(board.results, frame.problem ? [] : [biases.node, ...maps.map((grid) => grid.node)]);
    if (frame.problem) return;
    drawBiases(biases, seen, frame);
    maps.forEach((grid, f) => drawMap(grid, frame, f));
  }

  return () => board.dispose();
}

function drawChannel(grid, { image }, { problem, i, j, count }, c, part) {
  const size = image[c].length;
  const weights = new Map(part?.terms.map(({ row, column, w }) => [`${row},${column}`, formatNumber(w)]));
  const most = strongest(image);
  const cell = (r, s) => {
    const note = weights.get(`${r},${s}`);
    const mark = note !== undefined ? "taken" : part || problem ? "" : "unread";
    return { text: formatNumber(image[c][r][s]), mark, note: note === undefined ? "" : `×${note}`, tint: image[c][r][s] / most / 2 };
  };
  const detail = part || problem ? "" : "another group's";
  const frames = part ? [{ row: i, column: j, rows: size - count + 1, columns: size - count + 1 }] : [];
  grid.update({
    rows: [0, size], columns: [0, size], cell, frames, title: `Input x[${c}]`, detail,
    label: `Input channel ${c}${detail && ", not read by this output channel"}: ${written(image[c])}`,
  });
}

function drawSlice(grid, { kernel }, { f }, { channel, slice, share }) {
  const weights = kernel[f][slice];
  const most = strongest(kernel);
  grid.update({
    rows: [0, weights.length], columns: [0, weights[0].length], title: `Slice w[${f},${slice}]`, detail: `share ${formatNumber(share)}`,
    cell: (u, v) => ({ text: formatNumber(weights[u][v]), tint: weights[u][v] / most / 2 }),
    label: `The slice of kernel ${f} for input channel ${channel}: ${written(weights)}. Share ${formatNumber(share)}`,
  });
}

function drawBiases(grid, { bias, out_channels }, { f }) {
  const used = bias.slice(0, out_channels);
  grid.update({
    rows: [0, 1], columns: [0, out_channels], cell: (_, g) => ({ text: formatNumber(used[g]) }), frames: [{ row: 0, column: f }],
    title: "Bias b", detail: "one per output channel", label: `Biases: ${written([used])}`,
  });
}

function drawMap(grid, { f, i, j, count, output, lines }, g) {
  const most = strongest(output);
  const sentence = lines[lines.length - 1];
  grid.update({
    rows: [0, count], columns: [0, count], cell: (r, s) => ({ text: formatNumber(output[g][r][s]), tint: output[g][r][s] / most }),
    frames: g === f ? [{ row: i, column: j }] : [], title: `Output y[${g}]`, detail: g === f ? "shown" : "",
    label: g === f ? sentence : `Output channel ${g}: ${written(output[g])}`,
  });
}

export default { render };
