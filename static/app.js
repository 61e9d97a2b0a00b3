// Makes working pages nicer; every page works without this file. No request leaves the page, nothing is stored.
"use strict";

// Words travel in data- attributes of <body>, so that they are translated in one place with all others.
const words = document.body.dataset;

/** A button that shows or hides the password of one field. */
function addShowSwitch(input) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "field-switch";
  button.setAttribute("aria-controls", input.id);
  const say = (shown) => {
    button.textContent = shown ? words.hide : words.show;
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    say(shown);
    input.focus();
  });
  say(false);
  // Behind the field: Tab leads from the address to the password, as everywhere.
  input.after(button);
  input.parentElement.classList.add("has-switch");
  // A shown password must not stay in the browser's list of typed texts.
  input.form.addEventListener("submit", () => { input.type = "password"; });
}

/** A line under the field that speaks only when there is something to say. */
function addHint(input) {
  const hint = document.createElement("p");
  hint.className = "field-hint is-warning";
  hint.setAttribute("role", "status");
  input.after(hint);
  let capsLock = false;
  const speak = () => {
    const accented = /[^\x00-\x7f]/.test(input.value);
    hint.textContent = accented ? words.ime : capsLock ? words.caps : "";
  };
  const watchKey = (event) => {
    capsLock = Boolean(event.getModifierState && event.getModifierState("CapsLock"));
    speak();
  };
  input.addEventListener("keydown", watchKey);
  input.addEventListener("keyup", watchKey);
  input.addEventListener("input", speak);
  input.addEventListener("blur", () => { capsLock = false; speak(); });
}

/** Counts the kinds of characters: small letters, capitals, digits, anything else. */
function kinds(text) {
  return [/\p{Lowercase}/u, /\p{Uppercase}/u, /\p{N}/u, /[^\p{Alphabetic}\p{N}]/u].filter((kind) => kind.test(text)).length;
}

/** Letters without accents, small, đ as d: as the server folds names. */
function fold(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/đ/g, "d");
}

/** What each rule can say here. The rules that need the server's lists are not in this table. */
const checks = {
  min: (text, rule) => [...text].length >= Number(rule.limit),
  max: (text, rule) => [...text].length <= Number(rule.limit),
  classes: (text, rule) => kinds(text) >= Number(rule.limit),
  allowed: (text, rule) => [...text].every((letter) => rule.allowed.includes(letter)),
  name: (text, rule) => !rule.names.split(" ").some((name) => name !== "" && fold(text).includes(name)),
  // Without the old one on the page there is nothing to compare.
  old: (text) => {
    const now = (document.getElementById("current") || {}).value;
    return now ? text !== now : null;
  },
};

/** Ticks the rules while the person types; the server checks all of them again. */
function tickRules(list) {
  const input = document.getElementById(list.dataset.rulesFor);
  const repeat = document.getElementById("repeat");
  if (!input) { return; }
  const set = (item, state) => {
    item.dataset.state = state;
    const said = item.querySelector(".rule-state");
    said.textContent = state === "met" ? list.dataset.met : state === "broken" ? list.dataset.broken : "";
  };
  const tick = () => {
    for (const item of list.querySelectorAll("[data-rule]")) {
      const check = checks[item.dataset.rule];
      if (!check) { continue; }
      const met = input.value === "" ? null : check(input.value, item.dataset);
      set(item, met === null ? "open" : met ? "met" : "broken");
    }
  };
  input.addEventListener("input", tick);
  const current = document.getElementById("current");
  if (current) { current.addEventListener("input", tick); }
  if (repeat && list.dataset.matches) { compareRepeat(input, repeat, list.dataset); }
}

/** Says whether both entries are the same, once there is something to compare. */
function compareRepeat(input, repeat, said) {
  const line = document.createElement("p");
  line.className = "field-hint";
  line.setAttribute("role", "status");
  repeat.after(line);
  const compare = () => {
    const done = repeat.value.length >= input.value.length && repeat.value !== "";
    line.textContent = !done ? "" : repeat.value === input.value ? said.matches : said.differs;
  };
  input.addEventListener("input", compare);
  repeat.addEventListener("input", compare);
}

/** A second press must not send a form twice, where the page does not stay. */
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    if (event.submitter) { event.submitter.setAttribute("aria-busy", "true"); }
  });
  const again = () => {
    delete form.dataset.sent;
    for (const busy of form.querySelectorAll("[aria-busy]")) { busy.removeAttribute("aria-busy"); }
  };
  // Coming back with the browser's back button, the form must work again; and after "stop", which nothing tells of.
  window.addEventListener("pageshow", again);
  form.addEventListener("submit", () => setTimeout(again, 10000));
}

for (const input of document.querySelectorAll("input[type=password]")) {
  addHint(input);
  addShowSwitch(input);
}
for (const list of document.querySelectorAll("[data-rules-for]")) { tickRules(list); }
for (const form of document.querySelectorAll("form[method=post]:not([data-stays])")) { sendOnce(form); }

/** A rough estimate while the person types, in bits; the server looks again, with its lists of words. */
function bits(text, names) {
  const folded = fold(text);
  const known = names.split(" ").filter((name) => name !== "").concat(["danang", "matkhau", "password", "qwerty", "vietnam"]);
  const bare = known.reduce((rest, word) => rest.split(word).join("~"), folded);
  const steps = [...bare].filter((letter, at) => at === 0 || Math.abs(letter.codePointAt(0) - bare.codePointAt(at - 1)) > 1);
  const halves = bare.length > 3 && bare.slice(0, bare.length / 2) === bare.slice(bare.length / 2) ? 2 : 1;
  return new Set(steps).size * 0.5 + (steps.length / halves) * (2 + kinds(text) * 0.75);
}

/** Shows the estimate beside the rules. */
function showStrength(line) {
  const input = document.getElementById(line.dataset.strengthFor);
  const named = document.querySelector("[data-names]");
  const [word, bar] = [line.querySelector(".strength-word"), line.querySelector("progress")];
  const said = line.dataset.words.split("|");
  input.addEventListener("input", () => {
    line.hidden = input.value === "";
    const score = [24, 34, 44, 60].filter((least) => bits(input.value, named ? named.dataset.names : "") >= least).length;
    word.textContent = said[score];
    bar.value = score + 1;
    line.className = score < 2 ? "strength is-danger" : score < 3 ? "strength is-warn" : "strength";
  });
}
for (const line of document.querySelectorAll("[data-strength-for]")) { showStrength(line); }

/** Clocks that run on: the page said how much is left when it was made. */
function runClock(badge) {
  const { until, left, over, span } = badge.dataset;
  const tick = () => {
    const minutes = Math.floor((Number(until) * 1000 - Date.now()) / 60000);
    const late = minutes < 0;
    const whole = Math.abs(minutes);
    const words = span.replace("-1", String(Math.floor(whole / 60))).replace("-2", String(whole % 60));
    badge.textContent = (late ? over : left).replace("{}", words);
    if (late) { badge.className = "badge is-danger"; }
  };
  tick();
  window.setInterval(tick, 20000);
}
for (const badge of document.querySelectorAll("[data-until]")) { runClock(badge); }
