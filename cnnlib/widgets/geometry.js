// Where windows stand: the browser's twin of cnnlib/geometry.py. The two are compared in tests/browser/test_parity.py, error sentences
// included. Everything a widget draws asks this file for its positions.

export const PADDING_NAMES = ["valid", "same", "full"];

export class GeometryError extends Error {}

/** Cells from the first to the last cell of a window: r = dilation (kernelSize - 1) + 1. */
export function windowSpan(kernelSize, dilation = 1) {
  return dilation * (kernelSize - 1) + 1;
}

/** A setting that is one number for both axes, or [rows, columns]; returns [rows, columns]. */
export function pair(value) {
  return Array.isArray(value) ? value : [value, value];
}

/** The inverse of `pair`: equal axes become one number, as the Python traits hold them. */
export function unpair([rows, columns]) {
  return rows === columns ? rows : [rows, columns];
}

/**
 * Place a window on n cells along one axis.
 * Returns {n, kernelSize, stride, before, after, dilation, span, count}; throws GeometryError with the library's own sentence.
 */
export function fitWindow(n, kernelSize, stride = 1, padding = 0, dilation = 1, axis = null, mayPad = true, ceilMode = false) {
  const span = windowSpan(kernelSize, dilation);
  const window = { n, kernelSize, stride, dilation, span, ceilMode };
  if (padding === "same") {
    const count = Math.ceil(n / stride);
    const total = Math.max((count - 1) * stride + span - n, 0);
    const before = Math.floor(total / 2);
    return { ...window, before, after: total - before, count };
  }
  const p = padding === "full" ? span - 1 : padding === "valid" ? 0 : padding;
  const round = ceilMode ? Math.ceil : Math.floor;
  const places = round((n + 2 * p - span) / stride) + 1;
  const count = ceilMode ? Math.min(places, Math.floor((n + p - 1) / stride) + 1) : places;
  if (count < 1) throw new GeometryError(noPlace(window, p, axis, mayPad));
  return { ...window, before: p, after: p, count };
}

function noPlace({ n, kernelSize: k, dilation: d, span }, p, axis, mayPad) {
  const padded = n + 2 * p;
  const where = axis ? ` along the ${axis}` : "";
  const shrink = `hrink the kernel to ${Math.floor((padded - 1) / d) + 1}`;
  const repair = mayPad ? `Pad by ${p - Math.floor((padded - span) / 2)} or s${shrink}` : `S${shrink}`;
  return `no place${where}: the kernel spans ${d}*(${k}-1)+1 = ${span} cells, the padded input has ${n}+2*${p} = ${padded}.\n${repair}.`;
}

/** The two windows, [along the rows, along the columns], of a widget's settings. */
export function fitWindows({ input_size, kernel_size, stride, padding, dilation }) {
  const [n, k, s, p, d] = [input_size, kernel_size, stride, padding, dilation].map(pair);
  return ["rows", "columns"].map((axis, a) => fitWindow(n[a], k[a], s[a], p[a], d[a], axis));
}

/** The input cell under the first kernel cell at place i; negative in the padding. */
export function windowStart(window, i) {
  return i * window.stride - window.before;
}

/** The input cells under the kernel at place i, in order; below 0 or from n on they lie in the padding. */
export function windowCells(window, i) {
  return Array.from({ length: window.kernelSize }, (_, m) => windowStart(window, i) + window.dilation * m);
}

/** The input cells that no place reads. */
export function unreadCells(window) {
  const read = new Set();
  for (let i = 0; i < window.count; i++) windowCells(window, i).forEach((cell) => read.add(cell));
  return Array.from({ length: window.n }, (_, cell) => cell).filter((cell) => !read.has(cell));
}

/** Rows and columns in words, "rows 2, 5 and column 7"; unread: [rows, columns], an empty text where both are empty. */
export function namedCells(unread) {
  const named = (axis, cells) => (cells.length ? [`${axis}${cells.length > 1 ? "s" : ""} ${cells.join(", ")}`] : []);
  return ["row", "column"].flatMap((axis, a) => named(axis, unread[a])).join(" and ");
}

/** The size formula with the present numbers, for example "floor((7 + 2·1 − 3)/2) + 1 = 4". */
export function sizeFormula(window, padding) {
  const { n, stride, before, after, span, count } = window;
  if (padding === "same") return `ceil(${n}/${stride}) = ${count}`;
  if (window.ceilMode)
    return `min(ceil((${n} + 2·${before} − ${span})/${stride}), floor((${n} + ${before} − 1)/${stride})) + 1 = ${count}`;
  return `floor((${n} + 2·${before} − ${span})/${stride}) + 1 = ${count}`;
}

/** The receptive fields of layers [kernelSize, stride, padding, dilation]: one row [size, jump, start] behind every layer. */
export function receptiveField(layers) {
  let [size, jump, start] = [1, 1, 0];
  return layers.map(([k, stride, padding, dilation]) => {
    const reach = windowSpan(k, dilation) - 1;
    [size, start, jump] = [size + reach * jump, start + (reach / 2 - padding) * jump, jump * stride];
    return [size, jump, start];
  });
}

/**
 * Place the stamps of a transposed convolution along one axis: the windows of the convolution that leads from its m output cells back to
 * its n input cells, so that `count` is n and `n` is m. Throws the library's own sentence, as a GeometryError where nothing is left.
 */
export function fitStamps(n, k, s, p, outputPadding, d, axis) {
  const most = Math.max(s, d);
  if (outputPadding >= most)
    throw new RangeError(
      `output_padding=${outputPadding} must be smaller than the stride (${s}) or the dilation (${d}): it only chooses among sizes that ` +
        `a convolution rounds to the same output. Write output_padding=${most - 1}.`,
    );
  const span = windowSpan(k, d);
  const size = (n - 1) * s + span - 2 * p + outputPadding;
  if (size < 1) {
    const sum = `(${n}-1)*${s} + ${span} cells, minus 2*${p} of padding, plus ${outputPadding} make ${size}`;
    const error = new GeometryError(`along the ${axis}, nothing is left: ${sum}.\nPad by ${p - Math.floor((2 - size) / 2)}.`);
    throw Object.assign(error, { lack: 1 - size });
  }
  return { n: size, kernelSize: k, stride: s, before: p, after: p, dilation: d, span, count: n };
}

/** The stamps along both axes, {windows, problem}: problem is the library's sentence where there is no output, else null. */
export function placeStamps({ input_size, kernel_size, stride, padding, output_padding, dilation }) {
  const settings = [input_size, kernel_size, stride, padding, output_padding, dilation].map(pair);
  const lacking = [];
  try {
    const windows = ["rows", "columns"].map((axis, a) => {
      try {
        return fitStamps(...settings.map((both) => both[a]), axis);
      } catch (error) {
        if (!(error instanceof GeometryError)) throw error;
        lacking.push(error);
      }
    });
    if (lacking.length === 0) return { windows, problem: null };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { windows: null, problem: error.message };
  }
  return { windows: null, problem: lacking.reduce((worst, each) => (each.lack > worst.lack ? each : worst)).message };
}
