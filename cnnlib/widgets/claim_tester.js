// The claim tester: what a circulating statement says, beside what is true, at sizes that the reader chooses. The statements and truths
// below are computed here; those about gradients are Python's, and come as the trait `answer`.

import { Board, formatNumber, h } from "./common.js";
import { Grid, cellSize } from "./grid.js";

const KEYS = ["item", "settings", "facts", "controls", "answer", "answers"];
const CLOSE = 1e-6;
const WAITING = "At these sizes Python computes this statement. Waiting for the notebook's kernel; a page without one knows image 3 and kernel 2.";
const BY_PYTHON = "Computed in the notebook's kernel; a page without one knows image 3 and kernel 2. Two kernels, and their maps, stand one below the other.";

const range = (count) => Array.from({ length: count }, (_, at) => at);
const table = (rows, columns, value) => range(rows).map((i) => range(columns).map((j) => value(i, j)));
const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);
const places = (n, k, s, p = 0, d = 1) => Math.max(0, Math.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1);
const cellPattern = (n) => table(n, n, (i, j) => (7 * i + 5 * j + i * j) % 10);
const countedKernel = (k) => table(k, k, (u, v) => u * k + v + 1);
const zeroOutside = (x, i, j) => x[i]?.[j] ?? 0;
const pairs = (k) => range(k * k).map((at) => [Math.floor(at / k), at % k]);

/** The sliding product of a square image and a square kernel. */
function slide(x, w, s = 1, p = 0) {
  const size = places(x.length, w.length, s, p);
  return table(size, size, (i, j) => total(pairs(w.length).map(([u, v]) => zeroOutside(x, i * s + u - p, j * s + v - p) * w[u][v])));
}

const flip = (w) => w.map((row) => [...row].reverse()).reverse();

function poolWindows(x, k, s, summary) {
  const size = places(x.length, k, s);
  return table(size, size, (i, j) => summary(pairs(k).map(([m, n]) => x[i * s + m][j * s + n])));
}

const largest = (cells) => Math.max(...cells);
const mean = (cells) => total(cells) / cells.length;
const twoStrides = (summary) => ({ image, kernel_size: k }) => ({
  "windows side by side": poolWindows(image, k, k, summary),
  "a window moved by one": poolWindows(image, k, 1, summary),
});
const overlap = (t) => Math.max(0, Math.min(1, t) - Math.max(0, t - 1));
const powers = (x, shift) => x[0].map((value) => Math.exp(value - shift));
const shares = (numbers) => [numbers.map((number) => number / total(numbers))];

/** The inputs of every subject, made from its settings. */
const INPUTS = {
  sliding: ({ n, kernel_size }) => ({ image: cellPattern(n), kernel: countedKernel(kernel_size) }),
  max: ({ n }) => ({ image: cellPattern(n) }),
  "average of windows": ({ n }) => ({ image: cellPattern(n) }),
  average: () => ({ x: [range(6).map((at) => (at + 1) ** 2)] }),
  scores: ({ c }) => ({ x: [[c, c + 1, c + 2]] }),
  wave: ({ middle }) => ({ kernel: [[1, middle, 1]] }),
};

const TRUE = {
  window: ({ n, kernel_size, stride, padding, dilation }) => places(n, kernel_size, stride, padding, dilation),
  pool: ({ n, kernel_size, stride }) => places(n, kernel_size, stride),
  chain: ({ n, kernel_size, pool }) => places(places(n, kernel_size, 1), pool, pool),
  sliding: ({ image, kernel, stride, padding }) => slide(image, kernel, stride, padding),
  max: ({ image, kernel_size, stride }) => poolWindows(image, kernel_size, stride, largest),
  "average of windows": ({ image, kernel_size, stride }) => poolWindows(image, kernel_size, stride, mean),
  boxes: ({ f, g, t }) => f * g * overlap(t),
  average: ({ x, length }) => [range(7 - length).map((at) => mean(x[0].slice(at, at + length)))],
  scores: ({ x }) => shares(powers(x, Math.max(...x[0]))),
  shift: ({ place, pool, shift }) => Math.floor(place / pool) === Math.floor((place + shift) / pool),
  savings: ({ images, maps, n, kernel_size: k }) => {
    const [weights, fields] = [maps * k ** 2, places(n, k, 1) ** 2];
    const dense = maps * fields * n ** 2;
    return [[weights < dense, weights * fields < dense, weights + images * k ** 2 * fields < dense].map(String)];
  },
  wave: ({ middle, cycles }) => Math.abs(middle + 2 * Math.cos((2 * Math.PI * cycles) / 16)),
};

