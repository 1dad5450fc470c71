# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page can do beyond being read: sort and filter its tables. Everything is there without it."""

from __future__ import annotations

SCRIPT = """
"use strict";
(() => {
  const FEW_ROWS = 12;
  const order = new Intl.Collator("en", {numeric: true, sensitivity: "base"});
  const ready = new WeakSet();

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v ?? cell.textContent;
  };

  const numberOf = (text) => text === "" ? -Infinity : Number(text.replace(/,/g, ""));

  function sort(table, rows, heading) {
    const before = heading.getAttribute("aria-sort");
    const numeric = heading.classList.contains("n");
    const first = numeric ? "descending" : "ascending";
    const second = numeric ? "ascending" : "descending";
    // The third press brings back the order of the report.
    const now = before === first ? second : before === second ? "none" : first;
    for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", now);
    const sign = now === "descending" ? -1 : 1;
    const keys = new Map(rows.map((row) => {
      const value = valueOf(row, heading.cellIndex);
      return [row, numeric ? numberOf(value) : value];
    }));
    const compare = numeric ? (a, b) => (a > b) - (a < b) : order.compare;
    const sorted = now === "none" ? rows : [...rows].sort((a, b) => sign * compare(keys.get(a), keys.get(b)));
    table.tBodies[0].append(...sorted);
  }

  function enhance(table) {
    if (ready.has(table)) return;
    ready.add(table);
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 2) return;
    for (const heading of table.tHead.rows[0].cells) {
      heading.setAttribute("aria-sort", "none");
      const button = make("button", {type: "button"}, ...heading.childNodes);
      button.addEventListener("click", () => sort(table, rows, heading));
      heading.append(button);
    }
    if (rows.length > FEW_ROWS || table.dataset.states) filters(table, rows);
  }

  function filters(table, rows) {
    const name = table.caption.textContent;
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const input = make("input", {type: "search", autocomplete: "off", spellcheck: false});
    const shown = make("output", {});
    const controls = make("div", {className: "controls"}, make("label", {}, make("span", {}, "Filter", make("span", {className: "hidden"}, ": " + name)), input));
    let select = null;
    if (table.dataset.states) {
      const options = table.dataset.states.split("|").map((state) => make("option", {value: state}, state));
      select = make("select", {}, make("option", {value: ""}, "All"), ...options);
      controls.append(make("label", {}, "Show", select));
    }
    controls.append(shown);
    const apply = () => {
      const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, index) => {
        const wanted = words.every((word) => texts[index].includes(word)) && (!select || !select.value || row.dataset.s.split("|").includes(select.value));
        row.hidden = !wanted;
        count += wanted;
      });
      shown.textContent = count === rows.length ? "" : count.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " rows";
    };
    input.addEventListener("input", apply);
    select?.addEventListener("change", apply);
    table.parentElement.before(controls);
  }

  const isShown = (table) => !table.parentElement.closest("details:not([open])");
  const enhanceShown = (root) => root.querySelectorAll("table").forEach((table) => isShown(table) && enhance(table));
  document.addEventListener("toggle", (event) => event.target.open && enhanceShown(event.target), true);
  enhanceShown(document);
})();
"""
