// Lines of the last hour, drawn by uPlot in the place of the line that the server drew.
"use strict";
(() => {
  const most = 720; // samples, as many as the server keeps
  const kinds = {
    depth: [{ label: "Open", at: 1, colour: "--accent" }, { label: "Failed", at: 2, colour: "--bad" }],
    rate: [{ label: "Accepted", at: 3, colour: "--muted" }, { label: "Done", at: 4, colour: "--good" }, { label: "Other ends", at: 5, colour: "--warn" }],
  };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const clock = (seconds, length) => new Date(seconds * 1000).toISOString().slice(11, 11 + length);
  const text = (value) => (value == null ? "–" : value.toLocaleString("en-US", { maximumFractionDigits: 2 }));

  function columns(kind, samples) {
    return [samples.map((sample) => sample[0]), ...kind.map((line) => samples.map((sample) => sample[line.at]))];
  }

  // The value under the pointer; while there is none, the newest.
  const shown = (chart, series, at) => chart.data[series][at ?? chart.data[series].length - 1];

  function draw(box, kind, samples) {
    const axis = { stroke: colour("--muted"), font: "12px system-ui, sans-serif", grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    box.replaceChildren();
    return new uPlot({
      width: box.clientWidth,
      height: 168,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      padding: [8, 28, 0, 0], // half of the last time below the axis
      cursor: { points: { size: 6 }, drag: { x: false, y: false } },
      scales: { y: { range: (_, least, greatest) => [0, Math.max(1, greatest * 1.1)] } },
      axes: [{ ...axis, space: 70, size: 28, values: (_, seconds, __, ___, apart) => seconds.map((at) => clock(at, apart < 60 ? 8 : 5)) }, { ...axis, size: 48, values: (_, values) => values.map(text) }],
      series: [
        { label: "At", value: (chart, _, series, at) => clock(shown(chart, series, at), 8) },
        ...kind.map((line) => ({ label: line.label, stroke: colour(line.colour), width: 1.5, points: { show: false }, value: (chart, _, series, at) => text(shown(chart, series, at)) })),
      ],
    }, columns(kind, samples), box);
  }

  for (const box of document.querySelectorAll("[data-chart]")) {
    const kind = kinds[box.dataset.chart];
    const samples = JSON.parse(box.dataset.samples);
    let chart = samples.length > 1 ? draw(box, kind, samples) : null;
    const anew = () => { if (chart) { chart.destroy(); chart = draw(box, kind, samples); } };
    document.body.addEventListener("sample", (message) => {
      const sample = message.detail;
      if (samples.length > 0 && sample[0] <= samples[samples.length - 1][0]) { return; }
      samples.push(sample);
      if (samples.length > most) { samples.shift(); }
      const since = box.parentElement.querySelector("[data-since]");
      if (since) { since.textContent = clock(samples[0][0], 5); }
      if (chart) { chart.setData(columns(kind, samples)); } else if (samples.length > 1) { chart = draw(box, kind, samples); }
    });
    new ResizeObserver(() => { if (chart && box.clientWidth > 0 && box.clientWidth !== chart.width) { chart.setSize({ width: box.clientWidth, height: 168 }); } }).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
  }
})();