const STATED = {
  F1: ({ n, kernel_size, stride, padding }) => (n - kernel_size + 2 * padding) / stride + 1,
  F2: ({ n, kernel_size, stride }) => (n - kernel_size) / stride + 1,
  F4: ({ image, kernel }) => {
    const wide = kernel.length - 1;
    const turned = flip(kernel);
    return { "the sliding product": slide(image, kernel), "the flipped one": slide(image, turned), "the full one": slide(image, turned, 1, wide) };
  },
  F6: (v) => ({ ...twoStrides(largest)(v), "the whole image": largest(v.image.flat()) }),
  F7: ({ x }) => shares(powers(x, 0)),
  F10: ({ image, kernel_size, stride }) => ({
    "one number": largest(image.flat()),
    "one number per window": poolWindows(image, kernel_size, stride, largest),
  }),
  F11: ({ image, kernel }) => slide(image, flip(kernel), 1, kernel.length - 1),
  F18: () => [["true", "true", "true"]],
  F22: ({ t }) => overlap(t),
  F23: ({ x, length }) => [range(7 - length).map((at) => total(x[0].slice(at, at + length)))],
  F27: ({ n, kernel_size, pool }) => (n - kernel_size + 1) / pool,
  F31: () => 1,
  F33: ({ image, kernel }) => {
    const size = places(image.length, kernel.length, 1);
    return table(size, size, (i, j) => total(range(kernel.length).map((k) => image[i + k][j + k] * kernel[k][0])));
  },
  F34: ({ image, kernel_size, stride }) => {
    const [size, cells] = [places(image.length, kernel_size, stride), image.flat()];
    return table(size, size, (i, j) => largest(pairs(kernel_size).map(([m, n]) => cells[i * m + j * n])));
  },
  F36: ({ n, kernel_size }) => n / kernel_size,
  F37: twoStrides(mean),
  F39: () => true,
  F40: twoStrides(largest),
  F45: ({ f, g, t }) => (f + g) * overlap(t),
  F47: ({ n, kernel_size }) => n - kernel_size + 1,
  F48: ({ image, kernel }) => slide(image, kernel),
  F49: ({ n }) => n,
  F50: ({ n, kernel_size: k, stride: s }) => ({
    "a step from start to start": Math.floor((n - k) / s) + 1,
    "a gap between windows": Math.floor((n - k) / (k + s)) + 1,
  }),
};

const rowsOf = (value) => (Array.isArray(value) ? value : [[typeof value === "boolean" ? String(value) : value]]);
const sameCell = (a, b) => (typeof a === "string" || typeof b === "string" ? a === b : Math.abs(a - b) <= CLOSE * Math.max(1, Math.abs(b)));
const sameShape = (one, other) => one.length === other.length && one[0].length === other[0].length;
const cellText = (value) => (typeof value === "string" ? value : Number.isNaN(value) ? "NaN" : formatNumber(value));
const inWords = (rows) => rows.map((row) => row.map(cellText).join(" ")).join("; ");

/** [item, subject, text, article] of the chosen statement. */
const factOf = ({ item, facts }) => facts.find(([name]) => name === item);
const subjectOf = (state) => factOf(state)[1];
const controlsOf = (state) => state.controls[subjectOf(state)];

/** The statement and its settings as one string, by which Python's answer is known. */
export function answerKey(state) {
  return [state.item, ...controlsOf(state).map(([name]) => formatNumber(state.settings[name]))].join(" ");
}

/** The picture: inputs and stated as [title, rows], true as rows, agree; null while Python's answer to this setting is not there. */
export function testerFrame(state) {
  const { item, settings, answer, answers } = state;
  if (!(item in STATED)) return answer.key === answerKey(state) ? answer : (answers[answerKey(state)] ?? null);
  const subject = subjectOf(state);
  const inputs = INPUTS[subject]?.(settings) ?? {};
  const stated = STATED[item]({ ...settings, ...inputs });
  const readings = stated.constructor === Object ? Object.entries(stated) : [["Stated", stated]];
  const sides = readings.map(([title, value]) => [title, rowsOf(value)]);
  const truth = rowsOf(TRUE[subject]({ ...settings, ...inputs }));
  const agrees = (rows) => sameShape(rows, truth) && rows.every((row, i) => row.every((cell, j) => sameCell(cell, truth[i][j])));
  return { inputs: Object.entries(inputs), stated: sides, true: truth, agree: sides.map(([, rows]) => agrees(rows)) };
}

