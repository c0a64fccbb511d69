// The training monitor: two curves, the first layer's filters, and a button that stops the training.

import { Board, formatNumber, h, ownKeys, s } from "./common.js";

const WIDTH = 300;
const HEIGHT = 150;
const EDGE = { left: 40, right: 10, top: 8, bottom: 26 };

/** Where a value stands in a frame: a function from [lowest, highest] to pixels [from, to]. */
export function scale(lowest, highest, from, to) {
  const width = highest - lowest || 1;
  return (value) => from + ((value - lowest) / width) * (to - from);
}

/** The points of a polyline; entries without a value are left out. */
export function points(curve, x, y) {
  return curve.filter(([, value]) => value !== null).map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
}

/** What the monitor says in words. */
export function summary({ status, step, epoch, loss, accuracy }) {
  if (!step) return status === "running" ? "The training starts." : "Nothing trained yet.";
  const last = accuracy.at(-1);
  const percent = (value) => `${(100 * value).toFixed(1)} %`;
  const parts = [`${{ running: "Training", stopped: "Stopped", finished: "Finished", ready: "Ready" }[status]}: step ${step}, ${epoch} epochs done`];
  parts.push(`loss ${loss.at(-1)[1].toFixed(3)}`);
  if (last) parts.push(`training accuracy ${percent(last[1])}`);
  if (last && last[2] !== null) parts.push(`validation accuracy ${percent(last[2])}`);
  return `${parts.join(", ")}.`;
}

/** A frame with axes, and one polyline per curve; dashes tell the second from the first. */
class Chart {
  constructor(name, title, curves) {
    this.lines = curves.map((_, place) => s("polyline", { class: `cnn-curve ${place ? "second" : "first"}` }));
    this.marks = s("g", { class: "cnn-axis" });
    const frame = { x: EDGE.left, y: EDGE.top, width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
    this.svg = s("svg", { role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "data-chart": name }, s("rect", { class: "cnn-frame", ...frame }), this.marks, ...this.lines);
    const key = curves.length > 1 ? [" ", ...curves.map((text, place) => h("span", { class: `cnn-key ${place ? "second" : "first"}` }, text))] : [];
    this.node = h("figure", { class: "cnn-panel cnn-chart" }, h("figcaption", {}, h("b", {}, title), ...key), this.svg);
  }

  update(curves, [lowest, highest], label, axis) {
    const last = Math.max(1, ...curves.map((curve) => curve.at(-1)?.[0] ?? 1));
    const first = Math.min(last, ...curves.map((curve) => curve[0]?.[0] ?? last));
    const x = scale(Math.min(first, last - 1), last, EDGE.left, WIDTH - EDGE.right);
    const y = scale(lowest, highest, HEIGHT - EDGE.bottom, EDGE.top);
    curves.forEach((curve, place) => this.lines[place].setAttribute("points", points(curve, x, y)));
    const tick = (text, left, top, anchor) => s("text", { x: left, y: top, "text-anchor": anchor }, text);
    this.marks.replaceChildren(
      tick(formatNumber(highest), EDGE.left - 5, EDGE.top + 9, "end"), tick(formatNumber(lowest), EDGE.left - 5, HEIGHT - EDGE.bottom, "end"),
      tick(`${axis} ${formatNumber(last)}`, WIDTH - EDGE.right, HEIGHT - 8, "end"), tick(formatNumber(first), EDGE.left, HEIGHT - 8, "start"),
    );
    this.svg.setAttribute("aria-label", label);
  }
}

/** Small pictures of the kernels: blue above zero, orange below, the stronger the larger. */
function drawFilters(node, filters) {
  const [rows, columns] = [filters[0]?.length ?? 0, filters[0]?.[0].length ?? 0];
  if (node.childElementCount !== filters.length) {
    const cell = (i, j) => s("rect", { x: j * 10, y: i * 10, width: 10, height: 10 });
    const cells = () => Array.from({ length: rows * columns }, (_, at) => cell(Math.floor(at / columns), at % columns));
    node.replaceChildren(...filters.map(() => s("svg", { viewBox: `0 0 ${10 * columns} ${10 * rows}`, "aria-hidden": "true" }, ...cells())));
  }
  filters.forEach((filter, place) => {
    filter.flat().forEach((weight, at) => {
      const rect = node.children[place].children[at];
      rect.setAttribute("class", weight < 0 ? "down" : "up");
      rect.setAttribute("opacity", Math.abs(weight).toFixed(2));
    });
  });
}

function render({ model, el }) {
  const keys = ["status", "stop", "step", "epoch", "loss", "accuracy", "filters"];
  const board = new Board({ model, el, keys, draw, label: "Training monitor" });
  const button = ownKeys(h("button", { type: "button", class: "cnn-button", onclick: () => board.set({ stop: true }) }, "■ Stop"));
  const state = h("span", { class: "cnn-state" });
  const loss = new Chart("loss", "Loss", ["loss"]);
  const accuracy = new Chart("accuracy", "Accuracy", ["training", "validation"]);
  const filters = h("div", { class: "cnn-filters", role: "img" });
  const panel = h("figure", { class: "cnn-panel cnn-filter-panel" }, h("figcaption", {}, h("b", {}, "First-layer filters"), " blue: positive, orange: negative"), filters);
  board.transport.append(button, state);
  board.transport.hidden = false;
  board.stage.prepend(loss.node, accuracy.node, panel);

  function draw(now) {
    const words = summary(now);
    button.disabled = now.status !== "running" || now.stop;
    state.textContent = now.stop && now.status === "running" ? "Stopping after this step." : { ready: "ready", running: "training", stopped: "stopped; the model keeps what it learned", finished: "finished" }[now.status];
    loss.update([now.loss], [0, Math.max(0.1, ...now.loss.map(([, value]) => value))], `Loss per step. ${words}`, "step");
    const curves = [1, 2].map((place) => now.accuracy.map((row) => [row[0], row[place]]));
    const low = Math.min(0.9, ...curves.flat().filter(([, value]) => value !== null).map(([, value]) => value));
    accuracy.update(curves, [Math.floor(low * 10) / 10, 1], `Accuracy per epoch. ${words}`, "epoch");
    drawFilters(filters, now.filters);
    panel.hidden = now.filters.length === 0;
    filters.setAttribute("aria-label", `${now.filters.length} kernels of the first layer, after step ${now.step}.`);
    // While it runs the words change many times a second; a screen reader hears the end.
    board.said.setAttribute("aria-live", now.status === "running" ? "off" : "polite");
    board.say(words);
  }

  return () => board.dispose();
}

export default { render };
