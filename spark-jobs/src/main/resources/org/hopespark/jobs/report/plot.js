// What a reader does with the plots of a page: values under the pointer, a logarithmic axis, smoothing, and tokens or
// time in place of steps. Without it the plots stay as they were drawn.
'use strict';
(() => {
  const figures = [...document.querySelectorAll('figure[data-plot]')];
  const plots = new Map(figures.map(figure => [figure, JSON.parse(figure.dataset.plot)]));
  const scale = document.querySelector('[data-scale]'); // what has been seen, and when, at a step
  const scales = scale ? JSON.parse(scale.dataset.scale) : {};
  const view = {over: 'step', log: false, smoothing: 0};

  // -- numbers, as Units writes them

  const count = value => Math.round(value).toLocaleString('en-US');

  function digits(value) {
    const size = Math.abs(value);
    if ((size > 0 && size < 0.001) || size >= 1e7) {
      return value.toExponential(2).replace(/e([+-])(\d)$/, 'e$10$2');
    }
    if (size >= 100) {
      return count(value);
    }
    const text = value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  }

  function bytes(value) {
    const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
    let unit = 0;
    for (; Math.abs(value) >= 999.5 && unit < units.length - 1; unit++) {
      value /= 1000;
    }
    return digits(value) + ' ' + units[unit];
  }

  function duration(seconds) {
    const minutes = Math.floor(seconds / 60);
    return seconds < 60 ? digits(seconds) + ' s'
      : minutes < 60 ? minutes + ' min ' + Math.floor(seconds % 60) + ' s'
      : minutes < 1440 ? Math.floor(minutes / 60) + ' h ' + minutes % 60 + ' min'
      : Math.floor(minutes / 1440) + ' d ' + Math.floor(minutes % 1440 / 60) + ' h';
  }

  // -- axes, as Axis makes them

  const rounding = 1e-9;

  function roundStep(rough) {
    const power = 10 ** Math.floor(Math.log10(rough));
    const factor = rough / power;
    return power * (factor <= 1.01 ? 1 : factor <= 2.01 ? 2 : factor <= 5.01 ? 5 : 10);
  }

  function linear(min, max, widens) {
    if (!(min < max)) {
      max = min + Math.max(Math.abs(min) * 0.1, 1e-9);
    }
    const step = roundStep((max - min) / 5);
    if (widens) {
      min = Math.floor(min / step + rounding) * step;
      max = Math.ceil(max / step - rounding) * step;
    }
    const ticks = [];
    for (let k = Math.ceil(min / step - rounding); k * step <= max + step * rounding; k++) {
      ticks.push(k * step);
    }
    return {ticks, share: value => (value - min) / (max - min)};
  }

  function logarithmic(min, max) {
    const low = Math.log10(min);
    const high = Math.max(Math.log10(max), low + 0.01);
    const factors = high - low > 4 ? [1] : high - low > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
    const ticks = [];
    for (let power = Math.floor(low); power <= high; power++) {
      ticks.push(...factors.map(factor => factor * 10 ** power).filter(tick => tick >= min && tick <= max));
    }
    return {ticks, share: value => (Math.log10(value) - low) / (high - low)};
  }

  // -- series

  // the exponential mean that TensorBoard shows, without the bias of its start
  function smoothed(values) {
    let mean = 0;
    let weight = 0;
    return values.map(value => {
      mean = view.smoothing * mean + (1 - view.smoothing) * value;
      weight = view.smoothing * weight + 1 - view.smoothing;
      return mean / weight;
    });
  }

  // a step as tokens or seconds, between two of those that are known
  function placed(step) {
    const to = scales[view.over];
    const steps = scales.step;
    let i = 1;
    while (i < steps.length - 1 && steps[i] < step) {
      i++;
    }
    const share = steps.length > 1 ? (step - steps[i - 1]) / (steps[i] - steps[i - 1]) : 0;
    return steps.length > 1 ? to[i - 1] + share * (to[i] - to[i - 1]) : to[0];
  }

  // -- drawing

  function draw(figure) {
    const plot = plots.get(figure);
    const svg = figure.querySelector('svg');
    const height = svg.viewBox.baseVal.height;
    // on a narrow screen as wide as that, so that its words stay as large as others
    const width = Math.max(320, Math.min(plot.width, figure.clientWidth));
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const [left, right, top, bottom] = plot.margins;
    const element = (name, attributes, text) => {
      const result = document.createElementNS(svg.namespaceURI, name);
      Object.entries(attributes).forEach(([key, value]) => result.setAttribute(key, value));
      result.textContent = text ?? '';
      return svg.appendChild(result);
    };
    const moves = plot.over === 'step' && view.over !== 'step' && scales.step?.length > 0;
    const place = moves ? placed : x => x;
    const over = moves ? view.over : plot.over;
    const unit = plot.unit === 'bytes' ? bytes : digits;
    const place_unit = over === 'time' ? duration : count;

    const series = plot.series.map(one => {
      const shown = one.y.map((y, i) => [place(one.x[i]), y]).filter(point => !view.log || point[1] > 0);
      const values = shown.map(point => point[1]);
      const curve = one.mark === 'dots' || view.smoothing === 0 ? values : smoothed(values);
      return {...one, shown, curve};
    });
    const xs = series.flatMap(one => one.shown.map(point => point[0]));
    const ys = series.flatMap(one => one.shown.map(point => point[1]));
    svg.replaceChildren();
    if (xs.length === 0) {
      element('text', {class: 'tick', x: width / 2, y: height / 2, 'text-anchor': 'middle'}, 'nothing above 0');
      return;
    }
    const least = ys.reduce((a, b) => Math.min(a, b));
    const most = ys.reduce((a, b) => Math.max(a, b));
    const first = xs.reduce((a, b) => Math.min(a, b));
    const last = xs.reduce((a, b) => Math.max(a, b));
    const y_axis = view.log ? logarithmic(least, most) : linear(Math.min(least, plot.floor ?? least), most, true);
    const x_axis = linear(first, last > first ? last : first + 1, false);
    const px = x => left + x_axis.share(x) * (width - left - right);
    const py = y => height - bottom - y_axis.share(y) * (height - top - bottom);

    for (const tick of y_axis.ticks) {
      element('line', {class: 'grid', x1: left, x2: width - right, y1: py(tick), y2: py(tick)});
      element('text', {class: 'tick', x: left - 8, y: py(tick) + 4, 'text-anchor': 'end'}, unit(tick));
    }
    for (const tick of x_axis.ticks.filter(tick => over === 'time' || Number.isInteger(tick))) {
      element('text', {class: 'tick', x: px(tick), y: height - bottom + 18, 'text-anchor': 'middle'}, place_unit(tick));
    }
    element('text', {class: 'tick', x: (left + width - right) / 2, y: height - 4, 'text-anchor': 'middle'}, over);
    for (const mark of plot.marks) {
      const x = px(Math.min(last, Math.max(first, place(mark.x))));
      const line = element('line', {class: mark.kind, x1: x, x2: x, y1: top, y2: height - bottom});
      line.appendChild(document.createElementNS(svg.namespaceURI, 'title')).textContent = mark.text;
    }
    for (const one of series.filter(one => one.shown.length > 0)) {
      const points = values => one.shown.map((point, i) => px(point[0]).toFixed(1) + ',' + py(values[i]).toFixed(1)).join(' ');
      if (one.mark === 'dots' || one.shown.length === 1) {
        one.shown.forEach(([x, y]) => element('circle', {class: one.colour, cx: px(x), cy: py(y), r: 4}));
        continue;
      }
      const kinds = one.colour + (one.mark === 'dashes' ? ' dashes' : '');
      if (view.smoothing > 0) {
        element('polyline', {class: kinds + ' faint', points: points(one.shown.map(point => point[1]))});
      }
      element('polyline', {class: kinds, points: points(one.curve)});
    }
    listen(figure, svg, {series, over, unit, place_unit, px, left, right, top, bottom, width, height, element});
  }

  // the values that lie nearest to the pointer
  function listen(figure, svg, plot) {
    const cursor = plot.element('line', {class: 'cursor', y1: plot.top, y2: plot.height - plot.bottom, visibility: 'hidden'});
    const tip = figure.querySelector('.tip') ?? figure.appendChild(document.createElement('div'));
    tip.className = 'tip';
    tip.hidden = true;
    const places = [...new Set(plot.series.flatMap(one => one.shown.map(point => point[0])))];
    const distance = (a, b) => Math.abs(plot.px(a) - b);
    svg.onpointermove = event => {
      const rectangle = svg.getBoundingClientRect();
      const at = (event.clientX - rectangle.left) * plot.width / rectangle.width;
      const x = places.reduce((best, next) => (distance(next, at) < distance(best, at) ? next : best));
      cursor.setAttribute('x1', plot.px(x));
      cursor.setAttribute('x2', plot.px(x));
      cursor.setAttribute('visibility', 'visible');
      tip.replaceChildren(document.createTextNode(plot.over + ' ' + plot.place_unit(x)));
      for (const one of plot.series.filter(one => one.shown.length > 0)) {
        const nearest = one.shown.reduce((best, next, i) =>
          (Math.abs(next[0] - x) < Math.abs(one.shown[best][0] - x) ? i : best), 0);
        if (distance(one.shown[nearest][0], plot.px(x)) <= 12) {
          const row = tip.appendChild(document.createElement('div'));
          row.className = one.colour;
          row.appendChild(document.createElement('span')).className = 'key ' + one.colour + (one.mark === 'line' ? '' : ' ' + one.mark);
          row.append(one.name + ': ' + plot.unit(one.shown[nearest][1])
            + (view.smoothing > 0 && one.mark !== 'dots' ? ', smoothed ' + plot.unit(one.curve[nearest]) : ''));
        }
      }
      tip.hidden = false;
      const beside = plot.px(x) / plot.width * rectangle.width;
      tip.style.top = rectangle.top - figure.getBoundingClientRect().top + 8 + 'px';
      tip.style.left = (beside > rectangle.width / 2 ? Math.max(0, beside - tip.offsetWidth - 12) : beside + 12) + 'px';
    };
    svg.onpointerleave = () => {
      tip.hidden = true;
      cursor.setAttribute('visibility', 'hidden');
    };
  }

  // -- controls

  function control(tools, name, field) {
    const label = tools.appendChild(document.createElement('label'));
    label.append(name + ' ', field);
    field.addEventListener('input', () => {
      location.replace('#' + new URLSearchParams({
        over: tools.elements.over?.value ?? 'step',
        log: tools.elements.log.checked,
        smoothing: tools.elements.smoothing.value,
      }));
      choose(tools);
    });
  }

  // the choices stand in the address, where they outlive a reload and can be passed on
  function choose(tools) {
    const chosen = new URLSearchParams(location.hash.slice(1));
    view.over = Object.keys(scales).includes(chosen.get('over')) ? chosen.get('over') : 'step';
    view.log = chosen.get('log') === 'true';
    view.smoothing = Math.min(0.99, Math.max(0, Number(chosen.get('smoothing')) || 0));
    if (tools.elements.over) {
      tools.elements.over.value = view.over;
    }
    tools.elements.log.checked = view.log;
    tools.elements.smoothing.value = view.smoothing;
    figures.forEach(draw);
  }

  const field = (name, properties) => Object.assign(document.createElement(name), properties);
  if (figures.length > 0) {
    const tools = field('form', {className: 'tools'});
    tools.addEventListener('submit', event => event.preventDefault());
    if (scales.step?.length > 0) {
      const choice = field('select', {name: 'over'});
      choice.append(...Object.keys(scales).map(key => field('option', {value: key, textContent: key})));
      control(tools, 'over', choice);
    }
    control(tools, 'logarithmic', field('input', {type: 'checkbox', name: 'log'}));
    control(tools, 'smoothing', field('input', {type: 'range', name: 'smoothing', min: 0, max: 0.99, step: 0.01, value: 0}));
    const heading = figures[0].previousElementSibling;
    (heading?.tagName === 'H2' ? heading : figures[0]).before(tools);
    choose(tools);
    window.addEventListener('resize', () => figures.forEach(draw));
  }
})();
