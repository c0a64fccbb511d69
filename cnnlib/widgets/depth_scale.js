// The depth explorer: scale of the signal and of the gradient from layer to layer, predicted by recursion and measured in a random net.

import { Board, formatNumber, h, ownKeys, s } from "./common.js";

const KEYS = ["activation", "rule", "gain", "width", "depth", "batch_norm", "seed", "layer"];
const [BATCH, EPS, MOST_LAYERS, MOST_UNITS] = [64, 1e-5, 40, 64];
const QUADRATURE = 0.05; // step over normal numbers, from -8 to 8
const RULES = [["he", "He, 2/n"], ["xavier", "Xavier, 2/(n + m)"], ["pytorch", "PyTorch default, 1/(3n)"], ["unscaled", "unscaled, 1"], ["own", "own gain"]];

/** `count` numbers in (0, 1): the generator mulberry32, whose state only counts, so that browser and NumPy draw the same. */
export function uniforms(seed, count) {
  const start = Math.imul(seed + 1, 0x9e3779b9);
  return Float64Array.from({ length: count }, (_, at) => {
    const a = (start + Math.imul(at + 1, 0x6d2b79f5)) | 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  });
}

/** `count` standard normal numbers, by pairs, after Box and Muller. */
export function normals(seed, count) {
  const drawn = uniforms(seed, 2 * Math.ceil(count / 2));
  const result = new Float64Array(drawn.length);
  for (let at = 0; at < drawn.length; at += 2) {
    const [radius, angle] = [Math.sqrt(-2 * Math.log(drawn[at])), 2 * Math.PI * drawn[at + 1]];
    result[at] = radius * Math.cos(angle);
    result[at + 1] = radius * Math.sin(angle);
  }
  return result.subarray(0, count);
}

/** For a normal z of variance v: the mean square of f(z), the squared mean of f(z), and the mean square of the slope. */
function moments(activation, v) {
  if (activation === "linear") return [v, 0, 1];
  if (activation === "relu") return [v / 2, v / (2 * Math.PI), 0.5];
  let [squares, slopes] = [0, 0];
  for (let at = -160; at <= 160; at += 1) {
    const z = at * QUADRATURE;
    const share = (Math.exp((-z * z) / 2) * QUADRATURE) / Math.sqrt(2 * Math.PI);
    const square = Math.tanh(Math.sqrt(v) * z) ** 2;
    squares += share * square;
    slopes += share * (1 - square) ** 2;
  }
  return [squares, 0, slopes];
}

/** sigma times the root of the width, for square layers. */
export function ruleGain({ rule, gain, width }) {
  return { he: Math.SQRT2, xavier: 1, pytorch: Math.sqrt(1 / 3), unscaled: Math.sqrt(width), own: gain }[rule];
}

/** The scales after 0 .. depth layers by the recursions, for wide layers and large batches: [forward, backward]. */
export function predictedScales({ activation, depth, batch_norm }, gain) {
  const [forward, factors] = [[1], []];
  let [q, mean, slope] = [1, 0, 1];
  for (let at = 0; at < depth; at += 1) {
    const v = gain ** 2 * (batch_norm ? q - mean : q);
    [q, mean, slope] = moments(activation, batch_norm ? v / (v + EPS) : v);
    forward.push(Math.sqrt(q));
    factors.push(Math.sqrt((gain ** 2 * slope) / (batch_norm ? v + EPS : 1)));
  }
  const backward = [1];
  for (const factor of factors.reverse()) backward.unshift(backward[0] * factor);
  return [forward, backward];
}

/** y[i, o] = sum over k of x[i, k] w[o, k]; with `transposed`, w[k, o] in its place. w begins at `offset` of the drawn numbers. */
function multiply(x, drawn, offset, width, factor, transposed) {
  const y = new Float64Array(x.length);
  const [across, down] = transposed ? [1, width] : [width, 1];
  for (let i = 0; i < x.length; i += width) {
    for (let o = 0; o < width; o += 1) {
      let sum = 0;
      for (let k = 0, at = offset + o * across; k < width; k += 1, at += down) sum += x[i + k] * drawn[at];
      y[i + o] = sum * factor;
    }
  }
  return y;
}

/** Give every unit mean 0 and variance 1 over the batch; returns z and 1 / sqrt(variance + eps) of every unit. */
function normalise(sums, width) {
  const [z, inverse] = [new Float64Array(sums.length), new Float64Array(width)];
  for (let unit = 0; unit < width; unit += 1) {
    let [mean, square] = [0, 0];
    for (let at = unit; at < sums.length; at += width) mean += sums[at] / BATCH;
    for (let at = unit; at < sums.length; at += width) square += (sums[at] - mean) ** 2 / BATCH;
    inverse[unit] = 1 / Math.sqrt(square + EPS);
    for (let at = unit; at < sums.length; at += width) z[at] = (sums[at] - mean) * inverse[unit];
  }
  return { z, inverse };
}

