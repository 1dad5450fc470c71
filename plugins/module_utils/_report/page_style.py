# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the page looks."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --paper: #ffffff; --ink: #1a1f26; --soft: #57606a; --line: #d8dde3; --faint: #eceff2;
  --accent: #0b5cad; --bad: #b42318; --bad-soft: #fdecea; --warn: #8a4b00; --warn-soft: #fdf1df; --good: #1a6b3c; --good-soft: #e6f4ea;
  --track: #e3e8ed; --over: #e58a80;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121519; --paper: #1b1f25; --ink: #e6e9ed; --soft: #a0aab5; --line: #353c45; --faint: #252b32;
    --accent: #79b8ff; --bad: #ff9d93; --bad-soft: #40201d; --warn: #f0b866; --warn-soft: #3a2a12; --good: #7fd3a0; --good-soft: #173324;
    --track: #333b44; --over: #a8473d;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif; background: var(--ground); color: var(--ink);
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, h3, h4, p, dl, dd, ul, figure { margin: 0; padding: 0; }
h1 { font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.25rem); line-height: 1.2; letter-spacing: -0.015em; font-weight: 650; text-wrap: balance; }
h2 { font-size: 1.125rem; line-height: 1.3; font-weight: 650; margin: 2.75rem 0 0.75rem; }
h3 { font-size: 1rem; font-weight: 600; }
h4 { font-size: 0.9375rem; font-weight: 500; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.soft { color: var(--soft); font-size: 0.875rem; }
.id { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.8125rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.kicker { color: var(--soft); font-size: 0.8125rem; font-weight: 600; letter-spacing: 0.02em; margin-bottom: 0.5rem; }
.made { margin-top: 0.5rem; color: var(--soft); }
bdi, td, th { overflow-wrap: anywhere; }

.tiles { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(9.25rem, 1fr)); gap: 0.75rem; margin-top: 1.75rem; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 0.875rem 1rem; display: flex; flex-direction: column; }
.tile h3 { font-size: 0.875rem; color: var(--soft); font-weight: 550; }
.figure { font-size: 1.75rem; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
.drift .figure, .expiry .figure { color: var(--warn); }
.failed .figure, .shortage .figure { color: var(--bad); }
.none .figure { color: var(--soft); font-weight: 500; }
.tile .soft { font-size: 0.8125rem; line-height: 1.4; }
.line { display: block; width: 100%; height: 2.25rem; margin-top: auto; padding-top: 0.625rem; color: var(--accent); overflow: visible; }
.line polyline { fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.line polygon { fill: currentColor; opacity: 0.12; }

.panel { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 0.25rem 1rem; }
.panel + .panel { margin-top: 0.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; line-height: 1.4; }
caption { text-align: left; color: var(--soft); font-size: 0.8125rem; padding: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.75rem 0.5rem 0; border-top: 1px solid var(--faint); }
thead th { border-top: 0; border-bottom: 1px solid var(--line); color: var(--soft); font-weight: 550; font-size: 0.8125rem; vertical-align: bottom; }
tbody th { font-weight: 550; width: 40%; min-width: 6.75rem; }
td { min-width: 5rem; }
.n { min-width: 0; }
th time { white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
.zero { color: var(--soft); }
thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0.25rem 0; margin: -0.25rem 0; cursor: pointer; text-align: inherit; }
thead button:hover { color: var(--ink); }
thead button::after { content: "\\2195"; display: inline-block; width: 1em; text-align: right; opacity: 0.45; }
[aria-sort="ascending"] button::after { content: "\\2191"; opacity: 1; }
[aria-sort="descending"] button::after { content: "\\2193"; opacity: 1; }
[aria-sort="ascending"], [aria-sort="descending"] { color: var(--ink); }

.controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; padding: 0.75rem 0 0.25rem; }
.controls label { display: flex; flex-direction: column; gap: 0.25rem; font-size: 0.8125rem; color: var(--soft); }
.controls input, .controls select { font: inherit; font-size: 1rem; color: var(--ink); background: var(--paper); border: 1px solid var(--soft);
  border-radius: 6px; padding: 0 0.5rem; height: 2.5rem; width: 15rem; max-width: 100%; }
.controls select { width: auto; }
.controls output { font-size: 0.8125rem; color: var(--soft); padding-bottom: 0.5rem; font-variant-numeric: tabular-nums; }

.badge { display: inline-block; font-size: 0.75rem; line-height: 1.5; font-weight: 600; border-radius: 99px; padding: 0 0.5rem; white-space: nowrap;
  background: var(--faint); color: var(--soft); }
.badge.failed, .badge.shortage { background: var(--bad-soft); color: var(--bad); }
.badge.drift, .badge.expiry { background: var(--warn-soft); color: var(--warn); }
.badge.as_wanted { background: var(--good-soft); color: var(--good); }

summary { cursor: pointer; padding: 0.625rem 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.125rem 0.625rem; align-items: baseline; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ""; flex: none; width: 0.4rem; height: 0.4rem; border-right: 2px solid var(--soft); border-bottom: 2px solid var(--soft);
  transform: rotate(-45deg); margin-right: 0.125rem; align-self: center; }
[open] > summary::before { transform: rotate(45deg); }
summary > * { min-width: 0; }
summary:hover h3, summary:hover h4 { text-decoration: underline; text-decoration-color: var(--soft); text-underline-offset: 0.2em; }
.location > summary .soft { margin-left: auto; }
.inside { scroll-margin-top: 4rem; padding-bottom: 0.75rem; }
.finding, .stock { border-top: 1px solid var(--faint); }
.finding h4 b { font-variant-numeric: tabular-nums; font-weight: 650; }
div.finding { padding: 0.625rem 0; }
.finding[open], .stock[open] { padding-bottom: 0.75rem; }
.rest { color: var(--soft); font-size: 0.8125rem; padding: 0.5rem 0; }
.error { color: var(--bad); padding: 0.25rem 0 0.5rem; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0.625rem 1.25rem; padding: 0.25rem 0 0.875rem; }
.facts dt { font-size: 0.8125rem; color: var(--soft); }
.facts dd { font-size: 0.9375rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }

.use { min-width: 5.5rem; width: 45%; }
.bar { display: block; width: 100%; height: 0.5rem; margin-top: 0.375rem; border-radius: 2px; }
.bar .track { fill: var(--track); } .bar .fill { fill: var(--accent); } .bar .over { fill: var(--over); } .bar .mark { fill: var(--ink); }
.missing { display: block; color: var(--bad); font-size: 0.8125rem; font-weight: 550; }
.under { display: block; color: var(--soft); font-weight: 400; font-size: 0.8125rem; }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.8125rem; max-width: 46rem; }

@media (max-width: 34rem) {
  body { padding: 1.25rem 1rem 3rem; }
  h2 { margin-top: 2rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 0.5rem; margin-top: 1.25rem; }
  .tile { padding: 0.625rem 0.75rem; }
  .tile:last-child:nth-child(odd) { grid-column: span 2; }
  .panel { padding: 0.125rem 0.75rem; }
  th, td { padding-right: 0.375rem; }
  thead th { font-size: 0.75rem; }
  tbody th { width: auto; min-width: 6.25rem; }
  .location > summary .soft { margin-left: 1.125rem; flex-basis: 100%; }
  .facts { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); }
  .use, .missing { white-space: normal; }
  .use { width: auto; min-width: 4.5rem; }
  .controls input, .controls select { width: 100%; }
  .controls label { flex: 1 1 7rem; }
  thead button::after { display: none; }
  [aria-sort="ascending"] button::after, [aria-sort="descending"] button::after { display: inline-block; }
}
@media (forced-colors: active) {
  .bar .track { fill: Canvas; stroke: CanvasText; } .bar .fill { fill: CanvasText; } .bar .over { fill: Mark; } .bar .mark { fill: Highlight; }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --faint: #ddd; --accent: #0b5cad; --bad: #8f1d14;
    --bad-soft: #fff; --warn: #6b3a00; --warn-soft: #fff; --good: #14532e; --good-soft: #fff; --track: #ddd; --over: #d66; }
  @page { margin: 15mm; }
  html { font-size: 11px; }
  body { padding: 0; max-width: none; }
  .controls, thead button::after, summary::before { display: none; }
  .bar, .line, .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .badge { border: 1px solid currentColor; }
  .location::details-content, .stock::details-content { content-visibility: visible; block-size: auto; }
  .panel { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 0; }
  .tile { border-radius: 4px; }
  tr, .tile, .facts { break-inside: avoid; }
  h2, h3, summary, caption, thead { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
  .wide { overflow: visible; }
  .trend:not([open]) { display: none; }
}
"""
