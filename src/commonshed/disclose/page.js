// The page works without this: the switches are plain radio buttons. Here only memory, the reader's language, sorting.
(() => {
  "use strict";
  const root = document.documentElement;
  const tags = { en: "en", zh: "zh-Hans" };
  const told = () => {
    const chosen = document.querySelector("input[name=language]:checked");
    if (!chosen) return;
    root.lang = tags[chosen.value];
    document.title = root.dataset["title" + (chosen.value === "en" ? "En" : "Zh")];
  };
  const asked = new URLSearchParams(location.hash.slice(1));
  const choose = (name, value) => {
    const input = value && document.querySelector(`input[name="${name}"][value="${CSS.escape(value)}"]`);
    if (input) input.checked = true;
  };
  const preferred = (navigator.languages || [navigator.language]).find((l) => /^(zh|en)/.test(l));
  choose("language", asked.get("language") || (preferred && preferred.slice(0, 2)));
  for (const name of ["law", "year"]) choose(name, asked.get(name));
  told();
  document.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    asked.set(event.target.name, event.target.value);
    history.replaceState(null, "", "#" + asked);
    told();
  });
  // Sorting: once up, once down, then the order of the page again. Rows that explain a row travel with it.
  for (const table of document.querySelectorAll("table.ranking")) {
    const body = table.tBodies[0];
    const groups = [];
    for (const row of body.rows) {
      if (row.classList.contains("why")) groups.at(-1).push(row);
      else groups.push([row]);
    }
    const key = (row, column) => {
      const text = row.cells[column].textContent.replace(/[^0-9.]+/g, " ").trim().split(" ")[0];
      return text === "" || /^[–(]/.test(row.cells[column].textContent.trim()) ? Infinity : Number(text);
    };
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (!head.classList.contains("num")) return;
      const button = document.createElement("button");
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const now = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
        const next = now === undefined ? "ascending" : now;
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        if (next) head.setAttribute("aria-sort", next);
        const sign = next === "descending" ? -1 : 1;
        const order = next ? [...groups].sort((a, b) => {
          const [x, y] = [key(a[0], column), key(b[0], column)];
          return x === y ? 0 : x === Infinity ? 1 : y === Infinity ? -1 : sign * (x - y);
        }) : groups;
        body.append(...order.flat());
      });
    });
  }
})();
