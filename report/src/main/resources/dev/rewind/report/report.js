// What the page does beyond what it shows by itself. The functions that are exported need no page.

/** Bytes from base 64. */
export function bytes(base64) {
  return Uint8Array.from(atob(base64), c => c.charCodeAt(0));
}

/** Numbers of 16 bits from base 64, the low byte first. */
export function words(base64) {
  const b = bytes(base64);
  return Uint16Array.from({length: b.length / 2}, (_, i) => b[2 * i] | b[2 * i + 1] << 8);
}

/** The class that colours a value of a unit: n9 to n1, p0, p1 to p9. */
export function level(value, low, high) {
  const share = high === low ? 0 : low < 0 ? value / high : (value - low) / (high - low);
  const n = Math.round(9 * Math.min(1, Math.abs(share)));
  return (share < 0 && n > 0 ? 'n' : 'p') + n;
}

/** What is shown of a symbol: letters for what cannot be seen. */
export function shown(symbol) {
  if (symbol === ' ') return '␣';
  if (symbol === '\n') return '↵';
  if (symbol === '\t') return '⇥';
  return symbol.length === 1 && symbol < ' ' ? String.fromCharCode(0x2400 + symbol.charCodeAt(0)) : symbol;
}

/** The place in ascending numbers of the one nearest to x. */
export function nearest(numbers, x) {
  let low = 0;
  let high = numbers.length - 1;
  while (high - low > 1) {
    const middle = low + high >> 1;
    if (numbers[middle] <= x) low = middle; else high = middle;
  }
  return x - numbers[low] <= numbers[high] - x ? low : high;
}

/** Four digits of a number. */
export function digits(x) {
  return Math.abs(x) >= 1000 ? Math.round(x).toLocaleString('en') : String(+x.toPrecision(4));
}

/** The text of a page, made ready. */
export function reading(text) {
  const ids = words(text.ids);
  const next = words(text.next);
  const p = words(text.p);
  const bits = words(text.bits);
  const kept = new Map();
  const all = i => kept.get(i) ?? kept.set(i, bytes(text.signals[i].data)).get(i);
  const long = new Map(text.long.map(unit => [unit.signal + ' ' + unit.unit, unit.data]));
  return {
    ids, symbols: text.symbols, signals: text.signals,
    /** Values of a unit as far as the page has them, with the range of the colours. */
    values(signal, unit) {
      const {low, high} = text.signals[signal];
      const whole = long.get(signal + ' ' + unit);
      const b = whole ? bytes(whole) : all(signal).subarray(unit * text.whole, (unit + 1) * text.whole);
      const step = (high[unit] - low[unit]) / 255;
      return {low: low[unit], high: high[unit], values: Float64Array.from(b, x => low[unit] + x * step)};
    },
    /** How surprising each symbol was, in bits; the first one is not predicted. */
    surprise() {
      return {low: 0, high: 8, values: Float64Array.from(bits, x => x / 1000)};
    },
    /** The likeliest symbols after a step, and the probability of all others. */
    likely(t) {
      const listed = Array.from({length: text.likely}, (_, k) => k + t * text.likely)
          .map(i => ({symbol: text.symbols[next[i]], p: p[i] / 65535}));
      return {listed, rest: Math.max(0, 1 - listed.reduce((sum, one) => sum + one.p, 0))};
    },
  };
}

