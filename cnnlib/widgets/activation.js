// The activation explorer: the curve of an activation, the curve of its slope, and the tangent at a point that the reader moves.

import { Board, formatNumber, h, ownKeys, s } from "./common.js";

const KEYS = ["activation", "compare", "x", "negative_slope", "alpha", "beta", "approximate", "facts"];
const REACH = 6;
const THRESHOLD = 20; // beyond, softplus is plainly x
const SCALE = Math.sqrt(2 / Math.PI);
const CUBE = 0.044715;
const NAMES = ["relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "tanh"];

const sigmoidAt = (x) => (x >= 0 ? 1 : Math.exp(x)) / (1 + Math.exp(-Math.abs(x)));
const density = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** The normal distribution function: 1/2 plus the density times x + x^3/3 + x^5/(3·5) + ..., whose terms have one sign. */
function normalAt(x) {
  let [term, sum] = [x, x];
  for (let odd = 3; Math.abs(term) > 1e-18 * Math.abs(sum); odd += 2) sum += term *= (x * x) / odd;
  return 0.5 + density(x) * sum;
}

const gateAt = (x) => (1 + Math.tanh(SCALE * (x + CUBE * x * x * x))) / 2;

const VALUES = {
  relu: (x) => Math.max(x, 0),
  leaky_relu: (x, { negative_slope }) => (x > 0 ? x : negative_slope * x),
  elu: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
  gelu: (x, { approximate }) => x * (approximate === "tanh" ? gateAt(x) : normalAt(x)),
  silu: (x) => x * sigmoidAt(x),
  softplus: (x, { beta }) => (beta * x > THRESHOLD ? x : Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(beta * x))) / beta),
  sigmoid: sigmoidAt,
  tanh: Math.tanh,
};

const SLOPES = {
  relu: (x) => (x > 0 ? 1 : 0),
  leaky_relu: (x, { negative_slope }) => (x > 0 ? 1 : negative_slope),
  elu: (x, { alpha }) => (x > 0 ? 1 : alpha * Math.exp(x)),
  gelu: (x, { approximate }) => {
    if (approximate !== "tanh") return normalAt(x) + x * density(x);
    const gate = gateAt(x);
    return gate + x * 2 * gate * (1 - gate) * SCALE * (1 + 3 * CUBE * x * x);
  },
  silu: (x) => sigmoidAt(x) * (1 + x * sigmoidAt(-x)),
  softplus: (x, { beta }) => (beta * x > THRESHOLD ? 1 : sigmoidAt(beta * x)),
  sigmoid: (x) => sigmoidAt(x) * sigmoidAt(-x),
  tanh: (x) => 1 - Math.tanh(x) ** 2,
};

export function activationValue(name, x, options) {
  return VALUES[name](x, options);
}

export function activationSlope(name, x, options) {
  return SLOPES[name](x, options);
}

/** [left, right]: the slopes beside 0 where they differ, else null. */
export function kinkOf(name, { negative_slope, alpha }) {
  const left = { relu: 0, leaky_relu: negative_slope, elu: alpha }[name] ?? 1;
  return left === 1 ? null : [left, 1];
}

/** The activations shown: one, or two. */
export function shownNames({ activation, compare }) {
  return compare === "none" || compare === activation ? [activation] : [activation, compare];
}

/** "relu(1.5) = 1.5, slope 1", one line for each activation. */
export function activationSentence(state) {
  const line = (name) => {
    const slope = formatNumber(activationSlope(name, state.x, state));
    const said = `${name}(${formatNumber(state.x)}) = ${formatNumber(activationValue(name, state.x, state))}, slope ${slope}`;
    const kink = state.x === 0 && kinkOf(name, state);
    if (!kink) return said;
    return `${said} (a kink: slope ${formatNumber(kink[0])} from the left, ${formatNumber(kink[1])} from the right; ${slope} is taken)`;
  };
  return shownNames(state).map(line).join("\n");
}

