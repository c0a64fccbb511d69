// All maps of FollowThePixel as one SVG. Where they stand is told here and in follow_pixel_picture.py alike.

import { formatNumber, h, ownKeys, s } from "./common.js";
import { LAYERS, SHAPES } from "./follow_pixel_net.js";

const [NET_WIDTH, NET_HEIGHT] = [960, 372];
/** For each layer: x and y of its first map, units of length per cell, and from one map to the next. */
export const PLACES = {
  "input": [8, 40, 24, 0], "conv 1": [226, 40, 9, 82], "relu 1": [588, 40, 9, 82], "pool 1": [226, 150, 14, 66], "conv 2": [522, 150, 12, 54],
  "relu 2": [226, 242, 12, 54], "pool 2": [684, 242, 14, 34], "logits": [226, 324, 30, 33], "softmax": [588, 324, 30, 33],
};
const LISTS = ["logits", "softmax"];
let pictures = 0;

const shortNumber = (value) => formatNumber(Number(value.toFixed(Math.abs(value) > 1 ? 1 : 2)));

/** The picture of the net; onTouch([layer, channel, row, column], event) is called for a unit that the pointer presses or is dragged over. */
export class NetPicture {
  constructor({ onTouch, onKey }) {
    this.id = `cnn-net-${Math.random().toString(36).slice(2, 8)}-${++pictures}`;
    this.units = new Map();
    this.frames = s("g");
    const stripes = s("pattern", { id: this.id, width: 4, height: 4, patternUnits: "userSpaceOnUse" },
      s("rect", { class: "down", width: 4, height: 4 }), s("path", { d: "M-1 1 L1 -1 M0 4 L4 0 M3 5 L5 3", class: "stripe" }));
    const maps = LAYERS.flatMap((layer) => this.makeLayer(layer));
    this.svg = ownKeys(s("svg", { role: "img", tabindex: 0, viewBox: `0 0 ${NET_WIDTH} ${NET_HEIGHT}`, "data-grid": "net" }, s("defs", {}, stripes), ...maps, this.frames));
    this.node = h("div", { class: "cnn-net-box" }, this.svg);
    this.svg.addEventListener("pointerdown", (event) => {
      event.target.releasePointerCapture?.(event.pointerId); // a finger that moves on shall reach the units it moves over
      this.touch(event, onTouch);
    });
    this.svg.addEventListener("pointermove", (event) => event.buttons && this.touch(event, onTouch));
    this.svg.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !onKey(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  touch(event, onTouch) {
    const name = event.target.closest?.("[data-unit]")?.dataset.unit;
    if (!name) return;
    const [number, ...unit] = name.split(",").map(Number);
    onTouch([LAYERS[number], ...unit], event);
  }

  makeLayer(layer) {
    const [x, y, size, pitch] = PLACES[layer];
    const [maps, rows, columns] = SHAPES[layer];
    const nodes = [s("text", { class: "title", x, y: y - 8 }, layer)];
    for (let c = 0; c < maps; c++) {
      const left = x + c * pitch;
      nodes.push(s("rect", { class: "paper", x: left, y, width: size * columns, height: size * rows }));
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const unit = `${LAYERS.indexOf(layer)},${c},${i},${j}`;
          const node = s("rect", { "data-unit": unit, x: left + j * size, y: y + i * size, width: size, height: size });
          this.units.set(unit, { node, text: null, painted: "" });
          nodes.push(node);
        }
      if (LISTS.includes(layer)) {
        const text = s("text", { x: left + size / 2, y: y + size / 2 });
        this.units.get(`${LAYERS.indexOf(layer)},${c},0,0`).text = text;
        nodes.push(text, s("text", { class: "class", x: left + size / 2, y: y + size + 9 }, String(c)));
      }
    }
    return nodes;
  }

  /** Paint. shown: what each layer's units are coloured by; layers that it lacks stay blank. */
  update({ shown, reach, view, layer, label, drawing }) {
    LAYERS.forEach((name, number) => {
      const cells = shown[name];
      const most = cells ? Math.max(...cells.flat(2).map(Math.abs)) || 1 : 1;
      const [maps, rows, columns] = SHAPES[name];
      for (let c = 0; c < maps; c++) for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++)
        this.paint(this.units.get(`${number},${c},${i},${j}`), cells?.[c][i][j], most, name === "input" && view === "values");
    });
    const at = LAYERS.indexOf(layer);
    const frames = LAYERS.flatMap((name, number) => {
      const [maps, rows, columns] = reach[name];
      return maps.map((c) => this.frame(name, c, rows, columns, number < at ? "before" : number > at ? "behind" : "chosen"));
    });
    this.frames.replaceChildren(...frames);
    this.svg.setAttribute("aria-label", label);
    this.svg.style.touchAction = drawing ? "none" : "manipulation";
  }

  paint(unit, value, most, isInk) {
    const share = value === undefined ? 0 : (value / most) * (unit.text ? 0.4 : 1); // a number has to be read on its colour
    const look = `${isInk ? "ink" : share < 0 ? "down" : "up"}|${Math.abs(isInk ? value : share).toFixed(3)}`;
    if (look !== unit.painted) {
      const [kind, strength] = look.split("|");
      unit.node.setAttribute("class", kind);
      unit.node.setAttribute("fill-opacity", strength);
      if (kind === "down") unit.node.setAttribute("fill", `url(#${this.id})`);
      else unit.node.removeAttribute("fill");
      unit.painted = look;
    }
    if (unit.text) unit.text.textContent = value === undefined ? "" : shortNumber(value);
  }

  frame(layer, c, rows, columns, kind) {
    const [x, y, size, pitch] = PLACES[layer];
    return s("rect", {
      class: `frame ${kind}`, x: x + c * pitch + columns[0] * size, y: y + rows[0] * size, width: columns.length * size, height: rows.length * size, rx: 2,
    });
  }
}
