// The logits explorer: sliders for a few logits, and as bars the probabilities, the targets and the gradient of the cross-entropy.

import { Board, formatNumber, h, ownKeys, s } from "./common.js";

const KEYS = ["logits", "shift", "temperature", "label", "label_smoothing", "method"];
const MOST = 6; // classes
const FEWEST = 2;
const HIGHEST = 10; // a logit lies between -10 and 10
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** What the softmax reads: (logits + shift) / temperature. */
export function scoresOf({ logits, shift, temperature }) {
  return logits.map((logit) => (logit + shift) / temperature);
}

/** 1 - label_smoothing at the label, and label_smoothing / K more for every class. */
export function targetsOf({ logits, label, label_smoothing }) {
  return logits.map((_, at) => (at === label ? 1 - label_smoothing : 0) + label_smoothing / logits.length);
}

/** Probabilities, loss, gradient by the logits, and what went wrong on the way ("" when nothing did). */
export function evaluate(state) {
  const stable = state.method === "stable";
  const scores = scoresOf(state);
  const targets = targetsOf(state);
  const highest = Math.max(...scores);
  const lowered = scores.map((score) => score - (stable ? highest : 0));
  const powers = lowered.map(Math.exp);
  const total = sum(powers);
  const probabilities = powers.map((power) => power / total);
  // The stable loss never makes the probability: log p is the score less the logarithm of the sum.
  const logs = stable ? lowered.map((score) => score - Math.log(total)) : probabilities.map(Math.log);
  const loss = -sum(targets.map((target, at) => (target > 0 ? target * logs[at] : 0)));
  const gradient = probabilities.map((p, at) => (p - targets[at]) / state.temperature);
  return { probabilities, targets, loss, gradient, trouble: stable ? "" : troubleOf(powers, total, highest, loss) };
}

function troubleOf(powers, total, highest, loss) {
  if (powers.includes(Infinity)) return `exp(${formatNumber(highest)}) overflows: infinity divided by infinity is nan.`;
  if (total === Infinity) return "The sum of the powers overflows, and a number divided by infinity is 0.";
  if (total === 0) return "All powers are rounded to 0, and 0 divided by 0 is nan.";
  if (loss === Infinity) return "A probability that the loss asks for is rounded to 0, and its logarithm is minus infinity.";
  return "";
}

/** How far the diagram of the gradient reaches on both sides: 1, or more where an entry needs it. */
export function gradientReach(gradient) {
  return Math.max(1, ...gradient.filter(Number.isFinite).map(Math.abs));
}

/** A number as text, "nan" and "infinity" included. */
export function shownNumber(value) {
  if (Number.isNaN(value)) return "nan";
  return Number.isFinite(value) ? formatNumber(value) : "infinity";
}

const listed = (values) => values.map(shownNumber).join(", ");
const slopeName = ({ temperature }) => (temperature === 1 ? "p − t" : "(p − t) / T");

/** Probabilities, loss and gradient in words; a second line says what went wrong, if something did. */
export function logitsSentence(state) {
  const { probabilities, loss, gradient, trouble } = evaluate(state);
  const name = state.label_smoothing === 0 ? "−log p" : "−Σ t log p";
  const said = `p = ${listed(probabilities)}. True class ${state.label}: loss ${name} = ${shownNumber(loss)}, gradient ${slopeName(state)} = ${listed(gradient)}.`;
  return trouble ? `${said}\n${trouble}` : said;
}

/** More or fewer classes: new ones begin with the logit 0, and the label stays among them. */
export function withClasses({ logits, label }, count) {
  return { logits: Array.from({ length: count }, (_, at) => logits[at] ?? 0), label: Math.min(label, count - 1) };
}

/** The change that a key makes in the diagram of probabilities, or null: up and down choose the true class, left and right move its logit. */
export function keyChange(key, { logits, label }) {
  const moved = (by) => {
    const value = Math.max(-HIGHEST, Math.min(HIGHEST, logits[label] + by));
    return { logits: logits.map((logit, at) => (at === label ? value : logit)) };
  };
  const changes = {
    ArrowUp: () => ({ label: Math.max(label - 1, 0) }), ArrowDown: () => ({ label: Math.min(label + 1, logits.length - 1) }),
    ArrowLeft: () => moved(-0.5), ArrowRight: () => moved(0.5), PageDown: () => moved(-2), PageUp: () => moved(2),
    Home: () => moved(-2 * HIGHEST), End: () => moved(2 * HIGHEST),
  };
  return changes[key]?.() ?? null;
}

const FRAME = { width: 440, right: 62, top: 6, row: 36, bottom: 20 };
const CLASS = 64; // the width of the column with the classes

/** Horizontal bars from 0, one for each class, from `low` to `high`; perhaps a score and a thick upright line, the target, in each row. */
class BarChart {
  constructor(name, left, attributes = {}) {
    this.left = left;
    this.svg = s("svg", { role: "img", "data-chart": name, ...attributes });
    this.title = h("b");
    this.legend = h("span");
    this.node = h("figure", { class: "cnn-panel cnn-chart cnn-logits" }, h("figcaption", {}, this.title, this.legend), this.svg);
  }

