// The paths of optimizers: a surface seen from above, the steps of a rule on it, and the loss along the path.

import { Board, formatNumber, h, ownKeys, s } from "./common.js";
import { BOX, CONDITIONED, SQUARES, SURFACES, contourPieces, surfaceHeights, surfaceLevels } from "./optimizer_paths_surfaces.js";

const KEYS = ["surface", "condition", "optimizer", "lr", "momentum", "start", "steps", "step", "fps"];
const FAR = 1e6; // a coordinate beyond this has diverged
const FLOOR = 1e-8; // the lowest loss above the minimum that the curve tells apart
const MOST_STEPS = 300;
const HOME = [-2, 1];
const RULE_NAMES = ["SGD", "Nesterov", "Adagrad", "Adadelta", "RMSprop", "Adam"];
const WITH_MOMENTUM = ["SGD", "Nesterov", "RMSprop", "Adam"];

/** Move a running average: keep old + (1 - keep) new. */
const averaged = (old, now, keep) => old * keep + (1 - keep) * now;

// Each rule takes a slope, what it remembers of this coordinate, the settings and the number of the step; it returns the move.
const RULES = {
  SGD(g, memory, { lr, momentum }) {
    if (!momentum) return lr * g;
    memory.v = "v" in memory ? memory.v * momentum + g : g;
    return lr * memory.v;
  },
  Nesterov(g, memory, { lr, momentum }) {
    memory.v = "v" in memory ? memory.v * momentum + g : g;
    return lr * (g + momentum * memory.v);
  },
  Adagrad(g, memory, { lr }) {
    memory.s = (memory.s ?? 0) + g * g;
    return (lr * g) / (Math.sqrt(memory.s) + 1e-10);
  },
  Adadelta(g, memory, { lr }) {
    memory.s = averaged(memory.s ?? 0, g * g, 0.9);
    const step = (Math.sqrt((memory.u ?? 0) + 1e-6) / Math.sqrt(memory.s + 1e-6)) * g;
    memory.u = averaged(memory.u ?? 0, step * step, 0.9);
    return lr * step;
  },
  RMSprop(g, memory, { lr, momentum }) {
    memory.s = averaged(memory.s ?? 0, g * g, 0.99);
    memory.v = (memory.v ?? 0) * momentum + g / (Math.sqrt(memory.s) + 1e-8);
    return lr * memory.v;
  },
  Adam(g, memory, { lr, momentum }, t) {
    memory.m = averaged(memory.m ?? 0, g, momentum);
    memory.s = averaged(memory.s ?? 0, g * g, 0.999);
    const root = Math.sqrt(memory.s) / Math.sqrt(1 - 0.999 ** t) + 1e-8;
    return ((lr / (1 - momentum ** t)) * memory.m) / root;
  },
};

/** The library's sentence about settings that it refuses; null while there is a path. */
export function pathProblem({ optimizer, momentum }) {
  if (optimizer !== "Nesterov" || momentum !== 0) return null;
  return "nesterov=True looks ahead along the momentum, and momentum=0.0. Write momentum=0.9, for example.";
}

const isNear = (point) => point.every((at) => Math.abs(at) <= FAR);

/** The points [x, y] from the start on; a path that diverges ends at its first point beyond FAR. Empty where the library refuses. */
export function optimizerPath(state) {
  if (pathProblem(state)) return [];
  const { slope } = SURFACES[state.surface];
  const memories = [{}, {}];
  const path = [[...state.start]];
  while (path.length <= state.steps && isNear(path.at(-1))) {
    const point = path.at(-1);
    const g = slope(...point, state.condition);
    path.push(point.map((at, axis) => at - RULES[state.optimizer](g[axis], memories[axis], state, path.length)));
  }
  return path;
}

/** A loss of any size: plain where three decimals tell it, else with a power of ten. */
export function formatLoss(value) {
  if (value === 0 || (Math.abs(value) >= 0.001 && Math.abs(value) < FAR)) return formatNumber(value);
  if (!Number.isFinite(value)) return "too large for a number";
  return value.toExponential(1).replace("e+", "e").replaceAll("-", "−");
}

