// The theme searches in a worker, which no browser starts for a page that is opened from disk. Then its box says so.
(() => {
  "use strict";
  if (location.protocol !== "file:") return;
  const words = "Pages opened from disk cannot be searched. Run python -m http.server in their folder and open http://localhost:8000/.";
  for (const line of document.querySelectorAll(".md-search-result__meta")) line.textContent = words;
})();