  update(title, { values, low, high, label, marks = [], scores = [] }, said) {
    const width = FRAME.width - this.left - FRAME.right;
    const across = (value) => this.left + (width * (value - low)) / (high - low);
    const floor = FRAME.top + FRAME.row * values.length;
    const height = floor + FRAME.bottom;
    const written = (x, y, anchor, words, kind) => s("text", { x, y, "text-anchor": anchor, class: kind }, words);
    const row = (value, at) => {
      const y = FRAME.top + FRAME.row * at;
      const [left, right] = [across(0), across(Number.isFinite(value) ? value : 0)].sort((a, b) => a - b);
      const bar = { x: left, y: y + 8, width: right - left, height: FRAME.row - 16, class: `cnn-bar ${value < 0 ? "down" : "up"}` };
      return s("g", { "data-class": at },
        s("rect", { x: 0, y, width: FRAME.width, height: FRAME.row, fill: "transparent" }),
        s("rect", bar),
        ...(marks.length ? [s("line", { class: "cnn-target", x1: across(marks[at]), x2: across(marks[at]), y1: y + 3, y2: y + FRAME.row - 3 })] : []),
        ...(scores.length ? [written(this.left - 8, y + FRAME.row / 2 + 4, "end", formatNumber(scores[at]), "score")] : []),
        written(CLASS - 8, y + FRAME.row / 2 + 4, "end", at === label ? `true ▸ ${at}` : String(at), at === label ? "true" : ""),
        written(FRAME.width - FRAME.right + 8, y + FRAME.row / 2 + 4, "start", shownNumber(value), "value"));
    };
    const zero = across(0);
    this.svg.setAttribute("viewBox", `0 0 ${FRAME.width} ${height}`);
    this.svg.setAttribute("aria-label", `${title}. ${said}`);
    this.svg.replaceChildren(
      s("rect", { class: "cnn-frame", x: this.left, y: FRAME.top, width, height: floor - FRAME.top }),
      ...values.map(row),
      s("line", { class: "cnn-ground", x1: zero, x2: zero, y1: FRAME.top, y2: floor }),
      ...[...new Set([low, 0, high])].map((value) => written(across(value), height - 5, "middle", formatNumber(value), "tick")),
    );
    this.title.textContent = title;
  }
}

function render({ model, el }) {
  const board = new Board({ model, el, keys: KEYS, draw, label: "Logits explorer" });
  const scaled = (key, label, min, max, unit) =>
    board.slider({ key, label, min, max, get: (state) => Math.round(state[key] / unit), put: (steps) => ({ [key]: Number((steps * unit).toFixed(2)) }), show: (_, state) => formatNumber(state[key]) }).node;
  const sliders = Array.from({ length: MOST }, (_, at) => {
    const put = (halves) => ({ logits: board.state().logits.map((logit, other) => (other === at ? halves / 2 : logit)) });
    const show = (_, { logits }) => formatNumber(logits[at] ?? 0);
    return board.slider({ key: `logit-${at}`, label: `Logit ${at}`, min: -2 * HIGHEST, max: 2 * HIGHEST, get: ({ logits }) => Math.round(2 * (logits[at] ?? 0)), put, show }).node;
  });
  const counts = Array.from({ length: MOST - FEWEST + 1 }, (_, at) => [at + FEWEST, String(at + FEWEST)]);
  const labels = board.slider({ key: "label", label: "True class", min: 0, max: MOST - 1, limit: ({ logits }) => logits.length - 1 });
  // Temperatures are spread evenly by ratio: ten steps from 1 to 10, twenty from 1 to 0.01.
  const temperature = {
    key: "temperature", label: "Temperature", min: -20, max: 10, get: (state) => Math.round(10 * Math.log10(state.temperature)),
    put: (tenths) => ({ temperature: Number((10 ** (tenths / 10)).toPrecision(2)) }), show: (_, state) => formatNumber(state.temperature),
  };
  board.controls.append(
    board.select({ key: "classes", label: "Classes", options: counts, get: ({ logits }) => logits.length, put: (count) => withClasses(board.state(), Number(count)) }),
    ...sliders,
    scaled("shift", "Raise all by", -20, 20, 50),
    board.slider(temperature).node,
    labels.node,
    scaled("label_smoothing", "Smoothing ε", 0, 50, 0.02),
    board.select({ key: "method", label: "Formula", options: [["stable", "stable"], ["naive", "naive"]] }),
  );
  const onkeydown = (event) => {
    const change = keyChange(event.key, board.state());
    if (change === null) return;
    event.preventDefault();
    board.set(change);
  };
  const onclick = (event) => {
    const row = event.target.closest("[data-class]");
    if (row) board.set({ label: Number(row.getAttribute("data-class")) });
  };
  const probabilities = new BarChart("probabilities", CLASS + 70, { tabindex: 0, onkeydown, onclick });
  ownKeys(probabilities.svg);
  probabilities.legend.append(": score z / T, bar p, line t (the target)");
  const gradient = new BarChart("gradient", CLASS);
  board.results.append(probabilities.node, gradient.node);
  board.notes.append(h("p", { class: "cnn-hint" }, "In the diagram of p: ↑ ↓ choose the true class, ← → move its logit; a click chooses a class."));

  function draw(state) {
    const found = evaluate(state);
    const said = logitsSentence(state);
    const reach = gradientReach(found.gradient);
    sliders.forEach((node, at) => (node.hidden = at >= state.logits.length));
    probabilities.update("Probabilities p", { values: found.probabilities, low: 0, high: 1, label: state.label, marks: found.targets, scores: scoresOf(state) }, said);
    gradient.update(`Gradient ${slopeName(state)}`, { values: found.gradient, low: -reach, high: reach, label: state.label }, said);
    board.say(said);
  }
  return () => board.dispose();
}

export default { render };