function element(name, className, content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

/** Shows the numbers of a chart where the pointer is. */
function follow(figure, lines) {
  const plot = figure.querySelector('.plot');
  const output = figure.querySelector('output');
  const rest = output.textContent;
  const least = Math.min(...lines.map(line => line.x[0]));
  const most = Math.max(...lines.map(line => line.x[line.x.length - 1]));
  const cursor = element('div', 'cursor');
  const show = share => {
    const x = least + Math.min(1, Math.max(0, share)) * (most - least);
    const main = lines[0].x[nearest(lines[0].x, x)];
    cursor.style.left = 100 * (main - least) / (most - least || 1) + '%';
    plot.append(cursor);
    output.textContent = digits(main) + ': ' + lines.map(line => {
      const i = nearest(line.x, main);
      return line.name + ' ' + digits(line.y[i]) + (line.x[i] === main ? '' : ' (at ' + digits(line.x[i]) + ')');
    }).join(', ');
    plot.share = share;
  };
  plot.tabIndex = 0;
  plot.addEventListener('pointermove', event => {
    const box = plot.getBoundingClientRect();
    show((event.clientX - box.left) / box.width);
  });
  plot.addEventListener('keydown', event => {
    const step = {ArrowLeft: -0.01, ArrowRight: 0.01}[event.key];
    if (step) {
      event.preventDefault();
      show(Math.min(1, Math.max(0, (plot.share ?? (step < 0 ? 1 : 0)) + step)));
    }
  });
  plot.addEventListener('pointerleave', () => {
    cursor.remove();
    output.textContent = rest;
  });
}

/** Colours the text and answers for its symbols. */
function read(text) {
  const $ = id => document.getElementById(id);
  const data = reading(text);
  const box = $('text');
  const spans = Array.from(data.ids, id => {
    const symbol = data.symbols[id];
    return element('span', symbol === '\n' ? 'break' : '', symbol === '\n' || symbol === '\t' ? symbol : symbol === ' '
        ? ' ' : shown(symbol));
  });
  spans.forEach((span, t) => { span.t = t; });
  box.replaceChildren(...spans);

  const layers = [...new Set(data.signals.map(signal => signal.layer))];
  const quantities = [...new Set(data.signals.map(signal => signal.quantity))];
  $('layer').replaceChildren(...layers.map(name => new Option(name)));
  $('quantity').replaceChildren(...[...quantities, 'surprise (bits)'].map(name => new Option(name)));
  let current = data.surprise();
  let here = 0;

  const chosen = () => data.signals.findIndex(signal => signal.layer === $('layer').value
      && signal.quantity === $('quantity').value);
  const panel = () => {
    const {listed, rest} = data.likely(here);
    const came = data.symbols[data.ids[here + 1]];
    const value = current.values[here];
    const table = element('table');
    for (const {symbol, p} of [...listed, {symbol: 'others', p: rest}]) {
      const row = table.insertRow();
      row.className = symbol === came ? 'came' : '';
      row.insertCell().textContent = shown(symbol);
      const bar = element('div', 'bar');
      bar.style.width = 100 * p + '%';
      row.insertCell().append(bar);
      row.insertCell().textContent = (100 * p).toFixed(p < 0.1 ? 2 : 1) + ' %';
    }
    const surprise = here === 0 ? '' : ', ' + data.surprise().values[here].toFixed(2) + ' bits of surprise';
    const unit = chosen() < 0 ? '' : $('layer').value + ', ' + $('quantity').value + ', unit ' + $('unit').value + ': '
        + (value === undefined ? 'not in this page beyond symbol ' + current.values.length : value.toFixed(3));
    $('panel').replaceChildren(element('h3', '', shown(data.symbols[data.ids[here]])),
        element('div', 'quiet', 'symbol ' + (here + 1) + ' of ' + spans.length + surprise),
        element('div', 'value', unit), element('div', 'quiet', 'Likely next' + (came ? '; bold is what came' : '')), table);
  };
  const move = t => {
    spans[here].classList.remove('here');
    here = Math.min(spans.length - 1, Math.max(0, t));
    spans[here].classList.add('here');
    panel();
  };
  const colour = () => {
    const signal = chosen();
    $('unit').disabled = $('layer').disabled = $('previous').disabled = $('next').disabled = signal < 0;
    if (signal >= 0) {
      const last = data.signals[signal].units - 1;
      $('unit').max = last;
      $('unit').value = Math.min(last, Math.max(0, Math.round($('unit').valueAsNumber || 0)));
    }
    current = signal < 0 ? data.surprise() : data.values(signal, $('unit').valueAsNumber);
    spans.forEach((span, t) => {
      const value = current.values[t];
      span.className = (value === undefined ? 'beyond' : level(value, current.low, current.high))
          + (data.symbols[data.ids[t]] === '\n' ? ' break' : '');
    });
    move(here);
  };
  const choose = (signal, unit) => {
    $('layer').value = data.signals[signal].layer;
    $('quantity').value = data.signals[signal].quantity;
    $('unit').value = unit;
    colour();
  };

  for (const id of ['layer', 'quantity', 'unit']) $(id).addEventListener('change', colour);
  $('previous').addEventListener('click', () => { $('unit').stepDown(); colour(); });
  $('next').addEventListener('click', () => { $('unit').stepUp(); colour(); });
  for (const button of document.querySelectorAll('.card button')) {
    button.addEventListener('click', () => {
      choose(+button.dataset.signal, +button.dataset.unit);
      move(+button.dataset.from);
      box.scrollTop = spans[here].offsetTop - spans[0].offsetTop;
      $('reading').scrollIntoView();
    });
  }
  box.addEventListener('pointerover', event => { if (event.target.t !== undefined) move(event.target.t); });
  box.addEventListener('pointerdown', event => { if (event.target.t !== undefined) move(event.target.t); });
  box.addEventListener('keydown', event => {
    const to = {ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: spans.length - 1}[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
      spans[here].scrollIntoView({block: 'nearest'});
    }
  });
  if (text.long.length > 0) choose(text.long[0].signal, text.long[0].unit); else colour();
}

if (globalThis.document?.getElementById('data')) {
  const {charts, text} = JSON.parse(document.getElementById('data').textContent);
  document.documentElement.classList.add('on');
  for (const [id, lines] of Object.entries(charts)) follow(document.getElementById(id), lines);
  if (text) read(text);
}
