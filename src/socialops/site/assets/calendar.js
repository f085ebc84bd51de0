// The calendar's filter: by channel, campaign and state. Without this script the calendar shows everything.
(() => {
  "use strict";
  const calendar = document.querySelector("[data-so-calendar]");
  const form = calendar && calendar.querySelector("[data-so-filter]");
  if (!form) return;
  const kinds = ["channel", "campaign", "state"];
  const rows = [...calendar.querySelectorAll("[data-so-row]")];
  const gaps = [...calendar.querySelectorAll("[data-so-gap], .so-load-of[data-channel]")];
  const count = form.querySelector("output");

  const matches = (row, kind, wanted) => !wanted || (row.dataset[kind] || "").trim().split(" ").includes(wanted);

  const apply = () => {
    const wanted = Object.fromEntries(kinds.map((kind) => [kind, form.elements[kind].value]));
    const filtered = kinds.some((kind) => wanted[kind]);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !kinds.every((kind) => matches(row, kind, wanted[kind]));
      if (!row.hidden) shown += 1;
    }
    for (const gap of gaps) {
      gap.hidden = !matches(gap, "channel", wanted.channel) || Boolean((wanted.campaign || wanted.state) && gap.hasAttribute("data-so-gap"));
    }
    for (const entry of calendar.querySelectorAll("[data-so-entry]")) {
      entry.hidden = [...entry.querySelectorAll("[data-so-row]")].every((row) => row.hidden);
    }
    for (const day of calendar.querySelectorAll(".so-day")) {
      const lines = [...day.querySelectorAll("[data-so-row], [data-so-gap]")];
      day.classList.toggle("so-filtered", lines.length > 0 && lines.every((line) => line.hidden));
    }
    count.textContent = filtered ? `${shown} of ${rows.length} shown` : "";
    const chosen = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    history.replaceState(null, "", chosen.size ? `#${chosen}` : location.pathname + location.search);
  };

  const remembered = new URLSearchParams(location.hash.slice(1));
  for (const kind of kinds) {
    const value = remembered.get(kind);
    if (value && [...form.elements[kind].options].some((option) => option.value === value)) form.elements[kind].value = value;
  }
  form.hidden = false;
  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  if (kinds.some((kind) => form.elements[kind].value)) apply();
})();
