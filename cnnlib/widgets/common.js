// What every widget of the book shares: building nodes, numbers as text, labelled controls, one drawing queue, playback and speech.
// A widget makes one Board, asks it for controls, and gives it a `draw(state)`; see player.js for a small complete example.

import { pair, unpair } from "./geometry.js";

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element: h("label", { class: "x", onclick: f }, child, "text"). */
export function h(tag, attributes = {}, ...children) {
  return dress(document.createElement(tag), attributes, children);
}

/** Make an SVG element, with the arguments of `h`. */
export function s(tag, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), attributes, children);
}

function dress(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/** Mark a focusable node so that Jupyter leaves its keys alone. The mark has to stand on the node itself: on a parent it does nothing. */
export function ownKeys(node) {
  node.setAttribute("data-lm-suppress-shortcuts", "true");
  return node;
}

/** A number as a reader writes it: whole numbers plain, others with up to three decimals, a true minus sign. */
export function formatNumber(value) {
  const digits = Math.abs(value).toFixed(3).replace(/\.?0+$/, "");
  return (value < 0 && digits !== "0" ? "−" : "") + digits;
}

/** A number inside a sum: negative ones stand in parentheses. */
export function formatTerm(value) {
  const text = formatNumber(value);
  return text.startsWith("−") ? `(${text})` : text;
}

/** Read a number a reader typed, with either minus sign and either decimal mark; null when it is none. */
export function parseNumber(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

export const prefersLessMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Collect any number of requests into one call of `draw` per animation frame; `flush` draws now what was requested. */
export function frameQueue(draw) {
  let handle = 0;
  const cancel = () => (cancelAnimationFrame(handle), (handle = 0));
  return {
    request: () => (handle ||= requestAnimationFrame(() => ((handle = 0), draw()))),
    flush: () => (cancel(), draw()),
    cancel,
  };
}

/** Call `advance` fps() times a second until it returns false or `stop` is called. */
export class Playback {
  constructor({ advance, fps, changed }) {
    Object.assign(this, { advance, fps, changed, handle: 0 });
  }

  get playing() {
    return this.handle !== 0;
  }

  start() {
    let due = performance.now();
    const tick = (now) => {
      this.handle = requestAnimationFrame(tick);
      if (now < due - 4) return; // a frame that is 4 ms early is nearer to its time than the next one would be
      const interval = 1000 / (prefersLessMotion() ? Math.min(this.fps(), 2) : this.fps());
      due = Math.max(due + interval, now + interval / 2);
      if (this.advance() === false) this.stop();
    };
    this.handle = requestAnimationFrame(tick);
    this.changed(true);
  }

  stop() {
    if (!this.playing) return;
    cancelAnimationFrame(this.handle);
    this.handle = 0;
    this.changed(false);
  }
}

/**
 * The frame of one widget on the page: it holds the model's state, draws at most once per animation frame, and makes controls that
 * are bound to traits.
 *
 * keys: names of the traits the widget reads; axes: those of them that may hold [rows, columns]. draw(state): paint everything. reconcile(state, before): the changes that make a state
 * consistent again (for example, a step beyond the last place), in the same way as the Python class does; `before` is the last
 * consistent state.
 */
export class Board {
  constructor({ model, el, keys, axes = [], draw, reconcile = () => ({}), label }) {
    Object.assign(this, { model, keys, axes, reconcile, updates: [], unsaved: false, split: null });
    this.queue = frameQueue(() => {
      const state = this.state();
      this.updates.forEach((update) => update(state));
      draw(state);
      if (this.unsaved && !this.playback?.playing) {
        this.unsaved = false;
        model.save_changes();
      }
    });
    this.root = h("section", { class: "cnn-widget", "aria-label": label });
    this.controls = h("div", { class: "cnn-controls" });
    this.transport = h("div", { class: "cnn-transport", hidden: true });
    this.stage = h("div", { class: "cnn-stage" });
    this.problem = h("div", { class: "cnn-problem", role: "alert", hidden: true });
    this.said = h("div", { class: "cnn-said", "aria-live": "polite" });
    this.notes = h("div");
    this.results = h("div", { class: "cnn-results" });
    this.side = h("div", { class: "cnn-side" }, this.results, this.said, this.notes);
    this.stage.append(this.side);
    this.root.append(this.controls, this.transport, this.problem, this.stage);
    el.append(this.root);
    this.settled = this.state();
    this.onChange = () => {
      if (!this.setting) this.settle();
      this.queue.request();
    };
    model.on("change", this.onChange);
    this.queue.request();
  }

  state() {
    return Object.fromEntries(this.keys.map((key) => [key, this.model.get(key)]));
  }

  /** Change traits (all at once) together with what `reconcile` makes of them. */
  settle(changes = {}) {
    this.setting = true;
    for (const [key, value] of Object.entries(changes)) this.model.set(key, value);
    for (const [key, value] of Object.entries(this.reconcile(this.state(), this.settled))) this.model.set(key, value);
    this.setting = false;
    this.settled = this.state();
  }

  /** Change traits, redraw, and (when not playing) tell Python. */
  set(changes) {
    this.settle(changes);
    this.unsaved = true;
    this.queue.request();
  }

  /** What a Grid does with a number typed into a cell of trait `key`. */
  editor(key) {
    return ([i, j], value) => this.set({ [key]: this.state()[key].map((row, r) => row.map((old, c) => (r === i && c === j ? value : old))) });
  }

  /** Whether rows and columns have sliders of their own: as the reader has decided, until then where a trait holds [rows, columns]. */
  isSplit() {
    return this.split ?? this.axes.some((key) => Array.isArray(this.model.get(key)));
  }

  /** Show the sentence of the current position; screen readers hear it, except while playing. */
  say(text) {
    this.said.hidden = text === "";
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  /** Show the library's error sentence in place of a picture; null takes it away. */
  complain(message) {
    this.problem.hidden = message === null;
    if (message !== null && this.problem.textContent !== message) this.problem.textContent = message;
  }

  /** A slider for one number. get(state) reads its value, put(value) returns the trait changes; both default to the trait `key`. */
  slider({ key, label, min, max, get = (state) => state[key], put = (value) => ({ [key]: value }), show = formatNumber, limit }) {
    const input = ownKeys(h("input", { type: "range", min, max, step: 1, oninput: () => this.set(put(Number(input.value))) }));
    const shown = h("output");
    const caption = h("span", {}, label);
    const node = h("label", { class: "cnn-control", "data-key": key }, h("span", { class: "cnn-control-head" }, caption, shown), input);
    this.updates.push((state) => {
      const value = get(state);
      if (limit) input.max = limit(state);
      input.value = value;
      shown.textContent = show(value, state);
    });
    return { node, input, caption };
  }

  /** One slider for both axes, or one each while the axes are apart. Returns the nodes. */
  pairSlider({ key, label, min, max, read = (state) => pair(state[key]), show = formatNumber }) {
    const axis = (a, name) =>
      this.slider({
        key: `${key}-${name}`, label, min, max, get: (state) => read(state)[a], show: (value, state) => show(value, state, a),
        put: (value) => {
          const both = [...read(this.state())];
          both[a] = value;
          return { [key]: this.isSplit() ? unpair(both) : value };
        },
      });
    const [rows, columns] = [axis(0, "rows"), axis(1, "columns")];
    this.updates.push(() => {
      rows.caption.textContent = this.isSplit() ? `${label}, rows` : label;
      columns.caption.textContent = `${label}, columns`;
      columns.node.hidden = !this.isSplit();
    });
    return [rows.node, columns.node];
  }

  /** A drop-down list; options: [[value, text], ...]. */
  select({ key, label, options, get = (state) => state[key], put = (value) => ({ [key]: value }) }) {
    const choices = options.map(([value, text]) => h("option", { value }, text));
    const input = ownKeys(h("select", { onchange: () => this.set(put(input.value)) }, ...choices));
    this.updates.push((state) => (input.value = get(state)));
    return h("label", { class: "cnn-control", "data-key": key }, h("span", { class: "cnn-control-head" }, label), input);
  }

  /** A field for a free number; anything that is no number is put back. */
  number({ key, label }) {
    const read = () => {
      const value = parseNumber(input.value);
      if (value !== null) this.set({ [key]: value });
      this.queue.request();
    };
    const input = ownKeys(h("input", { type: "text", inputmode: "decimal", class: "cnn-number", onchange: read }));
    this.updates.push((state) => {
      if (document.activeElement !== input || this.state()[key] === parseNumber(input.value)) input.value = formatNumber(state[key]);
    });
    return h("label", { class: "cnn-control", "data-key": key }, h("span", { class: "cnn-control-head" }, label), input);
  }

  /** A tick box; get() reads it, put(checked) acts on a change. */
  check({ key, label, get, put }) {
    const input = ownKeys(h("input", { type: "checkbox", onchange: () => put(input.checked) }));
    this.updates.push((state) => (input.checked = get(state)));
    return h("label", { class: "cnn-control cnn-check", "data-key": key }, input, label);
  }

  /** A drop-down list of presets, and "custom" for cells that none of them made. */
  preset(key, label, presets) {
    return this.select({ key, label, options: [...Object.keys(presets), "custom"].map((name) => [name, name]) });
  }

  /** The tick box that gives rows and columns sliders of their own; unticked, the rows' numbers serve both. */
  axesApart() {
    const put = (checked) => {
      this.split = checked;
      const state = this.state();
      this.set(checked ? {} : Object.fromEntries(this.axes.map((key) => [key, pair(state[key])[0]])));
    };
    return this.check({ key: "separate", label: "Two axes apart", get: () => this.isSplit(), put });
  }

  /** Play button, step slider and speed. count(state): how many positions there are, 0 while there are none. */
  addTransport({ count, unit = "Position" }) {
    const last = (state) => Math.max(count(state) - 1, 0);
    this.playback = new Playback({
      fps: () => this.state().fps,
      advance: () => {
        const state = this.state();
        if (state.step >= last(state)) return false;
        this.set({ step: state.step + 1 });
        this.queue.flush(); // playback is inside an animation frame already
      },
      changed: (playing) => {
        this.said.setAttribute("aria-live", playing ? "off" : "polite");
        this.queue.request();
      },
    });
    const toggle = () => {
      if (this.playback.playing) return this.playback.stop();
      const state = this.state();
      if (state.step >= last(state)) this.set({ step: 0 });
      this.playback.start();
    };
    const button = ownKeys(h("button", { type: "button", class: "cnn-button", onclick: toggle }, "Play"));
    this.updates.push((state) => {
      button.textContent = this.playback.playing ? "❚❚ Pause" : "▶ Play";
      button.disabled = count(state) < 2;
      if (button.disabled) this.playback.stop();
    });
    const show = (value, state) => (count(state) ? `${Math.min(value, last(state)) + 1} of ${count(state)}` : "none");
    const step = this.slider({ key: "step", label: unit, min: 0, max: 0, limit: last, show });
    const speed = this.slider({ key: "fps", label: "Speed", min: 1, max: 30, show: (value) => `${value} per second` });
    this.transport.append(button, step.node, speed.node);
    this.transport.hidden = false;
  }

  /** Take everything off the page's clocks and off the model. */
  dispose() {
    this.playback?.stop();
    this.queue.cancel();
    this.model.off("change", this.onChange);
    this.root.remove();
  }
}
