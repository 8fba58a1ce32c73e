"use strict";

const form = document.getElementById("form");
const opening = 8, closing = 17;      // hours of the day in the visitor's time
const refreshMs = 3000;

let language = localStorage.getItem("language") || (navigator.language.startsWith("ar") ? "ar" : "en");
let doctors = [], slotMinutes = 30, appointments = [], servedBy = null, reachable = true, requestId = null;

const word = (name, values = {}) =>
  (WORDS[language][name] ?? WORDS[language].other_error).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const doctorOf = (id) => doctors.find((doctor) => doctor.id === id);
const doctorName = (id) => doctorOf(id)?.name[language] ?? id;
const moment = (at) => new Intl.DateTimeFormat(language === "ar" ? "ar-u-nu-latn" : "en-GB",
  { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(new Date(at));

// Every failure becomes {code, field}: what to say about it is decided where it is shown.
async function api(method, path, body) {
  let answer, data;
  try {
    answer = await fetch("api" + path, {
      method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body),
    });
    data = await answer.json();
  } catch {
    throw { code: "api.unavailable" };
  }
  if (!answer.ok) throw { code: data.code, field: data.field };
  return data;
}

function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function notice(text, bad = false) {
  const line = document.getElementById("notice");
  line.textContent = text;
  line.className = bad ? "bad" : "";
  line.hidden = !text;
}

function problem(field, text) {
  const place = document.querySelector(`.problem[data-for="${field}"]`);
  if (place) place.textContent = text;
  form.elements[field]?.setAttribute("aria-invalid", text ? "true" : "false");
  return Boolean(place);
}

function clearProblems() {
  for (const field of ["patient", "phone", "doctor", "at"]) problem(field, "");
  notice("");
}

function showWords() {
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  document.title = word("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  document.getElementById("language").textContent = word("other");
}

function showDoctors() {
  const chosen = form.doctor.value;
  form.doctor.replaceChildren(...doctors.map((doctor) =>
    make("option", `${doctor.name[language]} · ${doctor.field[language]}`, { value: doctor.id })));
  if (doctorOf(chosen)) form.doctor.value = chosen;
}

function showTimes() {
  const chosen = form.time.value;
  const taken = new Set(appointments.filter((one) => one.doctor === form.doctor.value)
    .map((one) => new Date(one.at).getTime()));
  const options = [];
  for (let minute = opening * 60; form.day.value && minute < closing * 60; minute += slotMinutes) {
    const [hours, minutes] = [Math.floor(minute / 60), minute % 60].map((n) => String(n).padStart(2, "0"));
    const at = new Date(`${form.day.value}T${hours}:${minutes}:00`);
    if (at <= new Date()) continue;
    const option = make("option", `${hours}:${minutes}`, { value: at.toISOString() });
    if (taken.has(at.getTime())) {
      option.disabled = true;
      option.textContent += ` (${word("taken")})`;
    }
    options.push(option);
  }
  if (!options.some((option) => !option.disabled)) options.unshift(make("option", word("noTime"), { value: "" }));
  form.time.replaceChildren(...options);
  const again = options.find((option) => option.value === chosen && !option.disabled);
  const first = options.find((option) => !option.disabled);
  form.time.value = (again ?? first).value;
}

function showList() {
  document.getElementById("count").textContent = appointments.length ? `(${appointments.length})` : "";
  document.getElementById("empty").hidden = appointments.length > 0;
  document.getElementById("items").replaceChildren(...appointments.map((one) => {
    const row = make("li");
    const who = make("div");
    who.append(make("strong", one.patient, { dir: "auto" }),
      make("span", doctorName(one.doctor) + (one.reminded_at ? ` · ${word("reminded")}` : "")));
    const button = make("button", word("cancel"), { type: "button", class: "quiet" });
    button.addEventListener("click", () => cancel(one, button));
    row.append(make("time", moment(one.at), { datetime: one.at }), who, button);
    return row;
  }));
}

function showState() {
  const state = document.getElementById("state");
  state.dataset.state = reachable ? "good" : "bad";
  state.textContent = !reachable ? word("lost") : servedBy ? word("state", servedBy) : "";
}

function showAll() {
  showWords();
  showDoctors();
  showTimes();
  showList();
  showState();
}

async function refresh() {
  try {
    if (!doctors.length) {
      const known = await api("GET", "/doctors");
      doctors = known.items;
      slotMinutes = known.slot_minutes;
      showDoctors();
    }
    const answer = await api("GET", "/appointments");
    const changed = JSON.stringify(answer.items) !== JSON.stringify(appointments);
    ({ items: appointments, served_by: servedBy } = answer);
    reachable = true;
    // Rows are not rebuilt under a person's finger when nothing changed.
    if (changed) showList();
    if (changed || !form.time.options.length) showTimes();
  } catch {
    reachable = false;
  }
  showState();
}

async function cancel(one, button) {
  if (!confirm(word("cancelSure"))) return;
  button.disabled = true;
  try {
    await api("DELETE", "/appointments/" + encodeURIComponent(one.id));
    notice(word("cancelled"));
  } catch (error) {
    notice(word(error.code), true);
  }
  button.disabled = false;
  await refresh();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearProblems();
  const wanted = {
    patient: form.patient.value.trim(), phone: form.phone.value.trim(), doctor: form.doctor.value, at: form.time.value,
  };
  if (!wanted.patient) problem("patient", word("needed"));
  if (!wanted.at) problem("at", word("noTime"));
  if (!wanted.patient || !wanted.at) return;
  // The same booking sent again after a lost answer is the same booking.
  requestId ??= crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const made = await api("POST", "/appointments", { ...wanted, request_id: requestId });
    requestId = null;
    notice(word("booked", { when: moment(made.at), doctor: doctorName(made.doctor) }));
    form.patient.value = form.phone.value = "";
  } catch (error) {
    if (error.code !== "api.unavailable") requestId = null;
    if (!error.field || !problem(error.field, word(error.code))) notice(word(error.code), true);
  }
  button.disabled = false;
  await refresh();
});

document.getElementById("language").addEventListener("click", () => {
  language = language === "ar" ? "en" : "ar";
  localStorage.setItem("language", language);
  clearProblems();
  showAll();
});
form.day.addEventListener("change", showTimes);
form.doctor.addEventListener("change", showTimes);
form.addEventListener("input", () => { requestId = null; });

const dayOf = (time) => new Date(time - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);
form.day.min = dayOf(Date.now());
form.day.max = dayOf(Date.now() + 364 * 86400000);
form.day.value = dayOf(Date.now() + 86400000);
showAll();
refresh();
setInterval(refresh, refreshMs);
