/** Draws the lines of an instrument with Apache ECharts, in the colours of the page; a point that was measured within a trace leads there. */

const scheme = matchMedia('(prefers-color-scheme: dark)');
const dashes = ['solid', 'dashed', 'dotted'];

/** The colour that a style rule gives, as the browser works it out in the present scheme. */
function colorsOf(element) {
  const probe = element.appendChild(document.createElement('i'));
  const read = (className, name) => {
    probe.className = className;
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    text: read('', '--text'), dim: read('', '--dim'), edge: read('', '--edge'), card: read('', '--card'), brand: read('', '--brand'),
    hues: Array.from({ length: 12 }, (_, i) => read(`hue-${i}`, '--hue')),
  };
  probe.remove();
  return colors;
}

function rounded(value) {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 4 });
}

/** Writes a value in its unit. */
function written(value, unit) {
  if (value === null || value === undefined || Number.isNaN(value))
    return '–';
  const perSecond = unit.endsWith('/s') && unit !== '/s' ? '/s' : '';
  const plain = perSecond ? unit.slice(0, -2) : unit;
  const size = Math.abs(value);
  if (plain === 's' && !perSecond)
    return size === 0 || size >= 1 ? `${rounded(value)} s` : size >= 1e-3 ? `${rounded(value * 1e3)} ms` : `${rounded(value * 1e6)} µs`;
  if (plain === 'By') {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    const step = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(size) / 10));
    return `${rounded(value / 1024 ** step)} ${units[step]}${perSecond}`;
  }
  return `${rounded(value)}${plain === '' || plain === '/s' ? plain : ` ${plain}${perSecond}`}`;
}

let loading = null;

/** The library is a script that expects the global object as its own, which a module's import would not give it. */
function load(address) {
  return loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${address} could not be loaded.`));
    script.src = address;
    document.head.append(script);
  });
}

export async function create(element, library) {
  await load(library);
  const chart = globalThis.echarts.init(element);
  const resizing = new ResizeObserver(() => chart.resize());
  resizing.observe(element);
  let last = null;

  function draw() {
    if (!last)
      return;
    const { from, step, unit, lines, exemplars } = last;
    const colors = colorsOf(element);
    const axis = { axisLine: { lineStyle: { color: colors.edge } }, axisLabel: { color: colors.dim, hideOverlap: true }, splitLine: { lineStyle: { color: colors.edge } } };
    const series = lines.map((line, i) => ({
      name: line.name, type: 'line', showSymbol: false, connectNulls: false, color: colors.hues[(i + 1) % colors.hues.length],
      lineStyle: { width: 2, type: dashes[Math.floor(i / colors.hues.length) % dashes.length] },
      areaStyle: lines.length <= 3 ? { opacity: .12 } : undefined,
      // A value stands for the whole step, and is drawn in its middle.
      data: line.values.map((value, at) => [from + (at + .5) * step, value]),
    }));
    if (exemplars.length > 0)
      series.push({
        name: 'Exemplars', type: 'scatter', symbolSize: 8, color: colors.brand, cursor: 'pointer',
        data: exemplars.map(e => ({ value: [e.time, e.value], trace: e.trace, span: e.span })),
      });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 16, top: 16, bottom: 34, containLabel: true },
      legend: { type: 'scroll', bottom: 0, icon: 'roundRect', itemHeight: 8, itemWidth: 16, textStyle: { color: colors.text }, pageTextStyle: { color: colors.text }, pageIconColor: colors.text },
      tooltip: {
        trigger: 'axis', confine: true, backgroundColor: colors.card, borderColor: colors.edge, textStyle: { color: colors.text },
        valueFormatter: value => written(Array.isArray(value) ? value[1] : value, unit),
      },
      xAxis: { type: 'time', min: from, max: from + step * (lines[0]?.values.length ?? 1), ...axis, splitLine: { show: false } },
      yAxis: { type: 'value', min: value => Math.min(0, value.min), ...axis, axisLabel: { ...axis.axisLabel, formatter: value => written(value, unit) } },
      series,
    }, { replaceMerge: ['series'] });
  }

  chart.on('click', { seriesType: 'scatter' }, point => globalThis.Blazor.navigateTo(`/traces/${point.data.trace}?span=${point.data.span}`));
  scheme.addEventListener('change', draw);
  return {
    update(data) { last = data; draw(); },
    dispose() { scheme.removeEventListener('change', draw); resizing.disconnect(); chart.dispose(); },
  };
}
