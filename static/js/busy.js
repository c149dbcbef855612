/*
 * A form whose answer takes seconds says so while one waits, and is sent once: see `data-busy`, the words.
 * Without this script it works the same; what is sent twice is done once by the server.
 */
"use strict";

(() => {
  document.querySelectorAll("form[data-busy]").forEach((form) => {
    const said = document.createElement("p");
    said.className = "busy-said";
    said.setAttribute("role", "status");
    form.append(said);
    let isSent = false;

    form.addEventListener("submit", (event) => {
      if (isSent) { event.preventDefault(); return; }
      isSent = true;
      said.textContent = form.dataset.busy;
      form.setAttribute("aria-busy", "true");
      // Not disabled: the one that was pressed keeps the focus, and is sent along.
      form.querySelectorAll("button").forEach((each) => each.setAttribute("aria-disabled", "true"));
    });

    // Back by the browser's own button: the page is as it was left.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      isSent = false;
      said.textContent = "";
      form.removeAttribute("aria-busy");
      form.querySelectorAll("button").forEach((each) => each.removeAttribute("aria-disabled"));
    });
  });
})();
