// A picture of many cells on a canvas, with the window's frame: for photographs, where an SVG node per cell would be too many.

import { h, ownKeys } from "./common.js";

const FRAME = ["#ffffff", "#0072b2"]; // a wide light line under a narrow dark one is seen on every ground

/**
 * One picture. Callbacks, both optional: onPoint(place) while the pointer is held down on a cell, onKey(event) -> true when used; a place
 * is [row, column].
 */
export class Raster {
  constructor(name, callbacks = {}) {
    Object.assign(this, { callbacks, small: document.createElement("canvas"), shape: [1, 1] });
    this.canvas = ownKeys(h("canvas", { role: "img", tabindex: 0, "data-raster": name }));
    this.caption = h("figcaption");
    this.node = h("figure", { class: "cnn-panel cnn-raster", "data-panel": name }, this.caption, this.canvas);
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.point(event);
    });
    this.canvas.addEventListener("pointermove", (event) => event.buttons && this.point(event));
    this.canvas.addEventListener("keydown", (event) => this.keydown(event));
  }

  /**
   * Paint. cells: the number of a palette entry for every cell, row by row. shape: [rows, columns]. palette: [[red, green, blue], ...].
   * size: pixels per cell. texts: what to write into the cells, or null. frames: [{row, column, rows, columns, dashed}].
   * title, detail: the caption. label: the sentence a screen reader says.
   */
  update({ cells, shape, palette, size, texts = null, frames = [], title, detail = "", label }) {
    const [rows, columns] = (this.shape = shape);
    Object.assign(this.canvas, { width: columns * size, height: rows * size });
    Object.assign(this.small, { width: columns, height: rows });
    const image = new ImageData(columns, rows);
    const pixels = palette.map((colour) => [...colour, 255]);
    cells.forEach((number, at) => image.data.set(pixels[number], 4 * at));
    this.small.getContext("2d").putImageData(image, 0, 0);
    const pen = this.canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.small, 0, 0, columns * size, rows * size);
    if (texts) writeTexts(pen, texts, cells, palette, size, columns);
    frames.forEach((frame) => drawFrame(pen, frame, size));
    this.canvas.setAttribute("aria-label", label);
    this.caption.replaceChildren(h("b", {}, title), ` ${detail}`);
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const parts = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    const place = parts.map((part, a) => Math.max(0, Math.min(this.shape[a] - 1, Math.floor(part * this.shape[a]))));
    this.callbacks.onPoint?.(place);
  }

  keydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.callbacks.onKey?.(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Numbers in the cells, dark on bright and bright on dark. */
function writeTexts(pen, texts, cells, palette, size, columns) {
  const longest = Math.max(...texts.map((text) => text.length));
  Object.assign(pen, { textAlign: "center", textBaseline: "middle", font: `${Math.min(size * 0.5, (1.3 * size) / longest)}px system-ui, sans-serif` });
  texts.forEach((text, at) => {
    const [red, green, blue] = palette[cells[at]];
    pen.fillStyle = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 110 ? "#000000" : "#ffffff";
    pen.fillText(text, ((at % columns) + 0.5) * size, (Math.floor(at / columns) + 0.5) * size);
  });
}

function drawFrame(pen, { row, column, rows = 1, columns = 1, dashed = false }, size) {
  pen.setLineDash([]);
  FRAME.forEach((colour, turn) => {
    Object.assign(pen, { strokeStyle: colour, lineWidth: turn ? 2 : 5 });
    if (turn && dashed) pen.setLineDash([4, 3]);
    pen.strokeRect(column * size, row * size, columns * size, rows * size);
  });
}
