"use strict";
// The page is complete without this script; it adds sorting.
for (const chart of document.querySelectorAll("svg.confusion")) {
  const cell = Number(chart.dataset.cell), left = Number(chart.dataset.left), top = Number(chart.dataset.top);
  const orders = Object.keys(chart.dataset).filter((key) => key.startsWith("order"));
  const names = { orderGiven: "the model's order", orderMistakes: "most mistakes first", orderPictures: "most pictures first", orderName: "name", orderAlike: "confused classes together" };
  const arrange = (order) => {
    const place = chart.dataset[order].split(" ").map(Number);
    for (const row of chart.querySelectorAll("g.row")) {
      row.setAttribute("transform", `translate(0 ${top + cell * place[row.dataset.class]})`);
    }
    for (const box of chart.querySelectorAll("g.cell")) {
      box.setAttribute("transform", `translate(${left + cell * place[box.dataset.class]} 0)`);
    }
    for (const text of chart.querySelectorAll("text.column")) {
      text.setAttribute("transform", `translate(${left + cell * (place[text.dataset.class] + 0.6)} ${top - 6}) rotate(-50)`);
    }
  };
  const select = document.createElement("select");
  for (const order of orders) select.append(new Option(names[order] ?? order, order));
  select.addEventListener("change", () => arrange(select.value));
  const label = document.createElement("label");
  label.className = "controls";
  label.append("Sorted by", select);
  chart.parentElement.before(label);
}
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  if (body.rows.length < 3) continue;
  const key = (row, column) => {
    const box = row.cells[column];
    return box.dataset.value === undefined ? box.textContent : Number(box.dataset.value);
  };
  for (const [column, heading] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
      body.append(...[...body.rows].sort((a, b) => sign * compare(key(a, column), key(b, column))));
    });
  }
}
document.documentElement.dataset.script = "ran";