/** What a diagram must hold: the values, and at least -0.25 to 1.1, with a little air. */
export function chartLimits(values) {
  return [Math.min(-0.25, 1.05 * Math.min(...values)), Math.max(1.1, 1.05 * Math.max(...values))];
}

/** The two ends of the tangent through (x, y), inside -6 to 6 and the diagram's limits. */
export function tangentEnds(x, y, slope, [low, high]) {
  let [left, right] = [-REACH, REACH];
  if (slope !== 0) {
    const places = [low, high].map((bound) => x + (bound - y) / slope).sort((a, b) => a - b);
    [left, right] = [Math.max(left, places[0]), Math.min(right, places[1])];
  }
  return [left, right].map((at) => [at, y + slope * (at - x)]);
}

const FRAME = { width: 440, height: 250, left: 46, right: 12, top: 10, bottom: 24 };
// The left branch ends on 0; the right one begins just behind it, so a jump of the slope stays a jump.
const BRANCHES = [
  Array.from({ length: 121 }, (_, at) => -REACH + at * 0.05),
  [1e-9, ...Array.from({ length: 120 }, (_, at) => (at + 1) * 0.05)],
];

/** One diagram: a frame, two axes, two curves, a tangent and a point. */
class Chart {
  constructor(name, title, { curve, tangent, onMove, onKey }) {
    Object.assign(this, { name, title, curve, tangent });
    this.axes = s("g", { class: "cnn-axis" });
    this.curves = ["first", "second"].map((kind) => s("path", { class: `cnn-curve ${kind}` }));
    this.line = s("line", { class: "cnn-tangent" });
    this.dot = s("circle", { class: "cnn-tangent-dot", r: 5.5 });
    const inner = { x: FRAME.left, y: FRAME.top, width: FRAME.width - FRAME.left - FRAME.right, height: FRAME.height - FRAME.top - FRAME.bottom };
    const take = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const box = this.svg.getBoundingClientRect();
      const across = (((event.clientX - box.left) / box.width) * FRAME.width - inner.x) / inner.width;
      onMove((2 * across - 1) * REACH);
    };
    this.svg = ownKeys(
      s("svg", {
        role: "img", tabindex: 0, viewBox: `0 0 ${FRAME.width} ${FRAME.height}`, "data-chart": name, onpointerdown: take, onpointermove: take,
        onkeydown: (event) => onKey(event.key) && event.preventDefault(),
      }, s("rect", { class: "cnn-frame", ...inner }), this.axes, ...this.curves, ...(tangent ? [this.line] : []), this.dot),
    );
    this.legend = h("span");
    this.node = h("figure", { class: "cnn-panel cnn-chart cnn-activation" }, h("figcaption", {}, h("b", {}, title), this.legend), this.svg);
  }

  spot([x, y]) {
    const [low, high] = this.range;
    const across = FRAME.left + ((x + REACH) / (2 * REACH)) * (FRAME.width - FRAME.left - FRAME.right);
    const up = FRAME.height - FRAME.bottom - ((y - low) / (high - low)) * (FRAME.height - FRAME.top - FRAME.bottom);
    return [across.toFixed(1), up.toFixed(1)];
  }

  update(state, said) {
    const names = shownNames(state);
    const pieces = names.map((name) => BRANCHES.map((branch) => branch.map((x) => [x, this.curve(name, x, state)])));
    this.range = chartLimits(pieces.flat(2).map(([, y]) => y));
    this.curves.forEach((path, number) => {
      const drawn = (branch) => `M${branch.map((point) => this.spot(point).join()).join("L")}`;
      path.setAttribute("d", number < names.length ? pieces[number].map(drawn).join("") : "");
    });
    const y = this.curve(state.activation, state.x, state);
    const [cx, cy] = this.spot([state.x, y]);
    this.dot.setAttribute("cx", cx);
    this.dot.setAttribute("cy", cy);
    if (this.tangent) {
      const ends = tangentEnds(state.x, y, activationSlope(state.activation, state.x, state), this.range).map((end) => this.spot(end));
      ["x1", "y1", "x2", "y2"].forEach((at, number) => this.line.setAttribute(at, ends.flat()[number]));
    }
    this.drawAxes();
    this.legend.replaceChildren(...names.map((name, number) => h("span", { class: `cnn-key ${number ? "second" : ""}` }, name)));
    this.svg.setAttribute("aria-label", `${this.title} from ${formatNumber(-REACH)} to ${REACH}. ${said}`);
  }

  drawAxes() {
    const mark = ([x, y], anchor, text, dx = 0, dy = 0) => s("text", { x: Number(x) + dx, y: Number(y) + dy, "text-anchor": anchor }, text);
    const [low, high] = this.range;
    const floor = FRAME.height - 8;
    const heights = Array.from({ length: 13 }, (_, at) => at - REACH).filter((y) => y >= low && y <= high && (high - low < 5 || y % 2 === 0));
    this.axes.replaceChildren(
      ...[[[-REACH, 0], [REACH, 0]], [[0, low], [0, high]]].map(([from, to]) => {
        const [[x1, y1], [x2, y2]] = [this.spot(from), this.spot(to)];
        return s("line", { class: "cnn-zero", x1, y1, x2, y2 });
      }),
      ...[-REACH, -4, -2, 0, 2, 4, REACH].map((x) => s("text", { x: this.spot([x, 0])[0], y: floor, "text-anchor": "middle" }, formatNumber(x))),
      ...heights.map((y) => mark(this.spot([-REACH, y]), "end", formatNumber(y), -5, 4)),
    );
  }
}

