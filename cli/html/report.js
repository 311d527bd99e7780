'use strict';

// ---- Tables that sort: by number and unit where a column has them, else by text.

const UNITS = {
  '%': 0.01, 'ms': 1, 's': 1e3, 'min': 6e4, 'h': 3.6e6, 'd': 8.64e7, 'ms/s': 1, '/s': 1, '/min': 1 / 60, '/h': 1 / 3600,
  'bytes': 1, 'B': 1, 'kB': 1024, 'MB': 1024 ** 2, 'GB': 1024 ** 3, 'TB': 1024 ** 4,
};

// '1,234', '17.7 MB', '2 min 5 s', '< 0.1 %'; NaN for what begins with no number.
function figureOf(text) {
  const parts = [...text.trim().replace(/^[<≥~+]\s*/, '').replace('−', '-').matchAll(/(-?[\d.,]*\d)\s*([^\s\d]*)/g)];
  if (parts.length === 0 || !/^[<≥~+−-]?\s*\d/.test(text.trim())) return NaN;
  let sum = Number(parts[0][1].replaceAll(',', '')) * (UNITS[parts[0][2]] ?? 1);
  if (parts.length > 1 && ['h', 'min', 'd'].includes(parts[0][2])) {
    sum += Number(parts[1][1].replaceAll(',', '')) * (UNITS[parts[1][2]] ?? 1);
  }
  return sum;
}

function compare(a, b) {
  const [x, y] = [figureOf(a), figureOf(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? -1 : 1;
  return a.localeCompare(b);
}

function sortBy(table, heads, column) {
  const head = heads[column], body = table.tBodies[0];
  const descends = head.getAttribute('aria-sort') !== 'descending';
  heads.forEach((other) => other.removeAttribute('aria-sort'));
  head.setAttribute('aria-sort', descends ? 'descending' : 'ascending');
  const rows = [...body.rows].map((row) => [row.cells[column]?.textContent ?? '', row]);
  rows.sort(([a], [b]) => (descends ? compare(b, a) : compare(a, b)));
  body.append(...rows.map(([, row]) => row));
}

for (const table of document.querySelectorAll('table')) {
  const wide = document.createElement('div');
  wide.className = 'wide';
  table.replaceWith(wide);
  wide.append(table);
  if (!table.tBodies[0] || table.tBodies[0].rows.length < 3) continue;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.className = 'sorts';
    head.tabIndex = 0;
    head.addEventListener('click', () => sortBy(table, heads, column));
    head.addEventListener('keydown', (event) => event.key === 'Enter' && sortBy(table, heads, column));
  });
}

// ---- Search: hides rows and blocks without the word; a heading stays while something under it does.

const blocks = [...document.querySelector('main').children];
const level = (block) => (/^H[1-3]$/.test(block.tagName) ? Number(block.tagName[1]) : 9);

function matches(block, word) {
  const rows = block.querySelectorAll('tbody tr');
  if (rows.length === 0) return block.textContent.toLowerCase().includes(word);
  let any = false;
  for (const row of rows) {
    const does = row.textContent.toLowerCase().includes(word);
    row.classList.toggle('unmatched', !does);
    any ||= does;
  }
  return any;
}

// What stands under a third-level heading is shown or hidden as one: a recommendation, a cache.
function search(word) {
  let parts = [];
  const shown = new Set();
  blocks.forEach((block, i) => {
    if (level(block) < 9) parts = parts.filter((part) => level(part.head) < level(block));
    if (level(block) < 9) parts.push({ head: block });
    if (!matches(block, word)) return;
    shown.add(block);
    for (const { head } of parts) shown.add(head);
    const section = parts.at(-1);
    if (!section || level(section.head) < 3) return;
    for (let j = blocks.indexOf(section.head); j < blocks.length; ++j) {
      if (j > blocks.indexOf(section.head) && level(blocks[j]) < 9) break;
      shown.add(blocks[j]);
    }
  });
  blocks.forEach((block) => block.classList.toggle('unmatched', word !== '' && !shown.has(block)));
  if (word === '') document.querySelectorAll('tr.unmatched').forEach((row) => row.classList.remove('unmatched'));
}

document.getElementById('search').addEventListener('input', (event) => search(event.target.value.trim().toLowerCase()));

// A link into what a search or a fold hides must show it.
function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const folded = target.nextElementSibling ?? target.parentElement?.nextElementSibling;
  if (folded?.tagName === 'DETAILS') folded.open = true;
  target.scrollIntoView();
}
window.addEventListener('hashchange', reveal);

// ---- Charts, in the colours of the page.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn = [];

function draw(figure) {
  const data = JSON.parse(figure.dataset.chart);
  const colours = [colour('--mark'), colour('--after')];
  const axis = (title) => ({
    title: { display: true, text: title, color: colour('--quiet') },
    ticks: { color: colour('--quiet') },
    grid: { color: colour('--line') },
  });
  const canvas = figure.querySelector('canvas');
  canvas.setAttribute('aria-label', data.title);
  drawn.push(new Chart(canvas, {
    type: data.kind,
    data: {
      labels: data.labels,
      datasets: data.series.map((series, i) => ({
        label: series.name, data: series.values, borderColor: colours[i % 2], backgroundColor: colours[i % 2],
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: {
        title: { display: true, text: data.title, color: colour('--text') },
        legend: { display: data.series.length > 1, labels: { color: colour('--text') } },
      },
      scales: { x: axis(data.label_axis), y: { ...axis(data.value_axis), beginAtZero: true } },
    },
  }));
}

function drawAll() {
  drawn.splice(0).forEach((chart) => chart.destroy());
  document.querySelectorAll('figure.chart').forEach(draw);
}

document.getElementById('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  drawAll();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);

drawAll();
reveal();
