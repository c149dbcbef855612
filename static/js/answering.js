/*
 * A page of questions: every answer is saved as it is given; see surveys/web/keeping.py for what is answered.
 * What it has not confirmed lies in this browser, unless the device is shared. Without this script the buttons do.
 */
"use strict";

(() => {
  const byId = (id) => document.getElementById(id), bar = byId("saving");
  if (!bar) return;

  const TYPING = 1200, AT_THE_LATEST = 8000, CHOSEN = 250, PATIENCE = 20000, HELD = 6000;
  const FIRST_RETRY = 1000, LAST_RETRY = 60000, LONGEST_RETRY = 300000, KEEPALIVE_ROOM = 60000, HUGE = 200000;
  const words = bar.dataset, form = bar.closest("form"), fields = form ? form.elements : {};
  const link = `answers.${words.place.split(".")[0]}.`, drawer = `answers.${words.place}.`;
  const shared = fields.shared, isPage = Boolean(fields.shown), isReview = Boolean(fields.receipt);
  const list = (text) => (text || "").split(",").filter(Boolean);
  const codes = isPage ? list(fields.shown.value) : [], kept = list(words.kept), unsent = list(words.unsent);

  const make = (tag, rest) => Object.assign(document.createElement(tag), rest);

  function hidden(name, value) {
    form.querySelector(`input[name=${name}]`) || form.append(make("input", { type: "hidden", name }));
    form.querySelector(`input[name=${name}]`).value = value;
  }

  function submit(values) {
    for (const [name, value] of Object.entries(values)) hidden(name, value);
    form.submit();
  }

  /* --- What this browser keeps: it may be forbidden, full, or emptied at any moment --------------------- */

  const attempt = (act) => { try { return act(); } catch { return null; } };
  const names = () => attempt(() => Object.keys(localStorage)) || [];
  const read = (name) => attempt(() => JSON.parse(localStorage.getItem(name))) || {};
  const drop = (name) => attempt(() => localStorage.removeItem(name));
  const isShared = () => shared && (shared.type === "hidden" || shared.checked);

  function forget() {
    for (const name of names()) if (name.startsWith(link)) drop(name);
    attempt(() => sessionStorage.removeItem(link));
  }

  for (const name of names()) {
    if (name.startsWith("answers.") && !(read(name).until * 1000 > Date.now())) drop(name);
  }
  if (words.end) return forget();

  /* The first page asked for again, and no cookie came along: go on with the code this window began with. */
  if (fields.new_code && fields.new_code.value !== "afresh" && !isShared()) {
    const begun = attempt(() => sessionStorage.getItem(link));
    if (begun && begun !== fields.code.value) {
      attempt(() => sessionStorage.removeItem(link));
      return submit({ step: "welcome", go: "code", typed: begun });
    }
  }
  if (!isShared()) attempt(() => sessionStorage.setItem(link, fields.code.value));

  /* Shown as typed once, and more has been saved since. */
  const arrival = performance.getEntriesByType("navigation")[0]?.type;
  if (unsent.length && (arrival === "reload" || arrival === "back_forward")) return submit({ go: "again" });

  /* --- What is said about saving: the line is seen, changes of its kind are also heard ------------------- */

  const line = bar.querySelector("p"), voice = bar.querySelector("[role=status]");
  const idle = line.textContent;
  bar.hidden = false;

  const hear = (text) => { voice.textContent = text; };
  function say(text, kind) {
    const isNew = words.kind !== kind || (kind === "bad" && line.textContent !== text);
    line.textContent = text;
    if (!isNew || kind === "saving") return;
    if (kind !== "idle") hear(text);
    words.kind = kind;
  }

  /* --- Answers as the form has them, question by question ----------------------------------------------- */

  const questionOf = (name) =>
    codes.filter((code) => name.startsWith(`${code}_`)).sort((a, b) => b.length - a.length)[0];
  const fieldsOf = (code) => [...fields].filter((field) => field.name && questionOf(field.name) === code);

  function valuesOf(code) {
    const all = new FormData(form), values = {};
    for (const field of fieldsOf(code)) values[field.name] = all.getAll(field.name);
    return values;
  }

  const plain = (values) =>
    JSON.stringify(Object.entries(values)
      .map(([name, each]) => [name, each.map((value) => value.replace(/\r\n?/g, "\n").trim()).filter(Boolean)])
      .filter(([, each]) => each.length).sort());
  const isTick = (field) => field.type === "radio" || field.type === "checkbox";
  const labelOf = (field) => field.labels[0].textContent.trim();
  const isSame = (one, other) => plain(one) === plain(other);

  function put(code, values) {
    for (const field of fieldsOf(code)) {
      const given = values[field.name] || [];
      if (isTick(field)) field.checked = given.includes(field.value);
      else field.value = given[0] || "";
      count(field);
    }
  }

  /* --- What is not confirmed yet ------------------------------------------------------------------------ */

  const unsaved = new Map(), known = new Map(), faults = new Map();
  let turn = 0, tries = 0, timer = 0, due = 0, sending = null, controller = null, isForced = false;
  let isHalted = Boolean(words.paused), isClosed = false, isGoing = false, isWarned = false, isFound = false;

  /* `late` is what was written on another page, and upon what. */
  function note(code, late) {
    unsaved.set(code, { turn: ++turn, late });
    if (!late) keep(code);
  }

  function keep(code) {
    const entry = { values: valuesOf(code), before: known.get(code), until: Number(words.until) };
    if (!isShared()) attempt(() => localStorage.setItem(drawer + code, JSON.stringify(entry)));
  }

  const waiting = () => (isShared() || !names().some((name) => name.startsWith(drawer)) ? words.alone : words.waiting);
  const sendable = () => [...unsaved].filter(([, each]) => !each.refused);

  function soon(delay) {
    const now = Date.now();
    if (!timer) due = now + AT_THE_LATEST;
    later(Math.max(0, Math.min(delay, due - now)));
  }

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(send, delay);
  }

  function send(isLeaving) {
    clearTimeout(timer);
    timer = 0;
    if (isHalted || (sending && isLeaving !== true)) return sending;
    const sent = new Map(sendable());
    if (!sent.size && !isForced) return null;
    isForced = false;
    // Nothing older may arrive after what is sent now.
    if (controller) controller.abort();
    const body = new URLSearchParams({ step: "keep", changed: [...sent.keys()].join() });
    for (const name of ["token", "code", "proof", "language"]) body.set(name, fields[name]?.value || "");
    if (isShared()) body.set("shared", "1");
    const add = (values, mark = "") => {
      for (const [name, each] of Object.entries(values)) each.forEach((value) => body.append(mark + name, value));
    };
    for (const [code, { late }] of sent) {
      add(late ? late.values : valuesOf(code));
      if (!late) continue;
      body.set("late", `${body.get("late") || ""},${code}`);
      add(late.before || {}, "before-");
    }
    if (!tries) say(words.saving, "saving");
    const mine = sending = post(body, sent, isLeaving === true).finally(() => {
      if (sending !== mine) return;
      sending = null;
      if (!timer && !isGoing && sendable().length) soon(CHOSEN);
    });
    return mine;
  }

  async function post(body, sent, isLeaving) {
    const own = controller = new AbortController(), limit = setTimeout(() => own.abort(), PATIENCE);
    let response, answer;
    try {
      response = await fetch(form.action, {
        method: "POST", body, signal: own.signal, redirect: "error", cache: "no-store", credentials: "same-origin",
        keepalive: isLeaving && body.toString().length < KEEPALIVE_ROOM,
      });
      // A page from someone on the way is no answer of ours.
      answer = await response.json();
    } catch { /* no contact, or not our words */ }
    clearTimeout(limit);
    if (own !== controller) return null;
    const status = response?.status, isOurs = answer?.kept === false;
    if (response?.ok && answer?.kept === true) return confirm(sent, answer);
    if (status === 413) for (const each of sent.values()) each.refused = true;
    else if (isOurs && status < 500) [isHalted, isClosed] = [true, status === 410];
    else return retry(response);
    return say(isOurs ? answer.said : words.large, "bad");
  }

  function confirm(sent, answer) {
    tries = 0;
    isWarned = false;
    if (answer.proof) hidden("proof", answer.proof);
    for (const name of [...faults.keys()]) if (sent.has(questionOf(name))) faults.delete(name);
    for (const [name, message] of Object.entries(answer.faults)) faults.set(name, message);
    const wrong = new Set([...Object.keys(answer.faults).map(questionOf), ...answer.others]);
    for (const [code, each] of sent) {
      if (!unsaved.has(code) || unsaved.get(code).turn !== each.turn) continue;
      if (wrong.has(code)) { each.refused = true; continue; }
      unsaved.delete(code);
      drop(drawer + code);
      if (!codes.includes(code)) continue;
      known.set(code, valuesOf(code));
      others?.postMessage([code, known.get(code)]);
    }
    showFaults();
    if (!faults.size) say(answer.said || idle, answer.others.length ? "bad" : answer.said ? "saved" : "idle");
    // The list of answers was drawn before they were sent.
    if (isFound && isReview && !unsaved.size) form.requestSubmit();
  }

  function retry(response) {
    const asked = Number(response?.headers.get("Retry-After")) * 1000 || 0;
    const growing = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** tries++) * (0.5 + Math.random() / 2);
    say(waiting(), "bad");
    if (isGoing) return;
    due = Infinity;
    later(Math.max(growing, Math.min(asked, LONGEST_RETRY)));
  }

  /* --- Messages at the fields, not while someone still writes there --------------------------------------- */

  const describe = (field, act, name = "aria-describedby") =>
    field.setAttribute(name, act(field.getAttribute(name) || ""));

  function showFaults() {
    for (const text of form.querySelectorAll("[data-about]")) {
      const name = text.dataset.about, field = byId(name);
      if (faults.has(name)) continue;
      text.remove();
      field.removeAttribute("aria-invalid");
      describe(field, (ids) => ids.replace(` ${name}-error`, ""));
    }
    for (const [name, textContent] of faults) {
      const field = byId(name), id = `${name}-error`;
      if (!field || field === document.activeElement || byId(id)) continue;
      const text = make("p", { className: "error", id, textContent });
      text.dataset.about = name;
      (field.closest(".measure") || field).before(text);
      field.setAttribute("aria-invalid", "true");
      describe(field, (ids) => `${ids} ${id}`);
      say(words.fault, "bad");
    }
  }

  /* --- How much room there is, counted as the server counts ---------------------------------------------- */

  const length = (text) => [...text.normalize("NFC").replace(/\r\n?/g, "\n").trim()].length;

  function count(field) {
    const limit = Number(field.dataset.limit), text = limit && byId(`${field.id}-limit`);
    if (!text) return;
    const left = limit - length(field.value);
    const band = left < 0 ? "over" : left <= limit / 40 ? "few" : left <= limit / 5 ? "some" : "";
    text.dataset.usual ??= text.textContent;
    text.textContent = band ? `${left < 0 ? words.over : words.room} ${Math.abs(left)}` : text.dataset.usual;
    if (band && band !== text.dataset.band) hear(text.textContent);
    text.dataset.band = band;
  }

  /* --- A ranking: choosing what stands elsewhere changes places; arrows move up --------------------------- */

  for (const places of form.querySelectorAll(".places")) {
    const selects = [...places.querySelectorAll("select")], had = selects.map((select) => select.value);
    const settle = () => selects.forEach((select, place) => {
      had[place] = select.value;
      if (place) select.nextElementSibling.disabled = !select.value;
    });
    selects.forEach((select, place) => {
      select.addEventListener("change", () => {
        const twin = selects.find((each) => each !== select && each.value && each.value === select.value);
        if (twin) twin.value = had[place];
        settle();
      });
      if (!place) return;
      const up = make("button", { type: "button", className: "button button-secondary up", textContent: "↑" });
      up.setAttribute("aria-label", `${words.up}: ${labelOf(select)}`);
      up.addEventListener("click", () => {
        const above = selects[place - 1];
        [above.value, select.value] = [select.value, above.value];
        above.dispatchEvent(new Event("change", { bubbles: true }));
        hear(`${labelOf(above)}: ${above.selectedOptions[0].text}`);
        (place > 1 ? above.nextElementSibling : above).focus();
      });
      select.after(up);
    });
    settle();
  }

  /* --- What was found here from before ------------------------------------------------------------------- */

  function inWords(code, values) {
    return fieldsOf(code).map((field) => {
      const given = values[field.name] || [];
      if (field.options) return [...field.options].filter((each) => each.value && given.includes(each.value))[0]?.text;
      return isTick(field) ? field.value && given.includes(field.value) && labelOf(field) : given[0];
    }).filter(Boolean).join(" · ");
  }

  /* Changed since, from another window or device: the person decides. */
  function offer(code, values) {
    const box = make("div", { className: "notice notice-warning" });
    const use = make("button", { type: "button", className: "button button-secondary", textContent: words.use });
    use.addEventListener("click", () => {
      put(code, values);
      note(code);
      soon(CHOSEN);
      box.remove();
      fieldsOf(code)[0].focus();
    });
    const said = make("p", { className: "found", textContent: inWords(code, values) });
    box.append(make("p", { textContent: words.differs }), said, use);
    fieldsOf(code)[0].closest(".question, .grid").after(box);
    hear(words.differs);
  }

  function find() {
    for (const name of names()) {
      if (!name.startsWith(drawer)) continue;
      const code = name.slice(drawer.length), { values, before } = read(name);
      const now = valuesOf(code);
      if (unsent.includes(code)) continue;
      if (!values || kept.includes(code) || isSame(now, values)) drop(name);
      else if (!codes.includes(code)) { note(code, { values, before }); isFound = true; }
      else if (!before || isSame(now, before) || isSame(now, {})) { put(code, values); note(code); isFound = true; }
      else offer(code, values);
    }
    if (isFound) {
      form.before(make("p", { className: "notice notice-good", textContent: words.found }));
      hear(words.found);
    }
  }

  /* --- What people do ------------------------------------------------------------------------------------ */

  for (const code of codes) known.set(code, valuesOf(code));
  for (const field of form.querySelectorAll("[data-limit]")) {
    // The browser would cut what is pasted without a word.
    field.removeAttribute("maxlength");
    count(field);
  }
  say(idle, "idle");
  if (!isShared()) find();
  for (const code of unsent) note(code);
  if (unsaved.size) soon(CHOSEN);

  /* Another window of this browser has gone on with a question that stands here too. */
  const others = attempt(() => new BroadcastChannel(drawer));
  others?.addEventListener("message", ({ data: [code, values] }) => {
    if (!codes.includes(code) || unsaved.has(code)) return;
    put(code, values);
    known.set(code, values);
  });

  function changed(event) {
    const code = questionOf(event.target.name || "");
    if (!code) return;
    note(code);
    count(event.target);
    if (tries && timer) return;
    soon(event.type === "change" ? CHOSEN : TYPING);
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", (event) => {
    if (event.target !== shared) {
      return event.target.type.startsWith("text") ? !tries && soon(CHOSEN) : changed(event);
    }
    if (isShared()) forget();
    else for (const code of unsaved.keys()) if (codes.includes(code)) keep(code);
    // The cookie goes, or comes again, with the next answer of the server.
    isForced = true;
    soon(CHOSEN);
  });
  form.addEventListener("focusout", () => setTimeout(showFaults));

  form.addEventListener("submit", (event) => {
    const stay = (text) => { event.preventDefault(); isWarned = true; say(text, "bad"); };
    const huge = [...form.querySelectorAll("[data-limit]")].find((field) => field.value.length > HUGE);
    if (huge) { stay(words.large); return huge.focus(); }
    if (isClosed && !isWarned) return stay(line.textContent);
    // What was found here goes into the list before it is submitted.
    if (isReview && sendable().length) { event.preventDefault(); return send(); }
    if (isPage && !isHalted && !isGoing && (sending || sendable().length || !navigator.onLine)) {
      event.preventDefault();
      return isGoing === null || hold(event.submitter);
    }
    isGoing = true;
    clearTimeout(timer);
    setTimeout(() => { isGoing = false; }, PATIENCE);
    if (isPage && !isHalted) hidden("changed", [...unsaved.keys()].filter((code) => codes.includes(code)).join());
    else fields.changed?.remove();
  });

  /* Saved first, so that sending the page anew later brings nothing old back; else not left. */
  async function hold(button) {
    const isAgain = isWarned;
    isGoing = null;
    tries = 0;
    if (navigator.onLine) await Promise.race([flush(), new Promise((done) => setTimeout(done, HELD))]);
    isGoing = false;
    if (!isAgain && (tries || sending || !navigator.onLine)) {
      isWarned = true;
      return say(words.stay, "bad");
    }
    if (sending) controller.abort();
    controller = sending = null;
    isGoing = true;
    form.requestSubmit(button);
  }

  async function flush() {
    await sending;
    await send();
  }

  const leave = () => isGoing || send(true);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    isGoing = isWarned = false;
    if (unsaved.size) soon(CHOSEN);
  });
  addEventListener("offline", () => { if (unsaved.size) say(waiting(), "bad"); });
  addEventListener("online", () => {
    isWarned = false;
    // Many come back at the same moment.
    if (unsaved.size) later(Math.random() * 2000);
  });

  document.querySelector(".error-summary")?.focus();
})();
