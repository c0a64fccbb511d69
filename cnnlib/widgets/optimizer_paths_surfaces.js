// The surfaces of the optimizer paths: losses of two weights, their slopes, their lines of equal loss. As optimizer_paths_surfaces.py.

export const BOX = { left: -3, right: 3, bottom: -2, top: 2 };
export const SQUARES = { across: 60, up: 40 }; // in which lines of equal loss are searched
const LINES = 12;
const ROOT = Math.SQRT2;

const heightOf = (x, y) => Math.exp(-(x * x + y * y) / 2);

/** name: { value(x, y, k), slope(x, y, k), lowest, minima, bend, text }; k is the condition number. */
export const SURFACES = {
  bowl: {
    value: (x, y, k) => (x * x + k * y * y) / 2, slope: (x, y, k) => [x, k * y], lowest: 0, minima: [[0, 0]], bend: 2.5,
    text: "(x² + κ y²) / 2, curvatures 1 and κ",
  },
  ravine: {
    value: (x, y, k) => ((x + y) * (x + y) + k * (x - y) * (x - y)) / 4,
    slope(x, y, k) {
      const [along, across] = [(x + y) / ROOT, (k * (x - y)) / ROOT];
      return [(along + across) / ROOT, (along - across) / ROOT];
    },
    lowest: 0, minima: [[0, 0]], bend: 2.5, text: "the bowl, turned by 45 degrees",
  },
  saddle: {
    value: (x, y) => (x * x - y * y) / 2 + (y * y * y * y) / 8, slope: (x, y) => [x, -y + (y * y * y) / 2], lowest: -0.5,
    minima: [[0, -ROOT], [0, ROOT]], bend: 1.6, text: "(x² − y²) / 2 + y⁴ / 8, a saddle at (0, 0)",
  },
  Rosenbrock: {
    value: (x, y) => (1 - x) * (1 - x) + 10 * (y - x * x) * (y - x * x),
    slope(x, y) {
      const off = y - x * x;
      return [-2 * (1 - x) - 40 * x * off, 20 * off];
    },
    lowest: 0, minima: [[1, 1]], bend: 4, text: "(1 − x)² + 10 (y − x²)², a curved valley",
  },
  "two valleys": {
    value: (x, y) => (x * x * x * x) / 8 + (x * x * x) / 12 - (3 * x * x) / 4 + (y * y) / 2,
    slope: (x, y) => [(x * (x + 2) * (x - 1.5)) / 2, y], lowest: -5 / 3, minima: [[-2, 0], [1.5, 0]], bend: 1.6,
    text: "x⁴/8 + x³/12 − 3x²/4 + y²/2, the left valley is deeper",
  },
  plateau: {
    value: (x, y) => 1 - heightOf(x, y), slope: (x, y) => [x * heightOf(x, y), y * heightOf(x, y)], lowest: 0, minima: [[0, 0]], bend: 1,
    text: "1 − exp(−(x² + y²) / 2), flat far from (0, 0)",
  },
};
export const CONDITIONED = ["bowl", "ravine"];

/** The losses at the corners of all squares, rows along y from the bottom. */
export function surfaceHeights(name, condition) {
  const { left, right, bottom, top } = BOX;
  const at = (low, high, count) => Array.from({ length: count + 1 }, (_, number) => low + ((high - low) * number) / count);
  const columns = at(left, right, SQUARES.across);
  return at(bottom, top, SQUARES.up).map((y) => columns.map((x) => SURFACES[name].value(x, y, condition)));
}

/** The losses that get a line: dense near the lowest value, wide apart higher up. */
export function surfaceLevels(name, values) {
  const { lowest, bend } = SURFACES[name];
  const highest = Math.max(...values.flat());
  return Array.from({ length: LINES }, (_, number) => lowest + (highest - lowest) * ((number + 1) / (LINES + 1)) ** bend);
}

/** Pieces [[x, y], [x, y]] of the line on which the loss is `level`, in squares from the corner at the bottom left. */
export function contourPieces(values, level) {
  const pieces = [];
  for (let i = 0; i + 1 < values.length; i++)
    for (let j = 0; j + 1 < values[0].length; j++) {
      const corners = [[j, i], [j + 1, i], [j + 1, i + 1], [j, i + 1]].map(([x, y]) => [x, y, values[y][x]]);
      const found = corners.map((corner, at) => crossing(corner, corners[(at + 1) % 4], level)).filter(Boolean);
      for (let at = 0; at < found.length; at += 2) pieces.push([found[at], found[at + 1]]);
    }
  return pieces;
}

function crossing(one, other, level) {
  if (one[2] < level === other[2] < level) return null;
  const share = (level - one[2]) / (other[2] - one[2]);
  return [one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])];
}