function render({ model, el }) {
  const move = (x) => board.set({ x: Math.round(10 * Math.max(-REACH, Math.min(REACH, x))) / 10 + 0 });
  const onKey = (key) => {
    const { x } = board.state();
    const moves = { ArrowLeft: x - 0.1, ArrowRight: x + 0.1, PageDown: x - 1, PageUp: x + 1, Home: -REACH, End: REACH };
    if (!(key in moves)) return false;
    move(moves[key]);
    return true;
  };
  const charts = [
    new Chart("value", "Value", { curve: activationValue, tangent: true, onMove: move, onKey }),
    new Chart("slope", "Slope", { curve: activationSlope, tangent: false, onMove: move, onKey }),
  ];
  const board = new Board({ model, el, keys: KEYS, draw, label: "Activation explorer" });
  const choices = NAMES.map((name) => [name, name]);
  const parts = { leaky_relu: option("negative_slope", 0, 100, 100), elu: option("alpha", 1, 30, 10), softplus: option("beta", 5, 100, 10) };
  parts.gelu = board.select({ key: "approximate", label: "approximate", options: [["none", "none (exact)"], ["tanh", "tanh"]] });
  board.controls.append(
    board.select({ key: "activation", label: "Activation", options: choices }),
    board.select({ key: "compare", label: "Compare with", options: [["none", "none"], ...choices] }),
    board.slider({ key: "x", label: "Point x", min: -10 * REACH, max: 10 * REACH, get: ({ x }) => Math.round(10 * x), put: (tenths) => ({ x: tenths / 10 }), show: (_, { x }) => formatNumber(x) }).node,
    ...Object.values(parts),
  );
  board.results.append(...charts.map(({ node }) => node));
  const facts = h("dl", { class: "cnn-sizes" });
  board.notes.append(facts);

  /** A slider whose whole steps are tenths or hundredths of the option. */
  function option(key, min, max, unit) {
    return board.slider({ key, label: key, min, max, get: (state) => Math.round(unit * state[key]), put: (step) => ({ [key]: step / unit }), show: (_, state) => formatNumber(state[key]) }).node;
  }

  function draw(state) {
    const said = activationSentence(state);
    const names = shownNames(state);
    for (const [name, node] of Object.entries(parts)) node.hidden = !names.includes(name);
    charts.forEach((chart) => chart.update(state, said));
    facts.replaceChildren(...names.flatMap((name) => [h("dt", {}, name), h("dd", {}, `${state.facts[name][0]}; range: ${state.facts[name][1]}`)]));
    board.say(said);
  }
  return () => board.dispose();
}

export default { render };