/** The gradient by the sums: dz less its mean and less z times the mean of dz z, divided by the spread. In place. */
function normaliseBackward(dz, { z, inverse }, width) {
  for (let unit = 0; unit < width; unit += 1) {
    let [mean, along] = [0, 0];
    for (let at = unit; at < dz.length; at += width) {
      mean += dz[at] / BATCH;
      along += (dz[at] * z[at]) / BATCH;
    }
    for (let at = unit; at < dz.length; at += width) dz[at] = inverse[unit] * (dz[at] - mean - z[at] * along);
  }
  return dz;
}

const FORWARD = { linear: (z) => z, relu: (z) => Math.max(z, 0), tanh: Math.tanh };
const SLOPE = { linear: () => 1, relu: (z) => (z > 0 ? 1 : 0), tanh: (z) => 1 - Math.tanh(z) ** 2 };
const rootMeanSquare = (x) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);
const againstFirst = (roots) => roots.map((root) => root / roots[0]);
let store = {}; // the numbers drawn last: moving a slider of the net does not draw them again

function drawnNumbers(seed, width) {
  const key = `${seed} ${width}`;
  if (store.key !== key) store = { key, numbers: normals(seed, 2 * BATCH * width + MOST_LAYERS * width * width) };
  return store.numbers;
}

/** The same scales in one random net, on a batch of random inputs and with a random gradient at the top: [forward, backward]. */
export function measuredScales({ activation, width, depth, batch_norm, seed }, gain) {
  const drawn = drawnNumbers(seed, width);
  const size = BATCH * width;
  const [factor, offset] = [gain / Math.sqrt(width), (layer) => 2 * size + layer * width * width];
  let [x, dy] = [drawn.subarray(0, size), drawn.subarray(size, 2 * size)];
  const [forward, backward, kept] = [[rootMeanSquare(x)], [rootMeanSquare(dy)], []];
  for (let layer = 0; layer < depth; layer += 1) {
    const sums = multiply(x, drawn, offset(layer), width, factor, false);
    kept.push(batch_norm ? normalise(sums, width) : { z: sums });
    x = kept[layer].z.map(FORWARD[activation]);
    forward.push(rootMeanSquare(x));
  }
  for (let layer = depth - 1; layer >= 0; layer -= 1) {
    const dz = dy.map((value, at) => value * SLOPE[activation](kept[layer].z[at]));
    if (batch_norm) normaliseBackward(dz, kept[layer], width);
    dy = multiply(dz, drawn, offset(layer), width, factor, true);
    backward.push(rootMeanSquare(dy));
  }
  return [againstFirst(forward), againstFirst(backward).reverse()];
}

/** A scale in words: plain between 0.01 and 1000, with a power of ten elsewhere. */
export function formatScale(value) {
  if (value === 0 || (value >= 0.01 && value < 1000)) return formatNumber(value);
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return `${mantissa}·10^${formatNumber(Number(exponent))}`;
}

/** The lowest and the highest power of ten that a diagram of these curves must hold, at least -1 and 1. */
export function powersOfTen(curves) {
  const logs = curves.flat().filter((value) => value > 0).map(Math.log10);
  return [Math.min(-1, Math.floor(Math.min(...logs))), Math.max(1, Math.ceil(Math.max(...logs)))];
}

/** The scales at the chosen layer, predicted and measured. */
export function depthSentence(state, [signal, gradient], [signalFound, gradientFound]) {
  const [gain, at] = [ruleGain(state), state.layer];
  const place = at === 0 ? "At the input" : `After layer ${at} of ${state.depth}`;
  const both = (name, found, line) => `${name} ${formatScale(found[at])} measured, ${formatScale(line[at])} predicted`;
  return (
    `Gain ${formatNumber(gain)}, standard deviation of the weights ${formatNumber(gain / Math.sqrt(state.width))}.\n` +
    `${place}: ${both("signal", signalFound, signal)}; ${both("gradient", gradientFound, gradient)}.`
  );
}

const BOX = { width: 440, height: 262, x: 54, y: 10, across: 374, down: 216 };