const formatSpot = (point) => `(${point.map((at) => (Math.abs(at) < FAR ? formatNumber(at) : formatLoss(at))).join(", ")})`;
const lossAt = (state, point) => SURFACES[state.surface].value(...point, state.condition);

/** [formula, rate] below which the path converges on bowl and ravine; null for other surfaces and rules. */
export function pathLimit({ surface, condition, optimizer, momentum }) {
  if (!CONDITIONED.includes(surface) || !["SGD", "Nesterov"].includes(optimizer) || pathProblem({ optimizer, momentum })) return null;
  const [curvature, beta] = [condition, momentum].map(formatNumber);
  if (momentum === 0) return [`2/${curvature}`, 2 / condition];
  if (optimizer === "SGD") return [`2(1 + ${beta})/${curvature}`, (2 * (1 + momentum)) / condition];
  return [`2(1 + ${beta})/((1 + 2·${beta})·${curvature})`, (2 * (1 + momentum)) / ((1 + 2 * momentum) * condition)];
}

/** The point shown, what became of the path, and the stability limit where there is one; one line each. */
export function pathSentence(state, path = optimizerPath(state)) {
  const problem = pathProblem(state);
  if (problem) return problem;
  const last = path.length - 1;
  const at = Math.min(state.step, last);
  const steps = `${last} ${last === 1 ? "step" : "steps"}`;
  const slope = SURFACES[state.surface].slope(...path[at], state.condition);
  const lines = [`Step ${at} of ${last}: ${formatSpot(path[at])}, loss ${formatLoss(lossAt(state, path[at]))}, slope ${formatSpot(slope)}`];
  if (isNear(path[last])) lines.push(`After ${steps} the loss is ${formatLoss(lossAt(state, path[last]))}`);
  else lines.push(`The path diverges: after ${steps} a coordinate is beyond a million`);
  const limit = pathLimit(state);
  if (limit) {
    const side = state.lr < limit[1] ? "below it" : "not below it: the steep direction never settles";
    lines.push(`Stability limit ${limit[0]} = ${formatLoss(limit[1])}: the rate ${formatLoss(state.lr)} is ${side}`);
  }
  return lines.join("\n");
}

/** Powers of ten of the losses above the lowest one, from FLOOR up; those that are too large for a number are left out. */
export function logLosses(losses, lowest) {
  return losses.filter(Number.isFinite).map((loss) => Math.log10(Math.max(loss - lowest, FLOOR)));
}

/** The lowest and highest power of ten of the diagram, at least one apart. */
export function curveLimits(logs) {
  const low = Math.floor(Math.min(...logs));
  return [low, Math.max(Math.ceil(Math.max(...logs)), low + 1)];
}

const MAP = { width: 480, height: 320 };
const CURVE = { width: 340, height: 230, left: 40, right: 12, top: 10, bottom: 24 };
const onMap = ([x, y]) => [
  ((x - BOX.left) / (BOX.right - BOX.left)) * MAP.width, MAP.height - ((y - BOX.bottom) / (BOX.top - BOX.bottom)) * MAP.height,
];
const drawn = (points) => (points.length ? `M${points.map((point) => point.map((at) => at.toFixed(1)).join(" ")).join("L")}` : "");

