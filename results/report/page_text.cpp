#include "results/report/page_text.hpp"

#include <fmt/format.h>

#include "results/report/markup.hpp"

namespace scalelab {

const char* const method_markup = R"html(<dl>
<dt>Samples</dt>
<dd>A run is a process of its own, and one sample: the median of its repetitions, without warm-ups.
Repetitions inside a process have more in common than the machine and the kernel, so they are not
counted as samples unless there is only one run.</dd>
<dt>Medians</dt>
<dd>Times are medians, with the exact 95 % interval of order statistics, which assumes nothing about
how times are distributed. Fewer than 6 samples have none: smallest and largest are shown.</dd>
<dt>Speed-up</dt>
<dd>The median time of the base over the median time; its interval is of the ratios in each round of a
sweep, or, without rounds, combines the ends of both intervals. In weak scaling, where each worker has the same work, it is scaled: workers × time of the
base / time. Efficiency is speed-up / workers.</dd>
<dt>Why it stops</dt>
<dd>Three factors, whose product is the efficiency if the base computes all of its time (the metrics of POP). <em>Load balance</em>: mean
of the workers' compute time / the largest one. <em>Communication efficiency</em>: the largest
compute time / wall time; what is missing was waiting, messages and handing out. <em>Computation
scalability</em>: compute time of the base / of all workers together; below 100 % the same work
takes longer side by side. They are of the run in the middle.</dd>
<dt>Laws</dt>
<dd>T(p) = c0 q + c1 (1 − q) + c2 g(p), with alpha = c1 / c0 (contention) and beta = c2 / c0. Here q is the
part of the work that falls to the worker with most of it: 1 / p, or more where few tasks do not divide
evenly. Ideal has alpha = beta = 0, Amdahl's law beta = 0. What grows with the workers is g: p − 1 in
Gunther's Universal Scalability Law (USL), where each deals with every other, log2 p for messages
along a tree, √p − 1 between them. They are fitted by weighted least squares to the medians;
intervals come from resampling the runs of each number of workers, and are wider where the law
misses the medians by more than the runs scatter. Chosen is the smallest law whose next term
is not shown; “or this” cannot be told from it. Judge by the largest residual: how far a median is
from the law. In weak scaling q = 1 and alpha = 0: the time is constant, or grows by beta for each doubling of the
workers (log p), for each worker (linear), or between these; c0 is that on the fewest.</dd>
<dt>Karp-Flatt</dt>
<dd>The serial share that would explain a time: (1/S − 1/p) / (1 − 1/p). If it stays level, a part of
the work is serial; if it rises with the workers, they cost each other time.</dd>
<dt>METG</dt>
<dd>Minimum effective task granularity: the shortest task, its overhead included, of which 50 %
(95 %) is work. The work of a task is counted at the rate of the sequential driver's long tasks.
Times are lower quartiles of runs. METG(95 %) is that of a line fitted to all lengths, overhead + units ×
time of a unit, with a 95 % interval from resampling the runs; it is never reached where a unit takes
5 % longer than in the sequential driver.</dd>
</dl>
)html";

namespace {

/// All but the first word, which tells of the drivers.
const char* const further_words = R"html(<dt>worker</dt><dd>one thread, process or rank</dd>
<dt>kernel, task</dt><dd>what is computed, and a part of it that one worker does</dd>
<dt>schedule</dt><dd>how tasks are handed to workers: static (all at once), dynamic (whoever is free
takes the next), guided (fewer and fewer at a time)</dd>
<dt>strong, weak scaling</dt><dd>the same work for all together; the same work for each</dd>
<dt>repetition, run</dt><dd>all tasks once, timed; one process with all its repetitions</dd>
<dt>n</dt><dd>number of samples: of runs, if nothing else is said</dd>
</dl>
)html";

const char* const css = R"css(
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d8dde3; --wash: #f5f7f9;
  --link: #0b57a4;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --ink: #e4e7ea; --soft: #a0a9b3; --line: #363d44; --wash: #1e2226;
    --link: #86bdf2;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 68rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3 { line-height: 1.25; font-weight: 650; text-wrap: balance; }
h1 { font-size: 2rem; margin: 0 0 .3rem; letter-spacing: -.015em; }
h2 { font-size: 1.4rem; margin: 3.5rem 0 .8rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 2rem 0 .6rem; }
p, ul, dl, pre { margin: 0 0 1rem; }
p, li, dd { max-width: 46rem; }
.lead { max-width: none; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .15em; }
a:focus-visible, .wide:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.lead, .note, .interval, .reading, figcaption, caption { color: var(--soft); }
.note { font-size: .875rem; }
nav { margin: 1.2rem 0 0; font-size: .94rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: 0; padding: 0; list-style: none; }
.summary { border: 0; margin: 2rem 0 .8rem; padding: 0; }
.card { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 30rem); gap: .5rem 1.6rem;
  margin: 0 0 1rem; padding: 1.1rem 1.3rem; background: var(--wash); border-radius: .6rem; }
.card h3 { margin: 0 0 .5rem; }
.card p { margin: 0 0 .6rem; }
.card .wide { margin: 0; }
.winner { font-weight: 600; }
.verdicts { padding-left: 1.1rem; }
.verdicts li { margin: 0 0 .45rem; }
.by::before { content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .5em; border-radius: .15em;
  vertical-align: -.02em; background: var(--driver); }