/** One diagram over the layers, with powers of ten upwards: a line, dots, and a mark at the chosen layer. */
class ScaleChart {
  constructor(name, title, { onLayer, onKey }) {
    this.title = title;
    this.marks = s("g");
    const take = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const { left, width } = this.svg.getBoundingClientRect();
      onLayer((((event.clientX - left) / width) * BOX.width - BOX.x) / BOX.across);
    };
    const attributes = { role: "img", tabindex: 0, viewBox: `0 0 ${BOX.width} ${BOX.height}`, "data-chart": name };
    const listeners = { onpointerdown: take, onpointermove: take, onkeydown: (event) => onKey(event.key) && event.preventDefault() };
    this.svg = ownKeys(s("svg", { ...attributes, ...listeners }, s("rect", { class: "cnn-frame", x: BOX.x, y: BOX.y, width: BOX.across, height: BOX.down }), this.marks));
    this.node = h("figure", { class: "cnn-panel cnn-chart cnn-activation cnn-depth" }, h("figcaption", {}, h("b", {}, title)), this.svg);
  }

  update({ layer, depth }, line, dots, said) {
    const [low, high] = powersOfTen([line, dots]);
    const x = (at) => BOX.x + (BOX.across * at) / depth;
    const y = (power) => BOX.y + BOX.down * (1 - (Math.max(power, low) - low) / (high - low));
    const place = (value, at) => [x(at).toFixed(1), y(value > 0 ? Math.log10(value) : low).toFixed(1)];
    const step = Math.ceil((high - low) / 6);
    const powers = Array.from({ length: high - low + 1 }, (_, at) => low + at).filter((power) => power % step === 0);
    const layers = [...new Set([0, Math.round(depth / 2), depth])];
    const words = (at, up, anchor, ...content) => s("text", { x: at, y: up, "text-anchor": anchor }, ...content);
    const dot = (value, at) => {
      const [cx, cy] = place(value, at);
      return s("circle", { class: at === layer ? "chosen" : "", cx, cy, r: at === layer ? 5.5 : 3 });
    };
    this.marks.replaceChildren(
      s("g", { class: "cnn-axis" },
        ...powers.map((power) => s("line", { class: "cnn-zero", x1: BOX.x, x2: BOX.x + BOX.across, y1: y(power), y2: y(power) })),
        ...powers.map((power) => words(BOX.x - 6, y(power) + 4, "end", "10", s("tspan", { dy: -4, "font-size": 8.5 }, formatNumber(power)))),
        ...layers.map((at) => words(x(at), BOX.y + BOX.down + 16, "middle", String(at))),
        words(BOX.x + BOX.across / 2, BOX.height - 4, "middle", "layers passed, counted from the input"),
      ),
      s("line", { class: "cnn-tangent", "stroke-dasharray": "3 3", x1: x(layer), x2: x(layer), y1: BOX.y, y2: BOX.y + BOX.down }),
      s("path", { class: "cnn-curve", d: `M${line.map((value, at) => place(value, at).join()).join("L")}` }),
      ...dots.map(dot),
    );
    this.svg.setAttribute("aria-label", `${this.title}: scale against depth, from 10^${formatNumber(low)} to 10^${formatNumber(high)}. ${said}`);
  }
}

function render({ model, el }) {
  let [last, found] = ["", null];
  const toLayer = (layer) => board.set({ layer: Math.max(0, Math.min(board.state().depth, Math.round(layer))) });
  const onLayer = (share) => toLayer(share * board.state().depth);
  const onKey = (key) => {
    const { layer, depth } = board.state();
    const moves = { ArrowLeft: layer - 1, ArrowRight: layer + 1, PageDown: layer - 5, PageUp: layer + 5, Home: 0, End: depth };
    if (!(key in moves)) return false;
    toLayer(moves[key]);
    return true;
  };
  const titles = [["signal", "Signal, forward from the input"], ["gradient", "Gradient, backward from the top"]];
  const charts = titles.map(([name, title]) => new ScaleChart(name, title, { onLayer, onKey }));
  const reconcile = ({ layer, depth }) => ({ layer: Math.min(layer, depth) });
  const board = new Board({ model, el, keys: KEYS, draw, reconcile, label: "Depth explorer: scale of signal and gradient" });
  const choices = (names) => names.map((name) => [name, name]);
  const plain = (key, label, min, max) => board.slider({ key, label, min, max }).node;
  const gain = board.slider({
    key: "gain", label: "Gain σ√n", min: 2, max: 60, get: (state) => Math.round(20 * state.gain), put: (step) => ({ gain: step / 20 }),
    show: (_, state) => formatNumber(state.gain),
  }).node;
  board.controls.append(
    board.select({ key: "activation", label: "Activation", options: choices(["linear", "relu", "tanh"]) }),
    board.select({ key: "rule", label: "Weight rule", options: RULES }),
    gain,
    plain("width", "Width n", 4, MOST_UNITS),
    plain("depth", "Layers", 1, MOST_LAYERS),
    board.slider({ key: "layer", label: "Look at layer", min: 0, max: MOST_LAYERS, limit: ({ depth }) => depth }).node,
    plain("seed", "Draw", 0, 9),
    board.check({ key: "batch_norm", label: "Batch norm", get: (state) => state.batch_norm, put: (batch_norm) => board.set({ batch_norm }) }),
  );
  board.results.append(...charts.map(({ node }) => node));
  board.notes.append(h("p", { class: "cnn-hint" }, "Line: predicted for wide layers. Dots: measured in one random net."));

  function draw(state) {
    const key = KEYS.filter((name) => name !== "layer").map((name) => state[name]).join();
    if (key !== last) [last, found] = [key, [predictedScales, measuredScales].map((scales) => scales(state, ruleGain(state)))];
    gain.hidden = state.rule !== "own";
    const said = depthSentence(state, ...found);
    charts.forEach((chart, at) => chart.update(state, found[0][at], found[1][at], said));
    board.say(said);
  }
  return () => board.dispose();
}

export default { render };