/** The surface from above with the path; the reader moves the start by pointer and keys. */
class PathMap {
  constructor({ onMove, onKey }) {
    this.levels = s("path", { class: "cnn-level" });
    this.minima = s("path", { class: "cnn-minimum" });
    this.ahead = s("path", { class: "cnn-trail ahead" });
    this.trail = s("path", { class: "cnn-trail" });
    this.dots = s("path", { class: "cnn-trail-dots" });
    this.ring = s("circle", { class: "cnn-start", r: 7 });
    this.now = s("circle", { class: "cnn-now", r: 5.5 });
    const take = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const box = this.svg.getBoundingClientRect();
      const [across, up] = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
      onMove([BOX.left + across * (BOX.right - BOX.left), BOX.bottom + up * (BOX.top - BOX.bottom)]);
    };
    this.svg = ownKeys(
      s("svg", {
        role: "img", tabindex: 0, viewBox: `0 0 ${MAP.width} ${MAP.height}`, "data-chart": "map", onpointerdown: take, onpointermove: take,
        onkeydown: (event) => onKey(event) && event.preventDefault(),
      }, s("rect", { class: "cnn-frame", ...MAP }), this.levels, this.minima, this.ahead, this.trail, this.dots, this.ring, this.now),
    );
    this.title = h("figcaption");
    this.node = h("figure", { class: "cnn-panel cnn-path-map" }, this.title, this.svg);
  }

  update(state, path, at, said) {
    const { minima, text } = SURFACES[state.surface];
    const drawnSurface = `${state.surface} ${state.condition}`;
    if (this.drawnSurface !== drawnSurface) this.drawSurface(state, minima);
    this.drawnSurface = drawnSurface;
    this.title.replaceChildren(h("b", {}, state.surface), ` ${text}`);
    const points = path.map((point) => onMap(point.map((value) => Math.max(-FAR, Math.min(FAR, value)))));
    this.ahead.setAttribute("d", drawn(points.slice(at)));
    this.trail.setAttribute("d", drawn(points.slice(0, at + 1)));
    this.dots.setAttribute("d", points.slice(0, at + 1).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join(""));
    for (const [circle, point] of [[this.ring, onMap(state.start)], [this.now, points[at] ?? onMap(state.start)]])
      ["cx", "cy"].forEach((name, axis) => circle.setAttribute(name, point[axis].toFixed(1)));
    this.now.style.display = path.length ? "" : "none";
    this.svg.setAttribute("aria-label", `The surface ${state.surface}, ${text}, from above, with the path of ${state.optimizer}. ${said}`);
  }

  drawSurface(state, minima) {
    const values = surfaceHeights(state.surface, state.condition);
    const spot = ([x, y]) => `${((x / SQUARES.across) * MAP.width).toFixed(1)} ${(MAP.height - (y / SQUARES.up) * MAP.height).toFixed(1)}`;
    const pieces = surfaceLevels(state.surface, values).flatMap((level) => contourPieces(values, level));
    this.levels.setAttribute("d", pieces.map(([one, other]) => `M${spot(one)}L${spot(other)}`).join(""));
    this.minima.setAttribute("d", minima.map(onMap).map(([x, y]) => `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`).join(""));
  }
}

/** The loss above the lowest one against the step, on a logarithmic scale. */
class LossCurve {
  constructor() {
    const { width, height, left, right, top, bottom } = CURVE;
    this.marks = s("g", { class: "cnn-axis" });
    this.curve = s("path", { class: "cnn-curve" });
    this.now = s("circle", { class: "cnn-now", r: 5 });
    const frame = s("rect", { class: "cnn-frame", x: left, y: top, width: width - left - right, height: height - top - bottom });
    this.svg = s("svg", { role: "img", viewBox: `0 0 ${width} ${height}`, "data-chart": "loss" }, frame, this.marks, this.curve, this.now);
    this.node = h("figure", { class: "cnn-panel cnn-chart" }, h("figcaption", {}, h("b", {}, "Loss above the lowest")), this.svg);
  }

