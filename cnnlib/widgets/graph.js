// The graph stepper: an expression as a graph, forward node by node, then back edge by edge, with every number on its place.

import { Board, formatNumber, formatTerm, h, ownKeys, s } from "./common.js";

const LIMIT = 5;
const MOST_INPUTS = 4;
export const ORDERS = ["reverse topological", "first come, first served"];
const [COLUMN, ROW, WIDE, HIGH, MARGIN, BEND] = [178, 104, 108, 66, 12, 52]; // of the picture, as in the static one

// How an operation is written (x, y stand for its arguments), its value, and its slopes as numbers and in names.
const WRITTEN = {
  add: (x, y) => `${x} + ${y}`, sub: (x, y) => `${x} − ${y}`, mul: (x, y) => `${x}·${y}`, square: (x) => `${x}²`,
  relu: (x) => `relu(${x})`, tanh: (x) => `tanh(${x})`,
};
const VALUES = {
  add: (x, y) => x + y, sub: (x, y) => x - y, mul: (x, y) => x * y, square: (x) => x * x, relu: (x) => Math.max(x, 0), tanh: Math.tanh,
};
const SLOPES = {
  add: () => [1, 1], sub: () => [1, -1], mul: (value, x, y) => [y, x], square: (value, x) => [2 * x],
  relu: (value, x) => [x > 0 ? 1 : 0], tanh: (value) => [1 - value * value],
};
const NAMED_SLOPES = { mul: (node, x, y) => [y, x], square: (node, x) => [`2·${x}`], tanh: (node) => [`1 − ${node}²`] };

const graphOf = ({ graphs, expression }) => graphs[expression];
const nodeOf = (graph, name) => graph.nodes.find(([node]) => node === name);
const edgeKey = (node, number) => `${node},${number}`;

/** {name: value} of all nodes, the inputs first. */
export function graphValues(state) {
  const graph = graphOf(state);
  const values = Object.fromEntries(graph.inputs.map(([name], at) => [name, state.inputs[at]]));
  for (const [name, operation, parents] of graph.nodes) values[name] = VALUES[operation](...parents.map((parent) => values[parent]));
  return values;
}

/** {"node,number of the argument": slope}, one for each edge. */
export function graphSlopes(state) {
  const values = graphValues(state);
  const slopes = {};
  for (const [name, operation, parents] of graphOf(state).nodes)
    SLOPES[operation](values[name], ...parents.map((parent) => values[parent])).forEach((slope, at) => (slopes[edgeKey(name, at)] = slope));
  return slopes;
}

/** The edges [node, number of the argument] in the order in which gradients go back over them. */
export function wayBack({ order, ...state }) {
  const { nodes } = graphOf(state);
  const parents = Object.fromEntries(nodes.map(([name, , above]) => [name, above]));
  let turns = nodes.map(([name]) => name).reverse();
  if (order !== ORDERS[0]) {
    turns = ["L"];
    for (const node of turns) turns.push(...[...new Set(parents[node])].filter((parent) => parent in parents && !turns.includes(parent)));
  }
  return turns.flatMap((node) => parents[node].map((_, number) => [node, number]));
}

/** The number of the last step. */
export const lastStep = (state) => graphOf(state).nodes.length + 1 + wayBack(state).length;

/** What goes back over the first `edges` edges: for each, what it carries and the parent's gradient by then. */
export function gifts(state, edges = Infinity) {
  const parents = Object.fromEntries(graphOf(state).nodes.map(([name, , above]) => [name, above]));
  const [gradients, slopes, way] = [{ L: 1 }, graphSlopes(state), wayBack(state)];
  return way.slice(0, edges).map(([node, number], turn) => {
    const [parent, slope] = [parents[node][number], slopes[edgeKey(node, number)]];
    const before = gradients[parent] ?? 0;
    const [upstream, sent] = [gradients[node], gradients[node] * slope];
    gradients[parent] = before + sent;
    const waiting = way.slice(turn + 1).filter(([other, which]) => parents[other][which] === parent).length;
    const late = way.slice(0, turn).some(([other]) => other === parent);
    return { node, number, parent, upstream, slope, sent, before, after: before + sent, waiting, late };
  });
}

