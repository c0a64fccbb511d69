// Theme, contents and search of the site. Everything works from file:// with no network.
const up = document.currentScript.dataset.up;
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
const store = {
  get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
  set: (value) => { try { localStorage.setItem("theme", value); } catch { /* a reader may forbid storage */ } },
};
const preferred = () => store.get() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

function paint(theme) {
  root.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", `Use the ${theme === "dark" ? "light" : "dark"} theme`);
  for (const frame of document.querySelectorAll("iframe")) tell(frame, theme);
}

function tell(frame, theme) {
  const inside = frame.contentDocument;
  if (!inside?.body) return;
  inside.body.dataset.jpThemeLight = String(theme === "light");
  inside.documentElement.style.colorScheme = theme; // else the browser gives the frame a white ground
}

paint(preferred());
for (const frame of document.querySelectorAll("iframe")) frame.addEventListener("load", () => tell(frame, root.dataset.theme));
byId("theme").addEventListener("click", () => {
  const theme = root.dataset.theme === "dark" ? "light" : "dark";
  store.set(theme);
  paint(theme);
});

byId("menu")?.addEventListener("click", () => {
  const open = byId("contents").classList.toggle("open");
  byId("menu").setAttribute("aria-expanded", String(open));
});

// Search: the index is loaded at the first word, and every word of the query must occur.
let index = null;
function load() {
  index ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `${up}search-index.js`;
    script.onload = () => done(window.BOOK_INDEX);
    script.onerror = failed;
    document.head.append(script);
  });
  return index;
}

function rank(entry, words) {
  const heading = entry.heading.toLowerCase(), text = entry.text.toLowerCase();
  let score = 0;
  for (const word of words) {
    const hits = text.split(word).length - 1 + 10 * (heading.split(word).length - 1);
    if (!hits) return 0;
    score += Math.min(hits, 20);
  }
  return score;
}

function excerpt(entry, word) {
  const at = Math.max(0, entry.text.toLowerCase().indexOf(word) - 60);
  return `${at ? "... " : ""}${entry.text.slice(at, at + 160)} ...`;
}

async function search() {
  const words = byId("words").value.toLowerCase().split(/\s+/).filter(Boolean), box = byId("found");
  box.hidden = !words.length;
  if (!words.length) return;
  const entries = await load();
  const hits = entries.map((entry) => [rank(entry, words), entry]).filter(([score]) => score).sort((a, b) => b[0] - a[0]).slice(0, 12);
  box.replaceChildren();
  const head = document.createElement("p");
  head.textContent = hits.length ? `${hits.length} best places for “${words.join(" ")}”` : `Nothing found for “${words.join(" ")}”.`;
  box.append(head);
  for (const [, entry] of hits) {
    const link = document.createElement("a"), place = document.createElement("b"), text = document.createElement("span");
    link.href = `${up}${entry.page}#${encodeURIComponent(entry.at)}`;
    place.textContent = `${entry.chapter}: ${entry.heading}`;
    text.textContent = excerpt(entry, words[0]);
    link.append(place, text);
    box.append(link);
  }
}
byId("words").addEventListener("input", search);
byId("search").addEventListener("submit", (event) => { event.preventDefault(); byId("found").querySelector("a")?.focus(); });
byId("found").addEventListener("click", (event) => { if (event.target.closest("a")) byId("found").hidden = true; });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") byId("found").hidden = true;
});