  update(state, path, at) {
    const { width, height, left, right, top, bottom } = CURVE;
    const logs = logLosses(path.map((point) => lossAt(state, point)), SURFACES[state.surface].lowest);
    const [low, high] = curveLimits(logs);
    const x = (step) => left + ((width - left - right) * step) / Math.max(logs.length - 1, 1);
    const y = (log) => height - bottom - ((height - top - bottom) * (log - low)) / (high - low);
    this.curve.setAttribute("d", drawn(logs.map((log, step) => [x(step), y(log)])));
    const shown = Math.min(at, logs.length - 1);
    this.now.setAttribute("cx", x(shown).toFixed(1));
    this.now.setAttribute("cy", y(logs[shown]).toFixed(1));
    const every = Math.max(1, Math.floor((high - low) / 5));
    const powers = Array.from({ length: high - low + 1 }, (_, number) => low + number).filter((power) => (power - low) % every === 0);
    const power = (value) => `1e${value}`.replace("-", "−");
    this.marks.replaceChildren(
      ...powers.map((value) => s("text", { x: left - 5, y: y(value) + 4, "text-anchor": "end" }, power(value))),
      s("text", { x: left, y: height - 8 }, "step 0"), s("text", { x: width - right, y: height - 8, "text-anchor": "end" }, `step ${logs.length - 1}`),
    );
    this.svg.setAttribute("aria-label", `Loss above the lowest, logarithmic, from ${formatLoss(10 ** logs[0])} to ${formatLoss(10 ** logs.at(-1))} in ${logs.length - 1} steps.`);
  }
}

function render({ model, el }) {
  const between = (value, low, high) => Math.round(100 * Math.max(low, Math.min(high, value))) / 100 + 0;
  const move = ([x, y]) => board.set({ start: [between(x, BOX.left, BOX.right), between(y, BOX.bottom, BOX.top)] });
  const onKey = ({ key, shiftKey }) => {
    const [[x, y], by] = [board.state().start, shiftKey ? 0.01 : 0.1];
    const moves = { ArrowLeft: [x - by, y], ArrowRight: [x + by, y], ArrowDown: [x, y - by], ArrowUp: [x, y + by], Home: HOME };
    if (!(key in moves)) return false;
    move(moves[key]);
    return true;
  };
  const map = new PathMap({ onMove: move, onKey });
  const curve = new LossCurve();
  const board = new Board({ model, el, keys: KEYS, draw, label: "Optimizer paths" });
  const controls = pathControls(board);
  board.stage.prepend(map.node);
  board.results.append(curve.node);
  board.notes.append(h("p", { class: "cnn-hint" },
    "Ring: the start. Filled dot: the point shown. Crosses: minima. Click or drag in the picture to move the start, or focus it and use the " +
    "arrow keys (with Shift in small steps); Home puts it back."));
  board.addTransport({ count: (state) => optimizerPath(state).length, unit: "Point" });

  function draw(state) {
    const path = optimizerPath(state);
    const at = Math.max(0, Math.min(state.step, path.length - 1));
    const problem = pathProblem(state);
    const said = pathSentence(state, path);
    controls.condition.hidden = !CONDITIONED.includes(state.surface);
    controls.momentum.hidden = !WITH_MOMENTUM.includes(state.optimizer);
    curve.node.hidden = Boolean(problem);
    board.complain(problem);
    board.say(problem ? "" : said);
    map.update(state, path, at, said);
    if (!problem) curve.update(state, path, at);
  }
  return () => board.dispose();
}

function pathControls(board) {
  const choose = (key, label, names) => board.select({ key, label, options: names.map((name) => [name, name]) });
  const slide = (options) => board.slider(options).node;
  const condition = slide({ key: "condition", label: "Condition κ", min: 1, max: 100, get: (state) => Math.round(state.condition) });
  // Twenty positions for every power of ten: the rate matters by its factor.
  const lr = slide({
    key: "lr", label: "Rate η", min: -80, max: 20, get: (state) => Math.round(20 * Math.log10(state.lr)), show: (_, state) => formatLoss(state.lr),
    put: (position) => ({ lr: Number((10 ** (position / 20)).toPrecision(2)) }),
  });
  const momentum = slide({
    key: "momentum", label: "Momentum β", min: 0, max: 99, get: (state) => Math.round(100 * state.momentum),
    put: (hundredths) => ({ momentum: hundredths / 100 }), show: (_, state) => formatNumber(state.momentum),
  });
  const steps = slide({ key: "steps", label: "Steps", min: 1, max: MOST_STEPS });
  board.controls.append(
    choose("surface", "Surface", Object.keys(SURFACES)), condition, choose("optimizer", "Optimizer", RULE_NAMES), lr, momentum, steps,
  );
  return { condition, momentum };
}

export default { render };
