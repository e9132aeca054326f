"use strict";
// Sorting and filtering of the students' table. Without this script the table is complete and sorted by name.
(() => {
  const table = document.getElementById("students");
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  const find = document.getElementById("find");
  const shown = document.getElementById("shown");
  const choices = Array.from(document.querySelectorAll("#choices a"));
  const advice = Array.from(document.querySelectorAll(".advice"));
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const students = Array.from(body.rows, (row) => ({
    row,
    text: fold(row.cells[0].textContent),
    tags: row.dataset.tags.split(" "),
  }));
  const everyone = choices[0].hash;
  let chosen = everyone;

  const valueOf = (row, column, number) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    if (text === "") return null;
    return number ? Number(text) : text;
  };

  // Cells without a value come last, whichever the direction.
  const compare = (number, sign) => (a, b) => {
    if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
    return sign * (number ? a.value - b.value : collator.compare(a.value, b.value));
  };

  const sort = (column) => {
    const head = heads[column];
    const number = head.dataset.kind === "number";
    const before = head.getAttribute("aria-sort");
    const first = number ? "descending" : "ascending";
    const other = number ? "ascending" : "descending";
    const direction = before === first ? other : first;
    const keyed = Array.from(body.rows, (row) => ({ row, value: valueOf(row, column, number) }));
    keyed.sort(compare(number, direction === "ascending" ? 1 : -1));
    body.replaceChildren(...keyed.map((item) => item.row));
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", direction);
  };

  const filter = () => {
    const words = fold(find.value).split(/\s+/).filter(Boolean);
    const tag = chosen.slice("#show-".length);
    let count = 0;
    for (const student of students) {
      const fits = (chosen === everyone || student.tags.includes(tag)) && words.every((word) => student.text.includes(word));
      student.row.hidden = !fits;
      count += fits;
    }
    shown.value = `${count} of ${students.length} shown`;
  };

  const show = (choice) => {
    chosen = choice.hash;
    choices.forEach((one) => one.removeAttribute("aria-current"));
    choice.setAttribute("aria-current", "true");
    for (const one of advice) one.hidden = one.dataset.about !== chosen.slice("#show-".length);
    filter();
  };

  // The choice stands in the address, so that “back” goes back. Other fragments (a check, the skip link) leave it alone.
  const asked = () => choices.find((one) => one.hash === (location.hash || everyone));

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
  });
  for (const choice of choices) {
    choice.addEventListener("click", (event) => {
      event.preventDefault(); // no jump: the table is right below, and the keyboard stays where it is
      if (location.hash !== choice.hash) history.pushState(null, "", choice.hash);
      show(choice);
    });
  }
  addEventListener("popstate", () => {
    const choice = asked();
    if (choice) show(choice);
  });
  find.addEventListener("input", filter);
  const controls = document.getElementById("controls");
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.hidden = false;
  show(asked() ?? choices[0]);
})();