/** The settings, and whether the two sides agree, reading by reading; Python's sentence. */
export function testerSentence(state, frame) {
  const { item, settings } = state;
  const where = controlsOf(state).map(([name, label]) => `${label} = ${formatNumber(settings[name])}`).join(", ");
  const verdicts = frame.agree.map((each) => (each ? "agree" : "differ"));
  if (verdicts.length > 1) return `${item} at ${where}: ${frame.stated.map(([title], at) => `${title}: ${verdicts[at]}`).join("; ")}.`;
  const stated = frame.stated[0][1];
  const small = frame.true.length * frame.true[0].length === 1 && stated.length === 1;
  const values = small ? `stated ${inWords(stated)}, true ${inWords(frame.true)}. ` : "";
  return `${item} at ${where}: ${values}Stated and true ${verdicts[0]}.`;
}

/** The settings that a statement's controls have at first. */
export function firstSettings(state) {
  return Object.fromEntries(controlsOf(state).map(([name, , , , first, divisor]) => [name, first / divisor]));
}

function render({ model, el }) {
  const grids = (name, count) => range(count).map((at) => new Grid(`${name}-${at}`));
  const [inputs, stated, truth] = [grids("input", 3), grids("stated", 3), new Grid("true")];
  const reconcile = (state, before) => (subjectOf(state) === subjectOf(before) ? {} : { settings: firstSettings(state) });
  const board = new Board({ model, el, keys: KEYS, draw, reconcile, label: "Claim tester: a circulating statement beside the truth" });
  const { facts, controls } = board.state();
  const choices = facts.map(([item, , text]) => [item, `${item}: ${text}`]);
  const chooser = board.select({ key: "item", label: "Statement", options: choices });
  chooser.classList.add("cnn-wide");
  board.controls.append(chooser);
  const sliders = Object.entries(controls).flatMap(([subject, all]) => all.map((control) => slider(subject, ...control)));
  const claim = h("p", { class: "cnn-claim" });
  const note = h("p", { class: "cnn-hint" });
  board.side.before(...inputs.map(({ node }) => node));
  board.side.prepend(claim);
  board.results.append(...stated.map(({ node }) => node), truth.node);
  board.notes.append(note);

  function slider(subject, name, label, min, max, first, divisor) {
    const { node } = board.slider({
      key: `${subject}-${name}`, label, min, max, show: (steps) => formatNumber(steps / divisor),
      get: ({ settings }) => (settings[name] ?? first / divisor) * divisor,
      put: (steps) => ({ settings: { ...board.state().settings, [name]: steps / divisor } }),
    });
    board.controls.append(node);
    return { node, subject };
  }

  /** Paint one grid; cells that differ from the truth are hatched. */
  function paint(grid, title, rows, against, said) {
    grid.node.hidden = rows === undefined;
    if (rows === undefined) return;
    const wrong = (i, j) => against && (!sameShape(rows, against) || !sameCell(rows[i][j], against[i][j]));
    const cell = (i, j) => ({ text: cellText(rows[i][j]), mark: wrong(i, j) ? "unread" : "" });
    const size = cellSize(Math.max(rows.length, rows[0].length, 7));
    grid.update({ rows: [0, rows.length], columns: [0, rows[0].length], cell, size, title, label: `${title}: ${inWords(rows)}. ${said}` });
  }

  function draw(state) {
    const [, subject, text, source] = factOf(state);
    sliders.forEach((each) => (each.node.hidden = each.subject !== subject));
    claim.replaceChildren(h("b", {}, state.item), ` (article ${source}): ${text}`);
    const frame = testerFrame(state);
    const said = frame ? testerSentence(state, frame) : WAITING;
    const nothing = ["", undefined];
    inputs.forEach((grid, at) => paint(grid, ...(frame?.inputs[at] ?? nothing), null, said));
    stated.forEach((grid, at) => paint(grid, ...(frame?.stated[at] ?? nothing), frame?.true, said));
    paint(truth, "True", frame?.true, null, said);
    note.textContent = state.item in STATED
      ? "Computed in this page. Hatched: differs from the truth."
      : `${BY_PYTHON} Hatched: differs from the truth.`;
    board.say(said);
  }
  return () => board.dispose();
}

export default { render };
