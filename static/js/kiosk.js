/* A shared screen clears itself: after a minute and a half without a touch it asks, and half a minute later it goes on
   to the next person. Asking can be answered as often as one likes. Without this script there is the button. */
"use strict";

(function () {
  const dialog = document.getElementById("still-there");
  const next = document.querySelector('.way-banner button[value="next_person"]');
  if (!dialog || !next) return;
  const QUIET = 90000;
  const ASKED = 30000;
  let timer = 0;

  function watch() {
    clearTimeout(timer);
    timer = setTimeout(ask, QUIET);
  }

  function ask() {
    dialog.showModal();
    timer = setTimeout(() => next.click(), ASKED);
  }

  function stay() {
    if (dialog.open) dialog.close();
    watch();
  }

  dialog.querySelector("button").addEventListener("click", stay);
  dialog.addEventListener("cancel", stay);
  for (const kind of ["pointerdown", "keydown", "scroll", "input"]) {
    document.addEventListener(kind, () => dialog.open || watch(), { passive: true });
  }
  /* Nothing of a page is kept for Back. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) next.click();
  });
  watch();
})();