/** Everything one picture shows: what is known by now, the gradients, what went back over which edge, and the sentence. */
export function stepFrame(state) {
  const { nodes, inputs } = graphOf(state);
  const values = graphValues(state);
  const back = state.step - nodes.length - 1;
  const given = gifts(state, Math.max(back, 0));
  const known = [...inputs, ...nodes.slice(0, state.step)].map(([name]) => name);
  const gradients = back < 0 ? {} : { L: 1 };
  given.forEach(({ parent, after }) => (gradients[parent] = after));
  const active = back > 0 ? given.at(-1).parent : back === 0 ? "L" : nodes[state.step - 1]?.[0] ?? null;
  return { values, slopes: graphSlopes(state), known, gradients, given, active, sentence: sentence(state, values, given) };
}

function sentence(state, values, given) {
  const { nodes, inputs } = graphOf(state);
  if (state.step === 0) return `The inputs: ${inputs.map(([name]) => `${name} = ${formatNumber(values[name])}`).join(", ")}.`;
  if (state.step > nodes.length + 1) return giftSentence(given.at(-1), graphOf(state));
  if (state.step === nodes.length + 1) return "Backward begins at the end: dL/dL = 1.";
  const [name, operation, parents] = nodes[state.step - 1];
  const shown = ["relu", "tanh"].includes(operation) ? formatNumber : formatTerm;
  const numbers = WRITTEN[operation](...parents.map((parent) => shown(values[parent])));
  return `Forward: ${name} = ${WRITTEN[operation](...parents)} = ${numbers} = ${formatNumber(values[name])}.`;
}

function giftSentence({ node, number, parent, upstream, slope, sent, before, after, waiting, late }, graph) {
  const [, operation, parents] = nodeOf(graph, node);
  const named = NAMED_SLOPES[operation]?.(node, ...parents)[number];
  const written = named ? `${named} = ${formatNumber(slope)}` : formatNumber(slope);
  const carried = `${formatTerm(upstream)}·${formatTerm(slope)} = ${formatNumber(sent)}`;
  const total = `dL/d${parent} = ${formatNumber(before)} + ${formatTerm(sent)} = ${formatNumber(after)}`;
  const end = late ? `: too late, ${parent} has passed its gradient on already.` : waiting ? `, and ${waiting} more to come.` : ", complete.";
  return `Back from ${node} to ${parent}: slope ${written}, so it carries ${carried}. ${total}${end}`;
}

/** Inputs that belong to the expression, and a step that exists. */
export function reconcileGraph(state, before) {
  const inputs = state.expression === before.expression ? {} : { inputs: graphOf(state).inputs.map(([, value]) => value) };
  const last = lastStep(state);
  return state.step > last ? { ...inputs, step: last } : inputs;
}

/** The step a key leads to, or null for other keys. */
export function graphKey(key, step, last) {
  const moves = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: last };
  return key in moves ? Math.max(0, Math.min(last, moves[key])) : null;
}

function render({ model, el }) {
  const keys = ["expression", "inputs", "order", "step", "fps", "graphs"];
  const board = new Board({ model, el, keys, draw, reconcile: reconcileGraph, label: "Computational graph" });
  const titles = Object.entries(board.state().graphs).map(([name, { title }]) => [name, `${name}: ${title}`]);
  const lists = [
    board.select({ key: "expression", label: "Expression", options: titles, put: (expression) => ({ expression, step: 0 }) }),
    board.select({ key: "order", label: "Order of the way back", options: ORDERS.map((order) => [order, order]) }),
  ];
  lists.forEach((list) => list.classList.add("cnn-two-wide"));
  board.controls.append(
    ...lists,
    ...Array.from({ length: MOST_INPUTS }, (_, at) => inputSlider(board, at)),
  );
  board.addTransport({ count: (state) => lastStep(state) + 1, unit: "Step" });
  const onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const state = board.state();
    const step = graphKey(event.key, state.step, lastStep(state));
    if (step === null) return;
    if (step !== state.step) board.set({ step });
    event.preventDefault();
    event.stopPropagation();
  };
  const drawing = ownKeys(s("svg", { role: "img", tabindex: 0, class: "cnn-graph", onkeydown }));
  board.stage.prepend(h("div", { class: "cnn-trace-box" }, drawing));
  board.notes.append(h("p", { class: "cnn-hint" },
    "On a line, × stands before its slope, and ← before the gradient that has gone back over it; such lines are dashed. The framed node is " +
    "the one that changes in this step. With the keyboard: focus the picture, then the left and right arrow keys, Home and End."));

  function draw(state) {
    const frame = stepFrame(state);
    board.say(frame.sentence);
    drawGraph(drawing, graphOf(state), frame);
  }
  return () => board.dispose();
}

