/* Solves the sum of an open link's welcome page while the page is read. Without this script there is a short wait. */
"use strict";

(function () {
  const form = document.querySelector("form[data-challenge]");
  if (!form || !window.Worker) return;
  let pressed = false;
  const button = form.querySelector('button[value="start"]');
  const said = form.querySelector('[role="status"]');

  function go() {
    /* As if the button were pressed, which a form sent by a script leaves out. */
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "go";
    field.value = "start";
    form.append(field);
    form.submit();
  }

  const worker = new Worker(form.dataset.worker);
  worker.onmessage = (event) => {
    form.elements.answer.value = event.data;
    worker.terminate();
    if (pressed) go();
  };
  worker.onerror = () => {
    /* Then as without a script: the server offers the wait. */
    form.elements.answer.value = "-";
    if (pressed) go();
  };
  worker.postMessage(form.dataset.challenge);

  form.addEventListener("submit", (event) => {
    const by = event.submitter;
    if ((by && by.name === "speak") || form.elements.answer.value) return;
    event.preventDefault();
    if (pressed) return;
    pressed = true;
    button.textContent = said.textContent = form.dataset.busy;
  });

  /* Back from the first page: the challenge has been used. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
