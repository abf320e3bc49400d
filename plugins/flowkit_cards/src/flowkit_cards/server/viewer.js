"use strict";
const $ = (name) => document.getElementById(name);
const query = (values) => new URLSearchParams({ token: START.token, ...values }).toString();
const shown = new Map(); // by place: { card, article, frame, scroll }
let events = null;

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// --- runs -------------------------------------------------------------------------------------------------------------

async function loadRuns() {
  const runs = await (await fetch(`/runs?${query({})}`)).json();
  const select = $("run");
  const before = select.value;
  select.replaceChildren(...runs.map((run) => {
    const label = `${run.flow}/${run.run}, ${run.started}, ${run.state}`;
    return element("option", { value: `${run.flow}/${run.run}` }, label);
  }));
  const wanted = before || (START.run ? `${START.flow}/${START.run}` : select.value);
  if (wanted && ![...select.options].some((option) => option.value === wanted)) {
    select.append(element("option", { value: wanted }, wanted));
  }
  select.value = wanted;
  return select.value;
}

function openRun(name) {
  if (events) events.close();
  shown.clear();
  $("cards").replaceChildren();
  $("cards").classList.remove("solo");
  $("state").textContent = "";
  if (!name) {
    $("empty").hidden = false;
    return;
  }
  const [flow, run] = name.split("/");
  document.title = `${name}: cards`;
  events = new EventSource(`/events?${query({ flow, run })}`);
  events.addEventListener("cards", (event) => showCards(JSON.parse(event.data)));
  events.addEventListener("data", (event) => update(JSON.parse(event.data)));
  events.addEventListener("run", (event) => showState(JSON.parse(event.data).state));
  events.onerror = () => { if (events.readyState !== EventSource.OPEN) showState("waiting for the server"); };
}

function showState(state) {
  $("state").dataset.state = state;
  $("state").textContent = state === "running" ? "running, followed live" : state;
}

// --- cards ------------------------------------------------------------------------------------------------------------

function showCards(cards) {
  const places = new Set(cards.map((card) => card.place));
  for (const [place, one] of shown) {
    if (!places.has(place)) {
      one.article.remove();
      shown.delete(place);
    }
  }
  // In the order of steps and tasks, which doesn't change while one looks; new ones come at their place.
  const ordered = [...cards].sort((a, b) => a.step.localeCompare(b.step) || a.task.localeCompare(b.task, undefined, { numeric: true }) || a.place.localeCompare(b.place));
  let previous = null;
  for (const card of ordered) {
    const one = shown.get(card.place);
    if (!one) shown.set(card.place, makeCard(card));
    else if (one.card.version !== card.version || one.card.attempt !== card.attempt) reload(one, card);
    const { article } = shown.get(card.place);
    // Moving a frame loads it again: only those that aren't in their place.
    const expected = previous ? previous.nextElementSibling : $("cards").firstElementChild;
    if (expected !== article) $("cards").insertBefore(article, expected);
    previous = article;
  }
  $("empty").hidden = cards.length > 0;
  const steps = [...new Set(ordered.map((card) => card.step))];
  const chosen = $("step").value;
  $("step").replaceChildren(element("option", { value: "" }, "all"), ...steps.map((step) => element("option", { value: step }, step)));
  $("step").value = steps.includes(chosen) ? chosen : "";
  filter();
}

function makeCard(card) {
  const name = `${card.step}/${card.task}`;
  const frame = element("iframe", { src: card.link, sandbox: "allow-scripts allow-popups allow-downloads", loading: "lazy", title: `Card of ${name}` });
  const live = element("span", { class: "live" }, card.live ? "● live" : "");
  const large = element("button", { type: "button", "aria-pressed": "false" }, "Enlarge");
  const bar = element("div", { class: "bar" }, element("h2", {}, name), element("span", { class: "quiet" }, describe(card)), live, large);
  const article = element("article", { "aria-label": `Card of ${name}` }, bar, frame);
  large.addEventListener("click", () => {
    const solo = $("cards").classList.toggle("solo");
    article.classList.toggle("chosen", solo);
    large.textContent = solo ? "Show all" : "Enlarge";
    large.setAttribute("aria-pressed", String(solo));
  });
  const one = { card, article, frame, live, scroll: 0, token: null };
  frame.addEventListener("load", () => frame.contentWindow.postMessage({ flowkit_card_scroll: one.scroll }, "*"));
  return one;
}

const describe = (card) => [card.id || "", card.type, card.attempt ? `attempt ${card.attempt}` : ""].filter(Boolean).join(" · ");

function reload(one, card) {
  one.card = card;
  one.live.textContent = card.live ? "● live" : "";
  one.article.querySelector(".quiet").textContent = describe(card);
  one.frame.src = card.link;
}

function update({ place, update: data }) {
  const one = shown.get(place);
  if (!one) return;
  // A page is loaded again when its card type says so: the token has changed.
  if (one.token !== null && one.token !== data.reload_token) reload(one, one.card);
  else one.frame.contentWindow.postMessage({ flowkit_card_update: data }, "*");
  one.token = data.reload_token;
}

addEventListener("message", (event) => {
  for (const one of shown.values()) {
    if (event.source !== one.frame.contentWindow || !event.data) continue;
    if (typeof event.data.flowkit_card_scroll === "number") one.scroll = event.data.flowkit_card_scroll;
    if (event.data.flowkit_card_updated === false) reload(one, one.card);
  }
});

function filter() {
  const step = $("step").value;
  let count = 0;
  for (const { card, article } of shown.values()) {
    article.hidden = Boolean(step) && card.step !== step;
    article.style.display = article.hidden ? "none" : "";
    if (!article.hidden) count += 1;
  }
  $("cards").classList.toggle("single", count === 1);
}

$("step").addEventListener("change", filter);
$("run").addEventListener("change", () => openRun($("run").value));
loadRuns().then(openRun);
setInterval(loadRuns, 10000);
