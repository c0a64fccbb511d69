// What widgets share that show one place of a window at a time, the browser's side of cnnlib/widgets/places.py: how the reader walks over
// the places, and how sizes are told.

import { h } from "./common.js";
import { namedCells } from "./geometry.js";
import { stepKey } from "./grid.js";

/**
 * A walk over places: keys and clicks change the step, and the pointer shows another place for as long as it rests there.
 *
 * board: the widget's Board. shapeOf(state): rows and columns of what the steps walk over, null where the setting is impossible.
 * moved([row, column]): called at once when a key has led to a place; the picture follows with the next frame.
 */
export class Walk {
  constructor({ board, shapeOf, moved = () => {} }) {
    Object.assign(this, { board, shapeOf, moved, hovered: null });
  }

  /** The callbacks of a Grid whose cells are the places. leads(state): whether this grid is the one that is walked over now. */
  callbacks(leads = () => true) {
    const place = (spot) => {
      const state = this.board.state();
      return leads(state) && this.holds(spot, state) ? spot : null;
    };
    return {
      onKey: ({ key }) => leads(this.board.state()) && this.key(key),
      onHover: (spot) => this.hover(place(spot)),
      onPick: (spot) => place(spot) && this.board.set({ step: this.stepAt(spot, this.board.state()) }),
    };
  }

  /** The step to show: that of the place under the pointer, if there is one and nothing plays. */
  shown(state) {
    if (this.board.playback.playing || !this.holds(this.hovered, state)) this.hovered = null;
    return this.hovered ? this.stepAt(this.hovered, state) : state.step;
  }

  holds(spot, state) {
    const shape = this.shapeOf(state);
    return Boolean(spot?.every((at, a) => at >= 0 && at < shape?.[a]));
  }

  stepAt([i, j], state) {
    return i * this.shapeOf(state)[1] + j;
  }

  hover(spot) {
    if (spot?.join() === this.hovered?.join()) return;
    this.hovered = spot;
    this.board.queue.request();
  }

  key(key) {
    const state = this.board.state();
    const shape = this.shapeOf(state);
    const step = shape ? stepKey(key, state.step, shape) : null;
    if (step === null) return false;
    this.hovered = null;
    this.moved([Math.floor(step / shape[1]), step % shape[1]]);
    if (step !== state.step) this.board.set({ step });
    return true;
  }
}

/** Write the sizes along both axes, [rows, columns], into a list of facts, as one fact where they are the same; more: further [term, text]. */
export function tellSizes(list, [rows, columns], ...more) {
  const lines = [...(rows === columns ? [["Each axis", rows]] : [["Rows", rows], ["Columns", columns]]), ...more];
  list.replaceChildren(...lines.flatMap(([term, said]) => [h("dt", {}, term), h("dd", {}, said)]));
}

/** The fact about what no window reads. unread: [rows, columns]. */
export function readingFact(unread) {
  const skipped = namedCells(unread);
  return ["Reading", skipped ? `Never read: ${skipped}.` : "Every input cell is read."];
}