.bar { display: block; min-width: 2px; height: .8em; border-radius: .15em;
  background: var(--driver); line-height: 1; }
.by::before, .bar { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.rank { display: inline-block; white-space: nowrap; margin-left: .35rem; padding: 0 .4em; border: 1px solid var(--line);
  border-radius: 1em; font-size: .75rem; font-weight: 400; color: var(--soft); }
.wide { overflow-x: auto; margin: 0 0 1rem; overflow-wrap: normal; }
table { border-collapse: separate; border-spacing: 0; font-size: .875rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 .35rem; font-size: .8125rem; }
th, td { padding: .28rem .9rem .28rem 0; text-align: left; vertical-align: baseline; font-weight: 400; }
td.number { white-space: nowrap; }
th.number, td.number { text-align: right; }
thead th { color: var(--soft); font-size: .8125rem; vertical-align: bottom; border-bottom: 1px solid var(--line); }
tbody th { white-space: nowrap; }
tbody + tbody tr:first-child > * { border-top: 1px solid var(--line); }
.marked > * { font-weight: 600; }
.marked .interval { font-weight: 400; }
/* A bar has a line of its own, as wide as the card: it fits whatever the font. */
.card table, .card thead, .card tbody, .card caption { display: block; width: 100%; }
.card tr { display: grid; grid-template-columns: minmax(0, 1fr) 8ch 9ch 9ch; align-items: baseline; }
.card tbody tr { padding: .3rem 0; border-top: 1px solid var(--line); }
.card tbody tr > * { border: 0; padding-top: 0; padding-bottom: .15rem; }
.card th, .card td { padding-right: 0; font-size: .8125rem; }
.card tbody th { white-space: normal; padding-right: .3rem; }
.card thead th { white-space: nowrap; }
.card thead th:last-child:empty { display: none; }
.card .by { display: inline-flex; align-items: baseline; }
.card td:has(.bar) { grid-column: 1 / -1; }
.full table { min-width: 58rem; }
.full th:first-child { position: sticky; left: 0; background: var(--paper); }
.machines td { min-width: 4rem; }
figure { display: grid; grid-template-columns: minmax(0, 40rem) minmax(0, 1fr); gap: .5rem 2rem;
  align-items: center; margin: 0 0 2rem; }
figcaption { font-size: .875rem; overflow-wrap: break-word; }
figcaption strong { color: var(--ink); font-weight: 600; }
.reading { margin: .5rem 0 0; }
.plot { overflow-x: auto; }
svg { display: block; width: 100%; height: auto; }
pre, code { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace; font-size: .8125rem; }
pre { padding: .8rem 1rem; background: var(--wash); border-radius: .4rem; white-space: pre-wrap; }
dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1.2rem; font-size: .9rem; }
dl.facts dd { margin: 0; max-width: none; }
dl.facts dt, dt { color: var(--soft); }
details dt, .words dt { color: var(--ink); font-weight: 600; }
dd { margin: 0 0 .6rem; }
summary { cursor: pointer; color: var(--link); margin: 0 0 .8rem; }
@media (max-width: 62rem) {
  figure { grid-template-columns: minmax(0, 1fr); }
  .plot { max-width: 40rem; }
  .card { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 34rem) {
  body { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  svg text { font-size: 15px; }  /* pictures, 640 units wide, are drawn at half their size */
  .card { padding: .9rem 1rem; }
  .card tr { grid-template-columns: minmax(0, 1fr) 7.5ch 8ch 8.5ch; }
  .card .rank { margin-left: 0; }
  dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dl.facts dd { margin: 0 0 .4rem; }
}
@media print {
  @page { margin: 15mm 14mm; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  nav, summary { display: none; }
  h2, h3, dt, p:has(+ pre) { break-after: avoid; }
  #method { break-before: page; }  /* its details would leave it behind */
  figure, .card, tr, pre { break-inside: avoid; }
  figure { grid-template-columns: minmax(0, 1fr); margin-bottom: 1.4rem; }
  .plot { max-width: 14cm; }
  .wide, .plot { overflow: visible; }
  table { font-size: 8pt; }
  th, td { padding-right: .55rem; }
  .full table { min-width: 0; font-size: 6.8pt; }
  .full th:first-child { position: static; }
  .full thead th, caption { font-size: inherit; }
  .full .interval { white-space: normal; }
  .full td.number { white-space: normal; }
  a { color: inherit; text-decoration: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  details > *:not(summary) { display: block; }
}
)css";

}  // namespace

std::string words_markup(const DriverStyles& looks) {
  std::string drivers;
  for (const DriverStyle& look : looks.all()) {
    if (!drivers.empty()) drivers += ", ";
    drivers += escaped(look.driver);
    if (!look.workers.empty()) drivers += fmt::format(" ({})", look.workers);
  }
  return fmt::format("<dl>\n<dt>driver</dt><dd>who computes: {}</dd>\n{}", drivers, further_words);
}

std::string report_style(const DriverStyles& looks) {
  std::string style = css;
  for (const DriverStyle& look : looks.all()) {
    style += fmt::format(".{} {{ --driver: #{:06x}; }}\n", look.id, look.color);
  }
  return style;
}

}  // namespace scalelab
