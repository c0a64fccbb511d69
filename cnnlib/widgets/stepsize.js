// The step-size explorer: two difference quotients over a function, and their errors for every step from 1 down to 1e-15.

import { Board, formatNumber, h, ownKeys, s } from "./common.js";

const KEYS = ["function", "x", "log10_h", "precision"];
const REACH = 1.5; // the left diagram runs from x - 1.5 to x + 1.5
const [SMALLEST, LARGEST] = [-15, 0];
const [FLOOR, CEILING] = [-17, 1];
const MANTISSAS = ["1", "1.26", "1.58", "2", "2.51", "3.16", "3.98", "5.01", "6.31", "7.94"];
const EPSILON = { float64: 2 ** -52, float32: 2 ** -23 };
const ROUND = { float64: (value) => value, float32: Math.fround };
const KINDS = ["forward", "central"];

const sigmoidOf = (x, r) => r(1 / r(1 + r(Math.exp(-x))));

// value(x, r), in which r rounds every result, and the first three derivatives.
const FUNCTIONS = {
  exp: [(x, r) => r(Math.exp(x)), (x) => [Math.exp(x), Math.exp(x), Math.exp(x)]],
  sin: [(x, r) => r(Math.sin(x)), (x) => [Math.cos(x), -Math.sin(x), -Math.cos(x)]],
  sigmoid: [sigmoidOf, (x) => {
    const y = sigmoidOf(x, (value) => value);
    const rise = y * (1 - y);
    return [rise, rise * (1 - 2 * y), rise * (1 - 6 * y + 6 * y * y)];
  }],
  cube: [(x, r) => r(r(x * x) * x), (x) => [3 * x * x, 6 * x, 6]],
  square: [(x, r) => r(x * x), (x) => [2 * x, 2, 0]],
  relu: [(x) => Math.max(x, 0), (x) => [x > 0 ? 1 : 0, 0, 0]],
};

const tenthsOf = ({ log10_h }) => Math.floor(10 * log10_h + 0.5);

/** The step whose power of ten is tenths / 10, read from the same decimal text as in Python. */
export function stepSize(tenths) {
  return Number(`${MANTISSAS[((tenths % 10) + 10) % 10]}e${Math.floor(tenths / 10)}`);
}

export function scientific(value) {
  return value === 0 ? "0" : value.toExponential(1);
}

const valueAt = (state, x) => FUNCTIONS[state.function][0](x, ROUND[state.precision]);
const pointOf = (state) => ROUND[state.precision](state.x);
export const derivativesAt = (state) => FUNCTIONS[state.function][1](pointOf(state));

/** [forward, central] with one step; null where x and its neighbour are one number. */
export function quotientsAt(state, step) {
  const r = ROUND[state.precision];
  const x = pointOf(state);
  const [above, below] = [r(x + r(step)), r(x - r(step))];
  const quotient = (right, left) => (right === left ? null : r(r(valueAt(state, right) - valueAt(state, left)) / r(right - left)));
  return [quotient(above, x), quotient(above, below)];
}

export function errorsAt(state, step) {
  const [slope] = derivativesAt(state);
  return quotientsAt(state, step).map((each) => (each === null ? null : Math.abs(each - slope)));
}

/** Rows [tenths, forward error, central error] for every step of the right diagram. */
export function errorCurve(state) {
  return Array.from({ length: 10 * (LARGEST - SMALLEST) + 1 }, (_, at) => 10 * SMALLEST + at).map((tenths) => [tenths, ...errorsAt(state, stepSize(tenths))]);
}

/** The steps that the chapter's formulas call best; null where f or the derivative in question is 0. */
export function bestSteps(state) {
  const size = EPSILON[state.precision] * Math.abs(valueAt(state, pointOf(state)));
  const [, second, third] = derivativesAt(state).map(Math.abs);
  return [size && second ? 2 * Math.sqrt(size / second) : null, size && third ? ((3 * size) / third) ** (1 / 3) : null];
}

export function stepSentence(state) {
  const step = stepSize(tenthsOf(state));
  const [quotients, errors, best] = [quotientsAt(state, step), errorsAt(state, step), bestSteps(state)];
  const row = (kind, at) => {
    if (quotients[at] === null) return `${kind}: the step is lost, x and its neighbour are the same ${state.precision} number`;
    const advice = best[at] === null ? "no best step by the formula" : `best step by the formula ${scientific(best[at])}`;
    return `${kind} ${formatNumber(quotients[at])}, error ${scientific(errors[at])}; ${advice}`;
  };
  const head = `${state.function} at x = ${formatNumber(state.x)}: slope ${formatNumber(derivativesAt(state)[0])}; h = ${scientific(step)}, ${state.precision}`;
  return [head, ...KINDS.map(row)].join("\n");
}

