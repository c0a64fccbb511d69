// The shape explorer: a network as a table that can be edited, with shape, parameters, multiply-adds and receptive field of each layer.

import { Board, h } from "./common.js";
import { ChainTable, layerTable, netControls, networkSentence } from "./layer_table.js";

function render({ model, el }) {
  const board = new Board({ model, el, keys: ["input_channels", "input_size", "layers"], draw, label: "Shape and parameter explorer" });
  netControls(board);
  const table = new ChainTable({ layers: () => board.state().layers, onEdit: (layers) => board.set({ layers }) });
  board.controls.after(table.node);
  board.notes.append(h("p", { class: "cnn-hint" },
    "Every number in a box can be changed: type, or focus it and press the up and down arrow keys. " +
    "Unread: how many rows, and as many columns, of its input a layer never reads. Field: the receptive field along one side. Layers are numbered as in the summary."));

  function draw(state) {
    const now = layerTable(state);
    table.update(state, now);
    board.complain(now.problem || null);
    board.say(now.problem ? "" : networkSentence(state, now));
  }
  return () => board.dispose();
}

export default { render };
