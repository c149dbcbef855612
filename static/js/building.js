/*
 * The builder's page: every change is saved at once, thing by thing; see surveys/admin/build.py for what is answered.
 * Nothing that was typed is ever thrown away: what could not be saved stays in its field, marked, with the reason.
 */
"use strict";

(() => {
  const builder = document.getElementById("builder");
  if (!builder) return;

  const NOTES = ["builder-facts", "builder-obstacles"];
  const TYPING = 700, REFRESH = 250, RETRY = 4000, POLL = 10000;
  const words = builder.dataset;
  const byId = (id) => document.getElementById(id);
  const board = byId("builder-board"), state = byId("builder-state"), form = byId("builder-form");
  const frame = byId("builder-frame"), screen = byId("builder-screen"), ask = byId("builder-ask");

  let version = Number(words.version), mine = 0, opened = "", busy = 0, isSwapping = false, isComposing = false;
  let queue = Promise.resolve(), refreshTimer = 0, newsUntil = 0, trouble = "";
  const timers = new Map(), dirty = new Set(), refused = new Set();

  builder.classList.add("is-scripted");

  /* --- What is said about saving ------------------------------------------------------------------------ */

  function say() {
    const isWaiting = dirty.size > 0 || builder.querySelector(".is-unfinished");
    let now = "saved";
    if (trouble) now = trouble;
    else if (refused.size) now = "unsaved";
    else if (busy) now = "saving";
    else if (isWaiting) now = "waiting";
    const text = now === "saved" && Date.now() < newsUntil ? words.news : words[now];
    if (state.textContent !== text) state.textContent = text;
    state.dataset.state = now;
  }

  window.addEventListener("beforeunload", (event) => {
    if (dirty.size || refused.size || busy || builder.querySelector(".is-unfinished")) event.preventDefault();
  });

  /* --- Asking the server, one thing after the other ------------------------------------------------------ */

  class Unreachable extends Error {}

  async function fetchJson(url, body) {
    const token = form.elements.csrfmiddlewaretoken;
    const options = body
      ? { method: "POST", body, headers: { "X-Builder": "1", "X-CSRFToken": token.value } }
      : { headers: { "X-Builder": "1" } };
    let response;
    try {
      response = await fetch(url, { ...options, credentials: "same-origin" });
    } catch (error) {
      trouble = "offline";
      throw new Unreachable();
    }
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (response.redirected || !isJson) {
      trouble = response.status >= 500 ? "offline" : "signedOut";
      await renewToken(token);
      throw new Unreachable();
    }
    trouble = "";
    return { status: response.status, data: await response.json() };
  }

  async function renewToken(token) {
    const response = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!response || response.redirected || !response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("#builder-form [name=csrfmiddlewaretoken]");
    if (fresh) token.value = fresh.value;
  }

  function enqueue(task) {
    busy += 1;
    say();
    queue = queue.then(task).catch((error) => { if (!(error instanceof Unreachable)) throw error; }).finally(() => {
      busy -= 1;
      say();
    });
    return queue;
  }

  /* --- Fields ------------------------------------------------------------------------------------------- */

  function valueOf(control) {
    if (control.conditions) return JSON.stringify(control.conditions);
    return control.type === "checkbox" ? (control.checked ? "True" : "") : control.value;
  }

  function setValue(control, value) {
    if (control.type === "checkbox") control.checked = value === "True";
    else if (control.value !== value) control.value = value;
  }

  function touched(control, isDone) {
    dirty.add(control.id);
    clearTimeout(timers.get(control.id));
    if (isDone) flush(control.id);
    else timers.set(control.id, setTimeout(() => flush(control.id), TYPING));
    say();
  }

  function flush(id) {
    clearTimeout(timers.get(id));
    return enqueue(() => write(id));
  }

  async function write(id) {
    const control = byId(id);
    if (!dirty.has(id)) return;
    dirty.delete(id);
    if (!control) return;
    const sent = valueOf(control);
    const body = new URLSearchParams({
      place: control.dataset.place, name: control.dataset.name, value: sent, read: control.dataset.read,
    });
    let answer;
    try {
      answer = await fetchJson(words.write, body);
    } catch (error) {
      dirty.add(id);
      timers.set(id, setTimeout(() => flush(id), RETRY));
      throw error;
    }
    const now = byId(id);
    if (answer.status === 200) {
      mine += 1;
      refused.delete(id);
      if (now) {
        now.dataset.read = answer.data.read;
        note(now, "");
        if (now !== document.activeElement && !now.conditions && valueOf(now) === sent) setValue(now, answer.data.value);
      }
      refreshSoon();
      return;
    }
    refused.add(id);
    if (now) note(now, answer.data.reasons.join(" "), answer.status === 409 ? answer.data : null);
  }

  function note(control, text, conflict) {
    const place = builder.querySelector(`[data-note="${control.id}"]`);
    control.toggleAttribute("aria-invalid", false);
    if (text) control.setAttribute("aria-invalid", "true");
    if (!place) return;
    place.replaceChildren();
    place.classList.toggle("is-conflict", Boolean(conflict));
    if (!text) return;
    const said = document.createElement("p");
    said.setAttribute("role", "alert");
    said.textContent = text;
    place.append(said);
    if (!conflict) return;
    place.append(
      button(words.keep, () => { control.dataset.read = conflict.read; touched(control, true); }),
      button(words.take, () => take(control, conflict)),
    );
  }

  function take(control, conflict) {
    refused.delete(control.id);
    dirty.delete(control.id);
    control.dataset.read = conflict.read;
    note(control, "");
    if (control.conditions) {
      control.dataset.read = "";
      control.querySelectorAll(".is-unfinished").forEach((each) => each.classList.remove("is-unfinished"));
    } else setValue(control, conflict.theirs);
    refreshSoon();
    say();
  }

  function button(text, pressed, className = "deed") {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = text;
    made.addEventListener("click", pressed);
    return made;
  }

  board.addEventListener("input", (event) => {
    const control = event.target;
    if (isSwapping || !control.dataset.name) return;
    touched(control, control.type === "checkbox" || control.tagName === "SELECT");
  });
  board.addEventListener("change", (event) => {
    if (!isSwapping && event.target.dataset.name && dirty.has(event.target.id)) flush(event.target.id);
  });
  board.addEventListener("compositionstart", () => { isComposing = true; });
  board.addEventListener("compositionend", () => { isComposing = false; });

  /* --- The page as it stands now ------------------------------------------------------------------------- */

  function refreshSoon() {
    clearTimeout(refreshTimer);
    refreshTimer = setTimeout(() => enqueue(refresh), REFRESH);
  }

  async function refresh() {
    // Later, when nothing is being typed.
    if (isComposing || dirty.size) { if (!trouble) refreshSoon(); return; }
    const known = mine ? -1 : version;
    const { data } = await fetchJson(`${words.changes}?version=${known}&open=${opened}`);
    if (data.reasons) { state.textContent = data.reasons.join(" "); return; }
    if (data.board !== undefined) receive(data);
  }

  function receive(data) {
    if (data.version > version + mine) newsUntil = Date.now() + 8000;
    version = data.version;
    mine = 0;
    isSwapping = true;
    const active = document.activeElement;
    const focus = active && builder.contains(active) && active.id
      ? { id: active.id, start: caret(active, "selectionStart"), end: caret(active, "selectionEnd") } : null;
    const fresh = parsed(data.board);
    const live = board.querySelector("[data-sheet]");
    if (outlineOf(fresh) === outlineOf(board)) swapRows(fresh);
    else swapBoard(fresh, live);
    if (byId("builder-done").innerHTML !== data.done) byId("builder-done").innerHTML = data.done;
    opened = data.place;
    placeSheet(data.sheet ? parsed(data.sheet).firstElementChild : null, live);
    if (focus && document.activeElement !== byId(focus.id)) focusOn(focus.id, focus);
    isSwapping = false;
    markOpen();
    show();
    say();
  }

  const caret = (control, which) => { try { return control[which]; } catch (error) { return null; } };

  function parsed(html) {
    const template = document.createElement("template");
    template.innerHTML = html.trim();
    return template.content;
  }

  const outlineOf = (root) => [...root.querySelectorAll("[data-place].builder-part")].map((each) => each.id).join(" ");

  function swapRows(fresh) {
    fresh.querySelectorAll(".builder-part").forEach((part) => {
      const old = byId(part.id), row = part.querySelector(":scope > .builder-row");
      const present = old.querySelector(":scope > .builder-row");
      old.dataset.page = part.dataset.page;
      if (row.innerHTML !== present.innerHTML) present.replaceWith(row);
    });
    NOTES.forEach((id) => swapNote(id, fresh.querySelector(`#${id}`)));
  }

  // What is told of the whole: folded out as it was, and left alone while it says the same.
  function swapNote(id, now) {
    const before = byId(id);
    if (now && before) {
      if (now.innerHTML === before.innerHTML) return;
      // What is not saved there stays as it was typed.
      if ([...before.querySelectorAll("[data-name]")].some((each) => isHeld(each))) return;
      now.open = before.open;
      now.querySelectorAll("details[id]").forEach((each) => { each.open = Boolean(byId(each.id)?.open); });
      before.replaceWith(now);
    } else if (before) before.remove();
    else if (now) board.querySelector(".builder-top").after(now);
  }

  function swapBoard(fresh, live) {
    const open = NOTES.filter((id) => byId(id)?.open), scrolled = window.scrollY;
    if (live) live.remove();
    board.replaceChildren(fresh);
    // For a moment the page was shorter; it stays where it was.
    window.scrollTo({ top: scrolled, behavior: "instant" });
    open.forEach((id) => { if (byId(id)) byId(id).open = true; });
  }

  function placeSheet(fresh, live) {
    if (!fresh) {
      if (live) live.remove();
      forget();
      return;
    }
    // The theme's script writes the name of a chosen file into the nearest field, whatever stands there.
    fresh.querySelectorAll("[data-attach]").forEach((each) => { each.hasChangeListener = true; });
    const part = byId(fresh.dataset.sheet);
    let sheet = fresh;
    if (live && live.dataset.sheet === fresh.dataset.sheet) {
      if (live.dataset.shape === fresh.dataset.shape) { sync(live, fresh); sheet = live; }
      else carryOver(live, fresh);
    } else if (live) forget();
    if (live && live !== sheet) live.remove();
    const row = part.querySelector(":scope > .builder-row");
    if (row.nextElementSibling !== sheet) row.after(sheet);
    sheet.querySelectorAll(".builder-conditions").forEach((each) => { if (!each.conditions) showConditions(each); });
  }

  // Nothing unsaved is thrown away: it is only called when a part is closed, which waits for what is unsaved.
  function forget() {
    timers.forEach((timer) => clearTimeout(timer));
    dirty.clear();
    refused.clear();
  }

  const isHeld = (control) => dirty.has(control.id) || refused.has(control.id);

  function sync(live, fresh) {
    fresh.querySelectorAll("[data-name]").forEach((control) => {
      const old = byId(control.id);
      if (!old || isHeld(old)) return;
      if (control.classList.contains("builder-conditions")) {
        if (old.dataset.read !== control.dataset.read && !old.querySelector(".is-unfinished")) old.replaceWith(control);
        else if (old.dataset.sources !== control.dataset.sources) {
          old.dataset.sources = control.dataset.sources;
          showConditions(old);
        }
        return;
      }
      if (old.tagName === "SELECT" && old.innerHTML !== control.innerHTML) old.replaceChildren(...control.children);
      if (old.dataset.read !== control.dataset.read) {
        old.dataset.read = control.dataset.read;
        setValue(old, valueOf(control));
      }
    });
    const insertable = live.querySelector("[data-insertable]"), nowInsertable = fresh.querySelector("[data-insertable]");
    if (insertable && nowInsertable && insertable.innerHTML !== nowInsertable.innerHTML) {
      const chosen = insertable.value;
      insertable.replaceChildren(...nowInsertable.children);
      if ([...insertable.options].some((each) => each.value === chosen)) insertable.value = chosen;
    }
    const elsewhere = live.querySelector('[data-live="elsewhere"]'), nowThere = fresh.querySelector('[data-live="elsewhere"]');
    if (elsewhere && nowThere && elsewhere.innerHTML !== nowThere.innerHTML) elsewhere.replaceChildren(...nowThere.childNodes);
    const findings = live.querySelector("[data-live]"), nowFound = fresh.querySelector("[data-live]");
    if (findings.innerHTML !== nowFound.innerHTML && !findings.contains(document.activeElement)) {
      const isOpen = findings.querySelector("details")?.open ?? true;
      findings.replaceChildren(...nowFound.childNodes);
      if (findings.firstElementChild) findings.firstElementChild.open = isOpen;
    }
    fresh.querySelectorAll("summary[id]").forEach((each) => {
      const old = byId(each.id);
      if (old && old.innerHTML !== each.innerHTML) old.replaceChildren(...each.childNodes);
    });
    const asks = live.querySelectorAll("[data-ask]"), now = fresh.querySelectorAll("[data-ask]");
    asks.forEach((each, place) => {
      each.dataset.ask = now[place].dataset.ask;
    });
  }

  function carryOver(live, fresh) {
    live.querySelectorAll("details[open][id]").forEach((each) => {
      const same = fresh.querySelector(`#${each.id}`);
      if (same && !each.classList.contains("builder-add")) same.open = true;
    });
    live.querySelectorAll("[data-name]").forEach((control) => {
      const same = fresh.querySelector(`#${control.id}`);
      if (!same) { dirty.delete(control.id); refused.delete(control.id); return; }
      if (control.conditions && (isHeld(control) || control.querySelector(".is-unfinished"))) same.replaceWith(control);
      else if (isHeld(control)) {
        same.dataset.read = control.dataset.read;
        setValue(same, valueOf(control));
        const place = live.querySelector(`[data-note="${control.id}"]`);
        if (place) fresh.querySelector(`[data-note="${control.id}"]`).replaceWith(place);
        if (control.hasAttribute("aria-invalid")) same.setAttribute("aria-invalid", "true");
      }
    });
  }

  function focusOn(id, at) {
    const found = byId(id);
    if (!found) return;
    let closed = found.matches("summary") ? null : found.closest("details:not([open])");
    for (; closed; closed = closed.parentElement.closest("details:not([open])")) closed.open = true;
    found.focus({ preventScroll: Boolean(at) });
    if (at && at.start !== null && at.start !== undefined && found.setSelectionRange) {
      try { found.setSelectionRange(at.start, at.end); } catch (error) { /* a field without a caret */ }
    }
  }

  // What has just been opened is written in: it begins where the page does, unless all of it is seen already.
  function bring(id) {
    const part = byId(id)?.closest(".builder-part");
    if (part && part.getBoundingClientRect().bottom > window.innerHeight) part.scrollIntoView({ block: "start" });
  }

  function markOpen() {
    builder.querySelectorAll(".builder-part").forEach((part) => {
      const isOpen = part.id === opened;
      part.classList.toggle("is-open", isOpen);
      byId(`${part.id}-open`).setAttribute("aria-expanded", String(isOpen));
    });
  }

  /* --- Opening and closing ------------------------------------------------------------------------------- */

  async function settled() {
    [...dirty].forEach((id) => flush(id));
    let last;
    do { last = queue; await last; } while (last !== queue);
    return !dirty.size && !refused.size && !builder.querySelector(".is-unfinished");
  }

  async function open(place, field) {
    if (!(await settled())) { stay(); return; }
    await enqueue(async () => {
      const { data } = await fetchJson(`${words.changes}?version=-1&open=${place}`);
      if (data.reasons) return;
      receive(data);
      const part = byId(place);
      const wanted = field && byId(field);
      const first = wanted || (part && part.querySelector('[id$="-text_nb"], [id$="-title_nb"]'));
      if (first && part.querySelector("[data-sheet]")) focusOn(first.id);
      if (first && !wanted) bring(first.id);
    });
  }

  async function close() {
    if (!(await settled())) { stay(); return; }
    const place = opened;
    board.querySelector("[data-sheet]")?.remove();
    opened = "";
    markOpen();
    byId(`${place}-open`)?.focus();
  }

  // What is not saved must be seen to before anything else is opened.
  function stay() {
    say();
    const bad = builder.querySelector('[aria-invalid="true"], .is-unfinished select, .is-unfinished input');
    if (bad) focusOn(bad.id);
  }

  board.addEventListener("click", (event) => {
    const link = event.target.closest("[data-open]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (link.dataset.open === opened) close();
      else open(link.dataset.open);
    }
    if (event.target.closest("[data-close]")) close();
  });

  /* --- Images and documents ------------------------------------------------------------------------------- */

  const MOST_BYTES = 10 * 1024 * 1024;

  async function attach(control) {
    const file = control.files[0];
    if (!file) return;
    const place = control.dataset.attach, id = control.id;
    const said = (text) => { const now = byId(id); if (now) { note(now, text); now.value = ""; } };
    note(control, "");
    if (file.size > MOST_BYTES) { said(words.tooLarge); return; }
    if (!(await settled())) { control.value = ""; stay(); return; }
    await enqueue(async () => {
      const body = new FormData();
      body.append("place", place);
      body.append("read", control.dataset.read);
      body.append("file", file);
      let answer;
      try {
        answer = await fetchJson(words.attachUrl, body);
      } catch (error) {
        // What cannot be sent again by itself is said, not kept waiting.
        said(words.notSent);
        throw error;
      }
      if (answer.status !== 200) { said(answer.data.reasons.join(" ")); return; }
      mine += 1;
      receive(answer.data);
      focusOn(answer.data.focus);
    });
  }

  board.addEventListener("change", (event) => {
    if (!isSwapping && event.target.dataset.attach) attach(event.target);
  });

  /* --- Adding, moving, duplicating, deleting -------------------------------------------------------------- */

  async function deed(url, sent, at, keepFocus) {
    await settled();
    await enqueue(async () => {
      const body = new URLSearchParams({ open: opened, ...sent });
      // The order as it stands on the page now: what was pressed twice in a row is moved twice.
      if (sent.deed === "move") body.set("order", board.querySelector("[data-order]").dataset.order);
      const { status, data } = await fetchJson(url, body);
      builder.querySelectorAll(".builder-refusal").forEach((each) => each.remove());
      if (status !== 200) { refuse(data.reasons, at, data.see); return; }
      mine += 1;
      receive(data);
      byId("builder-said").textContent = byId("builder-done-words")?.textContent || "";
      if (!keepFocus) focusOn(byId(data.focus) ? data.focus : "builder-undo");
      if (sent.deed === "add_question" || sent.deed === "add_section") bring(data.focus);
    });
  }

  function refuse(reasons, at, see) {
    const said = document.createElement("p");
    said.className = "builder-refusal";
    said.setAttribute("role", "alert");
    said.textContent = reasons.join(" ");
    if (see) {
      const more = document.createElement("a");
      more.href = see;
      more.textContent = words.see;
      said.append(" ", more);
    }
    const place = at && at.isConnected ? at.closest(".builder-row, .builder-option, .builder-foot, .builder-add, .builder-fact, p") : null;
    if (place && place.tagName === "LI") place.append(said);
    else if (place) place.after(said);
    else board.prepend(said);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = event.submitter;
    if (!pressed) return;
    const sent = { [pressed.name]: pressed.value };
    const together = pressed.closest("[data-together]");
    if (together) {
      const ticked = [...together.querySelectorAll('[name="several"]:checked')].map((each) => each.value);
      if (ticked.length) sent.several = ticked.join(",");
    }
    if (together) together.querySelectorAll("[data-send]").forEach((each) => { sent[each.dataset.send] = each.value; });
    const url = pressed.getAttribute("formaction");
    if (pressed.dataset.ask) confirm(pressed.dataset.ask, () => deed(url, sent, pressed));
    else deed(url, sent, pressed);
  });

  function confirm(text, go) {
    byId("builder-ask-text").textContent = text;
    ask.returnValue = "";
    ask.onclose = () => { if (ask.returnValue === "yes") go(); };
    ask.showModal();
  }
  ask.addEventListener("click", (event) => { if (event.target.value) ask.close(event.target.value); });

  board.addEventListener("keydown", (event) => {
    const target = event.target;
    const isArrow = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (event.altKey && isArrow && target.tagName !== "SELECT") {
      const place = target.closest("[data-option]")?.dataset.option || target.closest(".builder-part")?.id;
      if (!place || place.startsWith("edition-")) return;
      event.preventDefault();
      const step = event.key === "ArrowUp" ? "-1" : "1";
      deed(words.deed, { deed: "move", place, step }, target, true);
    }
    if (event.key === "Enter" && target.matches('.builder-option input[type="text"]')) {
      event.preventDefault();
      byId(`${opened}-add-option`)?.click();
    }
    if (event.key === "Escape" && target.closest("[data-sheet]")) close();
  });

  /* --- Dragging ------------------------------------------------------------------------------------------ */

  let dragged = null, target = null;

  board.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(".builder-handle");
    if (handle) handle.closest(".builder-part").draggable = true;
  });
  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest(".builder-part[draggable=true]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
    dragged.classList.add("is-dragged");
  });
  board.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const found = aim(event);
    clearAim();
    target = found;
    if (!found) return;
    event.preventDefault();
    found.over.classList.add(found.isAfter ? "is-aimed-after" : "is-aimed-before");
  });
  board.addEventListener("drop", (event) => {
    if (!dragged || !target) return;
    event.preventDefault();
    const sent = { deed: "move", place: dragged.id, before: target.before, section: target.section };
    deed(words.deed, sent, dragged.querySelector(".builder-open"));
  });
  board.addEventListener("dragend", () => {
    clearAim();
    if (dragged) { dragged.classList.remove("is-dragged"); dragged.draggable = false; }
    dragged = target = null;
  });

  const number = (part) => (part ? part.id.split("-")[1] : "");

  function aim(event) {
    const isSection = dragged.classList.contains("builder-section");
    const over = event.target.closest(isSection ? ".builder-section" : ".builder-question, .builder-section");
    if (!over || over === dragged) return null;
    const box = over.getBoundingClientRect();
    const isAfter = event.clientY > box.top + box.height / 2;
    const next = isAfter ? over.nextElementSibling : over;
    const before = next === dragged ? dragged.nextElementSibling : next;
    if (isSection) return { over, isAfter, before: number(before), section: "" };
    if (over.classList.contains("builder-question")) {
      return { over, isAfter, before: number(before), section: over.parentElement.dataset.section };
    }
    const list = over.querySelector(".builder-questions");
    return { over, isAfter, before: isAfter ? "" : number(list.firstElementChild), section: list.dataset.section };
  }

  function clearAim() {
    board.querySelectorAll(".is-aimed-after, .is-aimed-before").forEach((each) => {
      each.classList.remove("is-aimed-after", "is-aimed-before");
    });
  }

  /* --- Earlier answers in a text -------------------------------------------------------------------------- */

  let written = "";

  board.addEventListener("focusin", (event) => {
    if (event.target.dataset.piped !== undefined) written = event.target.id;
  });

  board.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-insert]");
    if (!pressed) return;
    const sheet = pressed.closest("[data-sheet]"), chosen = byId(written);
    const isChosen = chosen && sheet.contains(chosen);
    const field = isChosen ? chosen : sheet.querySelector("[data-piped]");
    const instead = byId(`${sheet.dataset.sheet}-insert-instead`);
    const said = instead.value.replace(/[{}|\n]/g, " ").trim();
    const text = `{${byId(`${sheet.dataset.sheet}-insert-what`).value}${said ? `|${said}` : ""}}`;
    const start = isChosen ? field.selectionStart : field.value.length, end = isChosen ? field.selectionEnd : start;
    focusOn(field.id);
    field.setRangeText(text, start, end, "end");
    instead.value = "";
    touched(field, true);
  });

  /* --- Conditions ---------------------------------------------------------------------------------------- */

  const ON_ANSWER = ["is", "is_not"], ON_SEVERAL = ["one_of", "none_of"];
  const ON_SIZE = ["at_least", "at_most", "more_than", "less_than"];

  function showConditions(root) {
    root.conditions = root.conditions || JSON.parse(root.dataset.rows);
    const sources = JSON.parse(root.dataset.sources), rows = root.querySelector(".builder-condition-rows");
    const active = document.activeElement && root.contains(document.activeElement) ? document.activeElement.id : "";
    rows.replaceChildren();
    root.conditions.forEach((condition, place) => {
      const previous = root.conditions[place - 1];
      const row = document.createElement("div");
      row.className = "builder-condition";
      if (previous) {
        const joined = document.createElement("p");
        joined.className = previous.group === condition.group ? "builder-joined" : "builder-joined is-or";
        joined.textContent = previous.group === condition.group ? words.and : words.or;
        rows.append(joined);
      }
      const source = sources.find((each) => each.id === condition.source);
      const id = `${root.id}-${place}`;
      row.append(picker(`${id}-source`, words.what, sources.map((each) => [each.id, each.label]), condition.source, (value) => {
        Object.assign(condition, { source: value, answers: [], number: "", day: "", operator: "" });
        condition.operator = operators(sources.find((each) => each.id === value))[0] || "";
        changed(root);
      }));
      if (source) {
        const names = operators(source).map((each) => [each, wordsFor(source, each)]);
        row.append(picker(`${id}-operator`, words.how, names, condition.operator, (value) => {
          condition.operator = value;
          if (!ON_SIZE.includes(value)) Object.assign(condition, { number: "", day: "" });
          if (ON_ANSWER.includes(value)) condition.answers = condition.answers.slice(0, 1);
          else if (!ON_SEVERAL.includes(value)) condition.answers = [];
          changed(root);
        }));
        compared(row, id, condition, source, root);
      }
      const remove = button("×", () => {
        root.conditions.splice(place, 1);
        changed(root);
        byId(`${root.dataset.place}-and`).focus();
      }, "builder-small");
      remove.setAttribute("aria-label", words.remove);
      row.append(remove);
      row.classList.toggle("is-unfinished", !isFinished(condition));
      rows.append(row);
    });
    if (active) focusOn(active, {});
  }

  function operators(source) {
    if (!source) return [];
    const found = source.answers.length ? [...ON_ANSWER, ...ON_SEVERAL] : [];
    return [...found, ...(source.number || source.day ? ON_SIZE : []), "answered"];
  }

  function wordsFor(source, operator) {
    const sort = source.id.startsWith("fact-") ? "fact" : source.day ? "day" : "operator";
    return builder.getAttribute(`data-${sort}-${operator}`) || builder.getAttribute(`data-operator-${operator}`);
  }

  function compared(row, id, condition, source, root) {
    if (ON_ANSWER.includes(condition.operator)) {
      row.append(picker(`${id}-answer`, words.answer, source.answers, condition.answers[0] || "", (value) => {
        condition.answers = value ? [value] : [];
        changed(root);
      }));
    }
    if (ON_SEVERAL.includes(condition.operator)) {
      const group = document.createElement("span");
      group.className = "builder-choices";
      source.answers.forEach(([value, label]) => {
        const tick = document.createElement("input"), line = document.createElement("label");
        tick.type = "checkbox";
        tick.id = `${id}-answer-${value}`;
        tick.checked = condition.answers.includes(value);
        tick.addEventListener("change", () => {
          condition.answers = source.answers.map(([each]) => each)
            .filter((each) => (each === value ? tick.checked : condition.answers.includes(each)));
          changed(root);
        });
        line.append(tick, ` ${label}`);
        group.append(line);
      });
      row.append(group);
    }
    if (ON_SIZE.includes(condition.operator)) {
      const field = document.createElement("input"), name = source.day ? "day" : "number";
      if (source.day) Object.assign(field, { type: "date", min: "1900-01-01", max: "2100-12-31" });
      else Object.assign(field, { type: "text", inputMode: "decimal" });
      Object.assign(field, { id: `${id}-${name}`, value: condition[name] });
      field.setAttribute("aria-label", words[name]);
      field.addEventListener("change", () => { condition[name] = field.value.trim(); changed(root); });
      row.append(field);
    }
  }

  function picker(id, label, choices, value, picked) {
    const select = document.createElement("select");
    select.id = id;
    select.setAttribute("aria-label", label);
    select.append(new Option(words.choose, ""), ...choices.map(([each, text]) => new Option(text, each)));
    select.value = value;
    select.addEventListener("change", () => picked(select.value));
    return select;
  }

  function isFinished(condition) {
    if (!condition.source || !condition.operator) return false;
    if (ON_ANSWER.includes(condition.operator)) return condition.answers.length === 1;
    if (ON_SEVERAL.includes(condition.operator)) return condition.answers.length > 0;
    return !ON_SIZE.includes(condition.operator) || Boolean(condition.number || condition.day);
  }

  function changed(root) {
    showConditions(root);
    const isWhole = root.conditions.every(isFinished);
    note(root, "");
    refused.delete(root.id);
    if (isWhole) touched(root, true);
    else {
      dirty.delete(root.id);
      root.querySelector(":scope > .builder-note").textContent = words.unfinished;
    }
    say();
  }

  board.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-add]");
    if (!pressed) return;
    const root = pressed.closest(".builder-conditions");
    const last = root.conditions[root.conditions.length - 1];
    const group = (last ? last.group : 1) + (last && pressed.dataset.add === "or" ? 1 : 0);
    root.conditions.push({ group, source: "", operator: "", answers: [], number: "", day: "" });
    changed(root);
    byId(`${root.id}-${root.conditions.length - 1}-source`).focus();
  });

  /* --- The preview --------------------------------------------------------------------------------------- */

  let shown = "", aimed = "";

  function show() {
    if (!frame.offsetParent) return;
    const part = opened && byId(opened);
    const page = part ? part.dataset.page : (shown ? new URLSearchParams(shown).get("page") : "0");
    const place = frame.contentWindow && frame.contentWindow.location;
    const language = new URLSearchParams(place && place.search || "").get("language") || document.documentElement.lang || "nb";
    const query = `?page=${page}&language=${language}&frame=1`;
    const scrolled = query === shown && frame.contentWindow ? frame.contentWindow.scrollY : 0;
    const shownBefore = shown;
    shown = query;
    const code = part && part.querySelector(":scope > .builder-row .code")?.textContent;
    const isAimed = aimed === opened && query === shownBefore;
    const asked = opened;
    frame.onload = () => {
      const inner = frame.contentWindow;
      const found = code && !isAimed && inner.document.querySelector(`[id^="${CSS.escape(code)}_"]`);
      aimed = asked;
      inner.scrollTo(0, found ? (found.closest("fieldset, .question") || found).getBoundingClientRect().top + inner.scrollY - 16 : scrolled);
    };
    if (frame.src) place.replace(`${words.preview}${query}`);
    else frame.src = `${words.preview}${query}`;
  }

  function fit() {
    const width = Number(screen.dataset.width), room = screen.clientWidth;
    const scale = Math.min(1, room / width);
    frame.style.width = `${Math.min(width, Math.max(room / scale, 1))}px`;
    frame.style.height = `${screen.clientHeight / scale}px`;
    frame.style.transform = `scale(${scale})`;
  }

  builder.querySelectorAll("[data-width][aria-pressed]").forEach((pressed) => {
    pressed.addEventListener("click", () => {
      screen.dataset.width = pressed.dataset.width;
      builder.querySelectorAll("[data-width][aria-pressed]").forEach((each) => {
        each.setAttribute("aria-pressed", String(each === pressed));
      });
      fit();
    });
  });
  byId("builder-show").addEventListener("click", (event) => {
    const isShown = builder.classList.toggle("is-previewing");
    event.currentTarget.setAttribute("aria-expanded", String(isShown));
    fit();
    show();
    if (isShown) byId("builder-preview").scrollIntoView({ block: "start" });
  });
  new ResizeObserver(fit).observe(screen);

  /* --- What others do ------------------------------------------------------------------------------------- */

  setInterval(() => {
    if (!document.hidden && !busy && !dirty.size) enqueue(refresh);
    else say();
  }, POLL);

  fit();
  show();
  say();
  const named = location.hash.match(/^#((?:question|section|edition)-\d+)(?:\/([a-z]+-\d+-[a-z_]+))?$/);
  if (named) open(named[1], named[2]);
  else if (/^#editionfact(value)?-\d+-label_[a-z]+$/.test(location.hash)) focusOn(location.hash.slice(1));
})();
