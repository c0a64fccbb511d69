// The warm-up of chapter 00: two sliders, and every cell of a picture becomes weight x + bias.

import { Board, formatNumber, formatTerm } from "./common.js";
import { Grid } from "./grid.js";

/** weight x + bias for every cell. */
export function weighted({ image, weight, bias }) {
  return image.map((row) => row.map((x) => weight * x + bias));
}

/** The arithmetic of one cell. */
export function arithmetic({ image, weight, bias }, [i, j]) {
  const last = i === image.length - 1 && j === image[0].length - 1;
  const place = last ? "bottom right" : `row ${i}, column ${j}`;
  return `${place}: ${formatNumber(weight)}·${formatTerm(image[i][j])} + ${formatTerm(bias)} = ${formatNumber(weight * image[i][j] + bias)}`;
}

function render({ model, el }) {
  let hovered = null;
  const hover = (place) => {
    hovered = place;
    board.queue.request();
  };
  const grids = ["picture", "result"].map((name) => new Grid(name, { onHover: hover }));
  const board = new Board({ model, el, keys: ["weight", "bias", "image"], draw, label: "Weight and bias: two sliders change a small picture" });
  board.controls.append(
    board.slider({ key: "weight", label: "Weight", min: -3, max: 3 }).node,
    board.slider({ key: "bias", label: "Bias", min: -9, max: 9 }).node,
  );
  board.stage.prepend(grids[0].node);
  board.results.append(grids[1].node);

  function draw(state) {
    const size = [state.image.length, state.image[0].length];
    const at = hovered ?? size.map((n) => n - 1);
    const said = arithmetic(state, at);
    const panels = [["Picture x", state.image], ["Result y", weighted(state)]];
    panels.forEach(([title, cells], side) => {
      const label = `${title}: ${cells.map((row) => row.map(formatNumber).join(" ")).join("; ")}. ${said}`;
      const cell = (i, j) => ({ text: formatNumber(cells[i][j]), tint: Math.max(-1, Math.min(1, cells[i][j] / 9)) });
      grids[side].update({ rows: [0, size[0]], columns: [0, size[1]], cell, frames: [{ row: at[0], column: at[1] }], label, title });
    });
    board.say(said);
  }

  return () => board.dispose();
}

export default { render };