export function errorPower(error) {
  return error === 0 ? FLOOR : Math.min(Math.max(Math.log10(error), FLOOR), CEILING);
}

/** What the left diagram holds: the curve's values with some air. */
export function curveLimits(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = Math.max((high - low) / 10, 0.1);
  return [low - air, high + air];
}

/** The two ends of the line through (x, y) inside the diagram; null where it does not cross it. */
export function lineEnds(x, y, slope, [left, right], up) {
  if (slope !== 0) {
    const places = up.map((bound) => x + (bound - y) / slope).sort((a, b) => a - b);
    [left, right] = [Math.max(left, places[0]), Math.min(right, places[1])];
  } else if (y < up[0] || y > up[1]) return null;
  return left < right ? [left, right].map((at) => [at, y + slope * (at - x)]) : null;
}

const FRAME = { width: 440, height: 250, left: 46, right: 12, top: 10, bottom: 24 };

/** A frame with keys and a pointer. `place` says which part of the frame, 0 to 1 and 0 to 1, a point of the diagram has. */
class StepChart {
  constructor(name, title, legend, { onPick, onKey }) {
    Object.assign(this, { name, title });
    this.inner = { x: FRAME.left, y: FRAME.top, width: FRAME.width - FRAME.left - FRAME.right, height: FRAME.height - FRAME.top - FRAME.bottom };
    this.content = s("g");
    const take = (event) => {
      const box = this.svg.getBoundingClientRect();
      onPick((((event.clientX - box.left) / box.width) * FRAME.width - this.inner.x) / this.inner.width);
    };
    this.svg = ownKeys(
      s("svg", {
        role: "img", tabindex: 0, viewBox: `0 0 ${FRAME.width} ${FRAME.height}`, "data-chart": name, onpointerdown: take,
        onkeydown: (event) => onKey(event.key) && event.preventDefault(),
      }, s("rect", { class: "cnn-frame", ...this.inner }), this.content),
    );
    this.node = h("figure", { class: "cnn-panel cnn-chart cnn-activation" }, h("figcaption", {}, h("b", {}, title), ...legend()), this.svg);
  }

  /** Take new ranges and show new content, made by `parts(spot)`. */
  update(across, up, said, parts) {
    const share = (value, [low, high]) => (value - low) / (high - low);
    const spot = ([x, y]) => [
      (this.inner.x + share(x, across) * this.inner.width).toFixed(1),
      (this.inner.y + (1 - share(y, up)) * this.inner.height).toFixed(1),
    ];
    this.content.replaceChildren(...parts(spot));
    this.svg.setAttribute("aria-label", `${this.title}. ${said}`);
  }
}

const path = (points, kind) => s("path", { class: kind, d: `M${points.map((point) => point.join()).join("L")}` });
const dot = ([cx, cy], kind) => s("circle", { class: kind, cx, cy, r: 5 });
const label = ([x, y], anchor, text) => s("text", { x, y, "text-anchor": anchor }, text);
const LOOKS = ["cnn-curve second", "cnn-curve"]; // forward, central
const powerText = (power) => (power ? `1e${power}` : "1");

function functionParts(state, across, up, values) {
  return (spot) => {
    const [x, step] = [pointOf(state), stepSize(tenthsOf(state))];
    const y = valueAt(state, x);
    const back = ROUND[state.precision](x - step);
    const [forward, central] = quotientsAt(state, step);
    const lines = [[x, y, derivativesAt(state)[0], "cnn-tangent cnn-thin"], [x, y, forward, LOOKS[0]], [back, valueAt(state, back), central, LOOKS[1]]];
    const drawn = lines.filter(([, , slope]) => slope !== null).map(([at, height, slope, kind]) => {
      const ends = lineEnds(at, height, slope, across, up);
      return ends ? path(ends.map(spot), kind) : s("g");
    });
    const ticks = [-1, 0, 1].map((way) => label([spot([state.x + way, 0])[0], FRAME.height - 8], "middle", formatNumber(state.x + way)));
    const heights = up.map((bound, at) => label([FRAME.left - 5, at ? FRAME.top + 10 : FRAME.height - FRAME.bottom], "end", formatNumber(Math.round(10 * bound) / 10)));
    return [path(values.map(spot), "cnn-step-function"), ...drawn, dot(spot([x, y]), "cnn-tangent-dot hollow"), s("g", { class: "cnn-axis" }, ...ticks, ...heights)];
  };
}

