/*
 * A page of questions: every answer is saved as it is given; see surveys/web/keeping.py for what is answered.
 * What the server has not confirmed lies in this browser until it has, unless the device is shared. Without this
 * script everything works by the buttons.
 */
"use strict";

(() => {
  const bar = document.getElementById("saving");
  if (!bar) return;

  const TYPING = 1200, AT_THE_LATEST = 8000, CHOSEN = 250, PATIENCE = 20000, HELD = 6000;
  const FIRST_RETRY = 1000, LAST_RETRY = 60000, LONGEST_RETRY = 300000, KEEPALIVE_ROOM = 60000;
  const HUGE = 200000;
  const words = bar.dataset, form = bar.closest("form"), fields = form.elements;
  const link = `answers.${words.place.split(".")[0]}.`, drawer = `answers.${words.place}.`;
  const shared = fields.shared, isPage = Boolean(fields.shown);
  const codes = isPage ? fields.shown.value.split(",") : [];
  const kept = words.kept ? words.kept.split(",") : [];

  const make = (tag, rest) => Object.assign(document.createElement(tag), rest);

  /* --- What this browser keeps: it may be forbidden, full, or emptied at any moment --------------------- */

  const attempt = (act) => { try { return act(); } catch { return null; } };
  const names = () => attempt(() => Object.keys(localStorage)) || [];
  const read = (name) => attempt(() => JSON.parse(localStorage.getItem(name)));
  const drop = (name) => attempt(() => localStorage.removeItem(name));
  const write = (name, value) => attempt(() => { localStorage.setItem(name, JSON.stringify(value)); return true; });
  const isShared = () => Boolean(shared && (shared.type === "hidden" || shared.checked));

  function forget() {
    for (const name of names()) if (name.startsWith(link)) drop(name);
    attempt(() => sessionStorage.removeItem(link));
  }

  for (const name of names()) {
    if (name.startsWith("answers.") && !((read(name) || {}).until * 1000 > Date.now())) drop(name);
  }
  if (words.end) return forget();

  /* The first page was asked for again and no cookie came along: go on with the code this window began with. */
  if (fields.new_code && fields.new_code.value !== "afresh" && !isShared()) {
    const begun = attempt(() => sessionStorage.getItem(link));
    if (begun && begun !== fields.code.value) {
      attempt(() => sessionStorage.removeItem(link));
      const again = make("form", { method: "post", action: form.action }), token = fields.token.value;
      const sent = { token, language: fields.language.value, step: "welcome", go: "code", typed: begun };
      for (const [name, value] of Object.entries(sent)) hidden(name, value, again);
      document.body.append(again);
      return again.submit();
    }
  }
  if (!isShared()) attempt(() => sessionStorage.setItem(link, fields.code.value));

  /* --- What is said about saving: the line is seen, changes of its kind are also heard ------------------- */

  const line = bar.querySelector("p"), voice = bar.querySelector("[role=status]");
  bar.hidden = false;

  const hear = (text) => { if (voice.textContent !== text) voice.textContent = text; };
  function say(text, kind) {
    if (text && line.textContent !== text) line.textContent = text;
    if (bar.dataset.kind !== kind && (kind !== "saving")) {
      if (kind !== "idle") hear(text);
      bar.dataset.kind = kind;
    }
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
    JSON.stringify(Object.entries(values || {})
      .map(([name, each]) => [name, each.map((value) => value.replace(/\r\n?/g, "\n").trim()).filter(Boolean)])
      .filter(([, each]) => each.length).sort());
  const isSame = (one, other) => plain(one) === plain(other);

  function put(code, values) {
    for (const field of fieldsOf(code)) {
      const given = values[field.name] || [];
      if (field.type === "radio" || field.type === "checkbox") field.checked = given.includes(field.value);
      else field.value = given[0] || "";
      count(field);
    }
  }

  /* --- What is not confirmed yet ------------------------------------------------------------------------ */

  const unsaved = new Map(), known = new Map(), faults = new Map();
  let turn = 0, tries = 0, timer = 0, due = 0, sending = null, controller = null;
  let isHalted = Boolean(words.paused), isClosed = false, isGoing = false, isWarned = false, isFound = false;

  function note(code, values) {
    unsaved.set(code, { turn: ++turn, values });
    if (!values) keep(code);
  }

  function keep(code) {
    if (isShared()) return;
    write(drawer + code, { values: valuesOf(code), before: known.get(code), until: Number(words.until) });
  }

  const waiting = () => (isShared() || !names().some((name) => name.startsWith(drawer)) ? words.alone : words.waiting);
  const sendable = () => [...unsaved].filter(([, each]) => !each.refused);

  function soon(delay) {
    const now = Date.now();
    if (!timer) due = now + AT_THE_LATEST;
    clearTimeout(timer);
    timer = setTimeout(send, Math.max(0, Math.min(delay, due - now)));
  }

  function send(isLeaving) {
    clearTimeout(timer);
    timer = 0;
    if (isHalted || (sending && isLeaving !== true)) return sending;
    const sent = new Map(sendable());
    if (!sent.size) return null;
    const body = new URLSearchParams({ step: "keep", changed: [...sent.keys()].join() });
    for (const name of ["token", "code", "proof", "language"]) body.set(name, fields[name] ? fields[name].value : "");
    if (isShared()) body.set("shared", "1");
    for (const [code, { values }] of sent) {
      for (const [name, each] of Object.entries(values || valuesOf(code))) each.forEach((value) => body.append(name, value));
    }
    if (!tries) say(words.saving, "saving");
    sending = post(body, sent, isLeaving === true).finally(() => {
      sending = null;
      if (!timer && !isGoing && sendable().length) soon(CHOSEN);
    });
    return sending;
  }

  async function post(body, sent, isLeaving) {
    const own = controller = new AbortController(), limit = setTimeout(() => own.abort(), PATIENCE);
    let response = null, answer = null;
    try {
      response = await fetch(form.action, {
        method: "POST", body, signal: own.signal, redirect: "error", cache: "no-store", credentials: "same-origin",
        keepalive: isLeaving && body.toString().length < KEEPALIVE_ROOM,
      });
      // A page from someone on the way is no answer of ours, whatever its status.
      answer = await response.json();
    } catch { /* no contact, or not our words */ }
    clearTimeout(limit);
    if (response && response.ok && answer && answer.kept === true) return confirm(sent, answer);
    const status = response ? response.status : 0, isOurs = answer && answer.kept === false;
    if (status === 413) return refuse(sent, isOurs ? answer.said : words.large);
    if (isOurs && status < 500 && status !== 429) return halt(answer.said, status === 410);
    return retry(response);
  }

  function confirm(sent, answer) {
    tries = 0;
    isWarned = false;
    if (answer.proof) hidden("proof", answer.proof);
    for (const name of [...faults.keys()]) if (sent.has(questionOf(name))) faults.delete(name);
    for (const [name, message] of Object.entries(answer.faults)) faults.set(name, message);
    const wrong = new Set(Object.keys(answer.faults).map(questionOf));
    for (const [code, each] of sent) {
      if (!unsaved.has(code) || unsaved.get(code).turn !== each.turn) continue;
      if (wrong.has(code)) { each.refused = true; continue; }
      unsaved.delete(code);
      drop(drawer + code);
      if (codes.includes(code)) known.set(code, valuesOf(code));
    }
    showFaults();
    if (!faults.size) say(answer.said || words.idle, answer.said ? "saved" : "idle");
    // The list of answers was drawn before they were sent.
    if (isFound && !isPage && fields.step.value === "review" && !unsaved.size) form.requestSubmit();
  }

  function hidden(name, value, where = form) {
    if (!where.elements[name]) where.append(make("input", { type: "hidden", name }));
    where.elements[name].value = value;
  }

  function refuse(sent, said) {
    for (const each of sent.values()) each.refused = true;
    say(said, "bad");
  }

  function halt(said, closed) {
    isHalted = true;
    isClosed = closed;
    say(said, "bad");
  }

  function retry(response) {
    const asked = response && Number(response.headers.get("Retry-After")) * 1000 || 0;
    const growing = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** tries++) * (0.5 + Math.random() / 2);
    say(waiting(), "bad");
    if (isGoing) return;
    due = Infinity;
    clearTimeout(timer);
    timer = setTimeout(send, Math.max(growing, Math.min(asked, LONGEST_RETRY)));
  }

  /* --- Messages beside the fields: not while someone is still writing there ------------------------------- */

  function showFaults() {
    const now = document.activeElement;
    for (const field of form.querySelectorAll("[data-faulty]")) {
      if (faults.has(field.name)) continue;
      delete field.dataset.faulty;
      field.removeAttribute("aria-invalid");
      describe(field, false);
      document.getElementById(`${field.name}-error`).remove();
    }
    for (const [name, message] of faults) {
      const field = document.getElementById(name) || [...fields].find((each) => each.name === name);
      if (!field || field === now || field.dataset.faulty || document.getElementById(`${name}-error`)) continue;
      field.dataset.faulty = "1";
      field.setAttribute("aria-invalid", "true");
      describe(field, true);
      field.before(make("p", { className: "error", id: `${name}-error`, textContent: message }));
      say(words.fault, "bad");
    }
  }

  function describe(field, isWrong) {
    const id = `${field.name}-error`;
    const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((each) => each && each !== id);
    field.setAttribute("aria-describedby", [...others, ...(isWrong ? [id] : [])].join(" "));
  }

  /* --- How much room there is, counted as the server counts ---------------------------------------------- */

  const length = (text) => [...text.normalize("NFC").replace(/\r\n?/g, "\n").trim()].length;

  function count(field) {
    const limit = Number(field.dataset.limit), text = limit && document.getElementById(`${field.id}-limit`);
    if (!text) return;
    const left = limit - length(field.value), band = left < 0 ? "over" : left <= limit / 40 ? "few" : left <= limit / 5 ? "some" : "";
    text.dataset.usual ??= text.textContent;
    text.textContent = band ? `${left < 0 ? words.over : words.room} ${Math.abs(left)}` : text.dataset.usual;
    if (band !== (text.dataset.band || "") && band) hear(text.textContent);
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
        const twin = select.value ? selects.findIndex((each) => each !== select && each.value === select.value) : -1;
        if (twin >= 0) selects[twin].value = had[place];
        settle();
      });
      if (!place) return;
      const up = make("button", { type: "button", className: "button button-secondary up", textContent: "↑" });
      up.setAttribute("aria-label", `${words.up}: ${select.labels[0].textContent}`);
      up.addEventListener("click", () => {
        const above = selects[place - 1], mine = select.value;
        [above.value, select.value] = [mine, above.value];
        above.dispatchEvent(new Event("change", { bubbles: true }));
        hear(`${above.labels[0].textContent}: ${above.selectedOptions[0].textContent}`);
        (place > 1 ? above.nextElementSibling : above).focus();
      });
      select.after(up);
    });
    settle();
  }

  /* --- What was found here from before ------------------------------------------------------------------- */

  function inWords(values) {
    const spoken = Object.entries(values).flatMap(([name, each]) => each.filter(Boolean).map((value) => {
      const field = [...fields].find((one) => one.name === name && (one.tagName === "SELECT" || one.value === value));
      const option = field && field.tagName === "SELECT" && [...field.options].find((one) => one.value === value);
      return option ? option.textContent : field && field.labels.length && /radio|checkbox/.test(field.type)
        ? field.labels[0].textContent.trim() : value;
    }));
    return spoken.join(" · ");
  }

  /* Saved since with something else, from another window or device: the person decides. */
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
    box.append(make("p", { textContent: words.differs }), make("p", { className: "found", textContent: inWords(values) }), use);
    fieldsOf(code)[0].closest(".question, .grid").after(box);
    hear(words.differs);
  }

  function find() {
    for (const name of names()) {
      if (!name.startsWith(drawer)) continue;
      const code = name.slice(drawer.length), { values, before } = read(name) || {};
      if (!values || kept.includes(code)) { drop(name); continue; }
      if (!codes.includes(code)) { note(code, values); isFound = true; continue; }
      const now = valuesOf(code);
      if (words.unsent) continue;
      if (isSame(now, values)) drop(name);
      else if (!before || isSame(now, before) || isSame(now, {})) { put(code, values); note(code); isFound = true; }
      else offer(code, values);
    }
    if (words.unsent) for (const code of codes) if (fieldsOf(code).length) note(code);
    if (isFound) {
      form.before(make("p", { className: "notice notice-good", textContent: words.found }));
      hear(words.found);
    }
    if (unsaved.size) soon(CHOSEN);
  }

  /* --- What people do ------------------------------------------------------------------------------------ */

  for (const code of codes) known.set(code, valuesOf(code));
  for (const field of form.querySelectorAll("[data-limit]")) {
    // The browser would cut what is pasted without a word.
    field.removeAttribute("maxlength");
    count(field);
  }
  say(words.idle, "idle");
  if (!isShared()) find();
  else if (words.unsent) { for (const code of codes) note(code); soon(CHOSEN); }

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
      const isText = event.target.matches("textarea, input:not([type=radio], [type=checkbox])");
      return isText ? sendable().length && !tries && soon(CHOSEN) : changed(event);
    }
    if (isShared()) forget();
    else for (const code of unsaved.keys()) if (codes.includes(code)) keep(code);
    // The cookie goes, or comes again, with the next answer of the server.
    const [any] = codes.filter((code) => fieldsOf(code).length);
    if (any) { note(any); soon(CHOSEN); }
  });
  form.addEventListener("focusout", () => setTimeout(showFaults));

  form.addEventListener("submit", (event) => {
    const button = event.submitter, isLanguage = button && button.name === "speak";
    const stay = (text) => { event.preventDefault(); isWarned = true; say(text, "bad"); hear(text); };
    const huge = [...form.querySelectorAll("[data-limit]")].find((field) => field.value.length > HUGE);
    if (huge) { stay(words.large); return huge.focus(); }
    if (isClosed && !isWarned) return stay(line.textContent);
    if (!isLanguage && isPage && !isHalted && !isGoing) {
      const isCutOff = !isWarned && (navigator.onLine === false || (tries && unsaved.size));
      if (isCutOff || sending) {
        event.preventDefault();
        if (isGoing === null) return;
        isGoing = null;
        return hold(button, isCutOff);
      }
    }
    isGoing = true;
    clearTimeout(timer);
    setTimeout(() => { isGoing = false; }, PATIENCE);
    if (isPage && !words.unsent && !isHalted) hidden("changed", [...unsaved.keys()].filter((code) => codes.includes(code)).join());
    else if (fields.changed) fields.changed.remove();
  });

  /* Nothing older may arrive after the page itself; and a page that cannot be sent is better not left. */
  async function hold(button, isCutOff) {
    tries = 0;
    const asked = sending || (navigator.onLine === false ? null : send());
    await Promise.race([asked, new Promise((done) => setTimeout(done, HELD))]);
    isGoing = false;
    if (isCutOff && (navigator.onLine === false || tries || sending)) {
      isWarned = true;
      say(words.stay, "bad");
      return hear(words.stay);
    }
    if (controller) controller.abort();
    isWarned = true;
    sending = null;
    form.requestSubmit(button);
  }

  const leave = () => { if (!isGoing && (unsaved.size)) send(true); };
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
    if (unsaved.size) { due = Infinity; clearTimeout(timer); timer = setTimeout(send, Math.random() * 2000); }
  });

  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();
