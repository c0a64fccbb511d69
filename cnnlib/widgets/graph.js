import { Board } from "./common.js";

export default { render: ({ model, el }) => new Board({ model, el, keys: [], draw: () => {}, label: "" }) };