function errorParts(state) {
  return (spot) => {
    const [curve, now, best] = [errorCurve(state), errorsAt(state, stepSize(tenthsOf(state))), bestSteps(state)];
    const kinds = KINDS.flatMap((kind, at) => {
      const points = curve.filter((row) => row[at + 1] !== null).map((row) => spot([row[0] / 10, errorPower(row[at + 1])]));
      const power = best[at] === null ? null : Math.log10(best[at]);
      const shown = power !== null && power >= SMALLEST && power <= LARGEST;
      const mark = shown ? [path([spot([power, FLOOR]), spot([power, CEILING])], `cnn-best ${at ? "" : "second"}`)] : [];
      const point = now[at] === null ? [] : [dot(spot([tenthsOf(state) / 10, errorPower(now[at])]), `cnn-tangent-dot ${at ? "" : "second"}`)];
      return [path(points, LOOKS[at]), ...mark, ...point];
    });
    const steps = [-15, -10, -5, 0].map((power) => label([spot([power, 0])[0], FRAME.height - 8], power === -15 ? "start" : "middle", powerText(power)));
    const errors = [-15, -10, -5, 0].map((power) => label([FRAME.left - 5, Number(spot([0, power])[1]) + 4], "end", powerText(power)));
    return [...kinds, s("g", { class: "cnn-axis" }, ...steps, ...errors)];
  };
}

function render({ model, el }) {
  const clamp = (value, low, high) => Math.round(10 * Math.max(low, Math.min(high, value))) / 10 + 0;
  const moveX = (x) => board.set({ x: clamp(x, -2, 2) });
  const moveStep = (power) => board.set({ log10_h: clamp(power, SMALLEST, LARGEST) });
  const keys = (key, move, low, high) => (pressed) => {
    const value = board.state()[key];
    const moves = { ArrowLeft: value - 0.1, ArrowRight: value + 0.1, PageDown: value - 1, PageUp: value + 1, Home: low, End: high };
    if (!(pressed in moves)) return false;
    move(moves[pressed]);
    return true;
  };
  const legend = (...more) => () => [h("span", { class: "cnn-key" }, "central"), h("span", { class: "cnn-key second" }, "forward"), ...more.map((text) => h("span", { class: "cnn-more" }, text))];
  const left = new StepChart("function", "Function at x", legend("thin: tangent"), {
    onPick: (share) => moveX(board.state().x + (2 * share - 1) * REACH), onKey: keys("x", moveX, -2, 2),
  });
  const right = new StepChart("error", "Error over h", legend("dotted: best h"), {
    onPick: (share) => moveStep(SMALLEST + share * (LARGEST - SMALLEST)), onKey: keys("log10_h", moveStep, SMALLEST, LARGEST),
  });
  const board = new Board({ model, el, keys: KEYS, draw, label: "Step-size explorer" });
  const tenths = (key, text, low, high, show) =>
    board.slider({ key, label: text, min: 10 * low, max: 10 * high, get: (state) => Math.round(10 * state[key]), put: (value) => ({ [key]: value / 10 }), show: (_, state) => show(state) }).node;
  board.controls.append(
    board.select({ key: "function", label: "Function", options: Object.keys(FUNCTIONS).map((name) => [name, name]) }),
    tenths("x", "Point x", -2, 2, (state) => formatNumber(state.x)),
    tenths("log10_h", "log10 of h", SMALLEST, LARGEST, (state) => formatNumber(state.log10_h)),
    board.select({ key: "precision", label: "Precision", options: [["float64", "float64"], ["float32", "float32"]] }),
  );
  board.results.append(left.node, right.node);

  function draw(state) {
    const said = stepSentence(state);
    const across = [state.x - REACH, state.x + REACH];
    const values = Array.from({ length: 121 }, (_, at) => across[0] + (at * 2 * REACH) / 120).map((x) => [x, FUNCTIONS[state.function][0](x, ROUND.float64)]);
    const up = curveLimits(values.map(([, y]) => y));
    left.update(across, up, said, functionParts(state, across, up, values));
    right.update([SMALLEST, LARGEST], [FLOOR, CEILING], said, errorParts(state));
    board.say(said);
  }
  return () => board.dispose();
}

export default { render };