function inputSlider(board, at) {
  const put = (value) => ({ inputs: board.state().inputs.map((old, number) => (number === at ? value : old)) });
  const slider = board.slider({ key: `input-${at}`, label: "", min: -LIMIT, max: LIMIT, get: ({ inputs }) => inputs[at] ?? 0, put });
  slider.input.step = 0.5;
  board.updates.push((state) => {
    const input = graphOf(state).inputs[at];
    slider.node.hidden = !input;
    slider.caption.textContent = input?.[0] ?? "";
  });
  return slider.node;
}

const spot = ({ places }, name) => [MARGIN + WIDE / 2 + places[name][0] * COLUMN, MARGIN + HIGH / 2 + places[name][1] * ROW];

/** The path of an edge, from its parent to its node, and the place of its numbers. */
function edgeLine(graph, node, number) {
  const parents = nodeOf(graph, node)[2];
  const [[from, y1], [to, y2]] = [spot(graph, parents[number]), spot(graph, node)];
  const [x1, x2] = [from + WIDE / 2, to - WIDE / 2];
  // Two edges between the same nodes bow apart.
  const bend = parents.filter((parent) => parent === parents[number]).length === 1 ? 0 : BEND * (2 * number - 1);
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return { d: `M${x1} ${y1}Q${x} ${y + bend} ${x2} ${y2}`, x, y: y + bend / 2 };
}

function drawGraph(drawing, graph, { values, slopes, known, gradients, given, active, sentence: said }) {
  const names = Object.keys(values);
  const sent = Object.fromEntries(given.map(({ node, number, sent: carried }) => [edgeKey(node, number), carried]));
  const now = given.length ? edgeKey(given.at(-1).node, given.at(-1).number) : null;
  const edges = Object.entries(slopes).map(([edge, slope]) => {
    const [node, number] = edge.split(",");
    const { d, x, y } = edgeLine(graph, node, Number(number));
    const back = edge in sent;
    return s("g", { class: `edge${back ? " back" : ""}${edge === now ? " now" : ""}`, "data-edge": edge }, s("path", { d }),
      ...(known.includes(node) ? [s("text", { class: "slope", x, y: y - 5 }, `×${formatTerm(slope)}`)] : []),
      ...(back ? [s("text", { class: "sent", x, y: y + 15 }, `← ${formatNumber(sent[edge])}`)] : []));
  });
  const boxes = names.map((name) => {
    const [x, y] = spot(graph, name);
    const [, operation, parents] = nodeOf(graph, name) ?? [];
    const title = operation ? `${name} = ${WRITTEN[operation](...parents)}` : name;
    const kind = `node${known.includes(name) ? "" : " unknown"}${name === active ? " now" : ""}`;
    return s("g", { class: kind, "data-node": name },
      s("rect", { x: x - WIDE / 2, y: y - HIGH / 2, width: WIDE, height: HIGH, rx: 7 }), s("text", { class: "title", x, y: y - 15 }, title),
      s("text", { class: "value", x, y: y + 5 }, known.includes(name) ? formatNumber(values[name]) : "?"),
      ...(name in gradients ? [s("text", { class: "gradient", x, y: y + 24 }, `dL/d${name} = ${formatNumber(gradients[name])}`)] : []));
  });
  const [width, height] = [0, 1].map((axis) => Math.max(...names.map((name) => spot(graph, name)[axis])) + [WIDE, HIGH][axis] / 2 + MARGIN);
  drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
  drawing.style.maxWidth = `${width}px`;
  drawing.style.minWidth = `${0.6 * width}px`; // on a narrow screen the graph scrolls, so that its numbers stay legible
  const told = [...known.map((name) => `${name} = ${formatNumber(values[name])}`),
    ...Object.entries(gradients).map(([name, gradient]) => `dL/d${name} = ${formatNumber(gradient)}`)];
  drawing.setAttribute("aria-label", `${graph.title}. ${told.join("; ")}. ${said}`);
  drawing.replaceChildren(...edges, ...boxes);
}

export default { render };
