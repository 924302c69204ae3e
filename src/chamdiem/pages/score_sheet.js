// The score sheet: a table of plain inputs. Nothing that is typed is ever changed here; the server alone says what counts.
// Texts reach the page by textContent, never as markup. What is not saved yet is kept here, and for F5 in this tab.

const SETTLED = 300; // ms after the last key until an answer is sent
const PATIENCE = 8000; // ms to wait for an answer
const ASK_AGAIN = [1000, 2000, 4000, 8000]; // ms until the same is sent once more where there was none
const LOOKS = 5; // times that a page is asked to look at what has changed around the sheet
const LOOK_AGAIN = 2500; // ms between them
const MOST_WHEN_LEAVING = 60000; // letters that a browser still sends for a page that is being left
const sheets = new WeakMap();
const layouts = new Map(); // what stays the same is sent once for each page

export default function (component) {
  const { parentElement, data, setStateValue, setTriggerValue } = component;
  let sheet = sheets.get(parentElement);
  if (!sheet || sheet.key !== data.key) {
    if (sheet) sheet.leave();
    sheet = new Sheet(parentElement, data.key);
    sheets.set(parentElement, sheet);
  }
  sheet.tell = (event, value) => setTriggerValue(event, { value, has: sheet.shape });
  sheet.leaveWord = setStateValue;
  sheet.take(data);
  return () => {
    sheet.leave();
    sheets.delete(parentElement);
  };
}

// small things ---------------------------------------------------------------------------------------------------

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

function fill(sentence, values) {
  return sentence.replace(/\[(\w+)\]/g, (whole, name) => (name in values ? values[name] : whole));
}

const unique = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

/** The cells of a text copied from a spreadsheet; cells in quotes may hold tabs and line ends. */
export function grid(text) {
  const rows = [[""]];
  let quoted = false;
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < clean.length; at++) {
    const letter = clean[at];
    const row = rows[rows.length - 1];
    if (quoted) {
      if (letter === '"' && clean[at + 1] === '"') row[row.length - 1] += clean[++at];
      else if (letter === '"') quoted = false;
      else row[row.length - 1] += letter;
    } else if (letter === '"' && row[row.length - 1] === "") quoted = true;
    else if (letter === "\t") row.push("");
    else if (letter === "\n") rows.push([""]);
    else row[row.length - 1] += letter;
  }
  return rows;
}

/** One answer in its parts: "95/100", or "name: value; name: value". */
export function parted(control, answer) {
  const parts = control.parts;
  const found = parts.map(() => "");
  const named = [...answer.matchAll(/([^;:=]+)[:=]([^;]*)/g)];
  if (named.length) {
    for (const [, name, value] of named) {
      const word = name.trim().toLowerCase();
      const at = parts.findIndex((part) => part.name === word || part.label.toLowerCase() === word);
      if (at >= 0) found[at] = value.trim();
    }
    return found;
  }
  const pieces = answer.split("/").length === parts.length ? answer.split("/") : answer.split(/\s*[;|\t]\s*/);
  return pieces.length === parts.length ? pieces.map((piece) => piece.trim()) : [answer, ...found.slice(1)];
}

export function joined(control, pieces) {
  if (pieces.every((piece) => !piece.trim())) return "";
  const bare = pieces.every((piece) => piece.trim() && !/[/;:=]/.test(piece));
  if (!control.named && bare) return pieces.map((piece) => piece.trim()).join("/");
  return control.parts
    .map((part, at) => [part.name, pieces[at].trim()])
    .filter(([, piece]) => piece)
    .map(([name, piece]) => `${name}: ${piece}`)
    .join("; ");
}

// controls: how one answer is typed; each can be read, written and locked -----------------------------------------

class Typed {
  constructor(cell, id, label) {
    this.input = make("input", {
      id, type: "text", inputmode: cell.row.control.mode, autocomplete: "off", spellcheck: "false",
      "aria-label": label, "aria-describedby": `${id}-message`, class: "field", placeholder: cell.row.control.suffix ? `… ${cell.row.control.suffix}` : null,
    });
    this.input.addEventListener("input", () => cell.typed());
    this.element = this.input;
    this.inputs = [this.input];
  }
  read() { return this.input.value; }
  write(answer) { if (this.input.value !== answer) this.input.value = answer; }
}

class Picked {
  constructor(cell, id, label, words) {
    this.words = words;
    this.input = make("select", { id, class: "field", "aria-label": label, "aria-describedby": `${id}-message` });
    this.options = cell.row.control.options;
    this.input.append(make("option", { value: "", text: words.choose }));
    for (const [value, label] of this.options) this.input.append(make("option", { value, text: label }));
    for (const [value, label] of cell.row.states) this.input.append(make("option", { value, text: label }));
    this.input.addEventListener("change", () => cell.typed());
    this.element = this.input;
    this.inputs = [this.input];
  }
  read() { return this.input.value; }
  write(answer) {
    if (this.input.value === answer) return;
    this.odd?.remove();
    if (![...this.input.options].some((option) => option.value === answer)) {
      this.odd = make("option", { value: answer, text: answer });
      this.input.append(this.odd);
    }
    this.input.value = answer;
  }
}

class Ticked {
  constructor(cell, id, label) {
    const control = cell.row.control;
    this.element = make("fieldset", { class: "ticks", "aria-label": label, "aria-describedby": `${id}-message` });
    this.boxes = control.options.map(([key, title], at) => {
      const box = make("input", { type: "checkbox", id: at ? `${id}-${at}` : id, value: key });
      this.element.append(make("label", {}, box, make("span", { text: title })));
      return box;
    });
    this.none = make("input", { type: "checkbox", id: `${id}-none` });
    this.element.append(make("label", { class: "none" }, this.none, make("span", { text: control.none })));
    this.other = make("span", { class: "odd", hidden: true });
    this.element.append(this.other);
    this.inputs = [...this.boxes, this.none];
    this.raw = "";
    for (const box of this.boxes)
      box.addEventListener("change", () => { if (box.checked) this.none.checked = false; this.raw = ""; put(this.other, ""); cell.typed(); });
    this.none.addEventListener("change", () => {
      if (this.none.checked) for (const box of this.boxes) box.checked = false;
      this.raw = "";
      put(this.other, "");
      cell.typed();
    });
  }
  read() {
    if (this.raw) return this.raw;
    const ticked = this.boxes.filter((box) => box.checked).map((box) => box.value);
    return ticked.length ? ticked.join("; ") : this.none.checked ? "không có" : "";
  }
  write(answer) {
    if (this.read() === answer) return;
    const words = answer.split(/[;,\n]/).map((word) => word.trim()).filter(Boolean);
    const keys = this.boxes.map((box) => box.value);
    const known = words.every((word) => keys.includes(word));
    for (const box of this.boxes) box.checked = known && words.includes(box.value);
    this.none.checked = answer === "không có";
    this.raw = known || this.none.checked ? "" : answer;
    put(this.other, this.raw);
  }
}

class Parted {
  constructor(cell, id, label) {
    this.control = cell.row.control;
    this.element = make("div", { class: "parts", role: "group", "aria-label": label });
    this.inputs = this.control.parts.map((part, at) => {
      const input = make("input", {
        id: at ? `${id}-${at}` : id, type: "text", inputmode: part.mode, autocomplete: "off", class: "field",
        "aria-describedby": `${id}-message`,
      });
      input.addEventListener("input", () => cell.typed());
      this.element.append(make("label", {}, make("span", { text: part.label }), input));
      return input;
    });
  }
  read() { return joined(this.control, this.inputs.map((input) => input.value)); }
  write(answer) {
    if (this.read() === answer) return;
    parted(this.control, answer).forEach((piece, at) => { if (this.inputs[at].value !== piece) this.inputs[at].value = piece; });
  }
  get half() {
    const filled = this.inputs.filter((input) => input.value.trim()).length;
    return filled > 0 && filled < this.inputs.length;
  }
}

const CONTROLS = { text: Typed, select: Picked, ticks: Ticked, parts: Parted };

// one line ---------------------------------------------------------------------------------------------------------

class Cell {
  constructor(sheet, row) {
    this.sheet = sheet;
    this.row = row;
    this.saved = { answer: "", note: "" };
    this.version = 0;
    this.given = "";
    this.status = "";
    this.locked = "";
    this.message = "";
    this.refused = null; // what was refused is not sent again until it is changed
    this.conflict = null;
  }
  get now() { return { answer: this.state || this.control.read(), note: this.note.value }; }
  get state() { return this.special ? this.special.value : ""; }
  get dirty() {
    const now = this.now;
    return now.answer.trim() !== this.saved.answer || now.note.trim() !== this.saved.note;
  }
  get focused() { return this.element.contains(this.sheet.active()); }
  get waiting() {
    // half an answer is not sent while somebody is at it; nor is a number that ends in a sign
    return this.focused && (this.control.half || /[,./-]$/.test(this.control.read().trim()));
  }
  get same() {
    const now = this.now;
    return this.refused && this.refused.answer === now.answer && this.refused.note === now.note;
  }
  settle() {
    const now = this.now;
    this.saved = { answer: now.answer.trim(), note: now.note.trim() };
  }
  show({ answer, note }) {
    const special = this.special && this.row.states.some(([value]) => value === answer);
    if (this.special) this.special.value = special ? answer : "";
    this.control.write(special ? "" : answer);
    if (this.note.value !== note) this.note.value = note;
    this.sheet.grow(this.note);
    this.dim();
  }
  print() {
    // on paper there are words and no fields
    const option = [...(this.row.states || []), ...(this.row.control.options || [])].find(([value]) => value === this.now.answer);
    const ticked = this.control.boxes?.filter((box) => box.checked).map((box) => box.nextSibling.textContent);
    this.printed.textContent = option ? option[1] : ticked?.length ? ticked.join("\n") : this.now.answer;
    this.printedNote.textContent = this.note.value;
  }
  dim() {
    for (const input of this.control.inputs) input.disabled = Boolean(this.special && this.special.value) || (this.locked && input.type === "checkbox") || (this.locked && input.tagName === "SELECT");
  }
  typed() {
    if (this.message && !this.same) this.say("");
    this.sheet.touched(this);
  }
  lock(reason) {
    this.locked = reason;
    for (const input of [...this.control.inputs, this.note]) {
      input.readOnly = Boolean(reason);
      if (reason) input.setAttribute("aria-readonly", "true"); else input.removeAttribute("aria-readonly");
    }
    if (this.special) this.special.disabled = Boolean(reason);
    this.element.classList.toggle("locked", Boolean(reason));
    this.element.title = reason;
    this.dim();
  }
  say(text) {
    this.message = text;
    put(this.told, text);
    const wrong = Boolean(text);
    this.element.classList.toggle("wrong", wrong);
    for (const input of this.control.inputs) input.setAttribute("aria-invalid", String(wrong));
  }
  mark(status, text) {
    this.status = status;
    this.stateCell.className = `state ${status}`;
    put(this.stateCell, text);
  }
}

// the sheet --------------------------------------------------------------------------------------------------------

class Sheet {
  constructor(parent, key) {
    this.parent = parent;
    this.key = key;
    this.cells = new Map();
    this.pending = null;
    this.timer = 0;
    this.clock = 0;
    this.tries = 0;
    this.lastSaved = "";
    this.root = make("div", { class: "sheet" });
    parent.append(this.root);
    this.watch = new ResizeObserver(() => this.underHead());
    this.watch.observe(this.root);
    this.warn = (event) => { if (this.unsaved().length) { event.preventDefault(); event.returnValue = ""; } };
    this.back = () => { if (this.pending) this.sendPending(); else this.flush(); };
    this.hidden = () => this.flush(true);
    this.over = () => this.lookAnew(LOOKS);
    window.addEventListener("beforeunload", this.warn);
    window.addEventListener("online", this.back);
    window.addEventListener("chamdiem:ended", this.over);
    this.paper = () => { for (const cell of this.cells.values()) cell.print(); };
    window.addEventListener("beforeprint", this.paper);
    document.addEventListener("visibilitychange", this.hidden);
  }

  // what sticks to the top stays below Streamlit's own head, where that hides what is under it
  underHead() {
    const head = document.querySelector("[data-testid=stHeader]");
    const hides = head && getComputedStyle(head).backgroundColor !== "rgba(0, 0, 0, 0)";
    this.root.style.setProperty("--head", `${hides ? head.offsetHeight : 0}px`);
  }

  leave() {
    this.keep();
    this.watch.disconnect();
    clearTimeout(this.looking);
    clearTimeout(this.timer);
    clearTimeout(this.clock);
    window.removeEventListener("beforeunload", this.warn);
    window.removeEventListener("online", this.back);
    window.removeEventListener("chamdiem:ended", this.over);
    window.removeEventListener("beforeprint", this.paper);
    document.removeEventListener("visibilitychange", this.hidden);
    this.root.remove();
  }

  active() {
    const root = this.root.getRootNode();
    return root.activeElement;
  }

  // what comes from the server

  take(data) {
    clearTimeout(this.looking);
    if (data.layout.rows) layouts.set(data.layout.hash, data.layout);
    const layout = layouts.get(data.layout.hash);
    if (!layout) return this.tell("need");
    this.data = data;
    this.words = layout.words;
    if (this.shape !== layout.hash) this.build(layout);
    for (const cell of this.cells.values()) this.merge(cell, data.values[cell.row.code] || {});
    this.sum(data);
    if (!this.restored) { this.restored = true; this.restore(); }
    this.showStatus();
  }

  merge(cell, value) {
    cell.lock(value.locked || "");
    const given = JSON.stringify([value.answer || "", value.note || "", value.version || 0]);
    const fresh = given !== cell.given;
    if (fresh && !cell.dirty && !(cell.focused && cell.given)) {
      // who is at a cell is not disturbed; where it was changed elsewhere he is asked as soon as he writes
      cell.given = given;
      cell.show({ answer: value.answer || "", note: value.note || "" });
      cell.version = value.version || 0;
      cell.settle();
    }
    cell.source.hidden = !(value.source || []).length;
    // a reference that stands in words below it is for machines: shown only where it can still be changed
    const told = value.locked && !cell.source.hidden && (value.note || "").split(/\s+/).every((word) => word.includes("#"));
    cell.note.hidden = cell.printedNote.hidden = Boolean(told);
    cell.source.replaceChildren(...(value.source || []).map(([words, address]) => (address ? make("a", { href: address, target: "_blank", rel: "noopener", text: words }) : make("span", { text: words }))));
    const count = value.evidence ?? -1;
    cell.look.hidden = count < 0;
    cell.look.textContent = count > 0 ? fill(this.words.evidence, { n: count }) : this.words.no_evidence;
    cell.look.classList.toggle("none", count === 0);
    const said = [];
    for (const [key, element] of Object.entries(cell.beside)) {
      const [answer, note] = (value.beside || {})[key] || ["", ""];
      put(element.firstChild, answer);
      put(element.lastChild, note);
      element.title = note;
      if (note) said.push(`${element.dataset.label}: ${note}`);
    }
    put(cell.said, said.join("\n")); // where the columns are too narrow for words
  }

  hear(reply) {
    if (!reply || !this.pending || reply.id !== this.pending.id) return;
    const sent = new Map(this.pending.entries.map((entry) => [entry.code, entry]));
    this.pending = null;
    this.tries = 0;
    clearTimeout(this.clock);
    for (const [code, said] of Object.entries(reply.results)) {
      const cell = this.cells.get(code);
      if (!cell) continue;
      const entry = sent.get(code);
      if (said.ok) {
        cell.version = said.version;
        cell.saved = { answer: entry.answer.trim(), note: entry.note.trim() };
        cell.refused = null;
        cell.say("");
        cell.mark("saved", fill(this.words.saved, { time: reply.at }));
        this.lastSaved = reply.at;
      } else if (said.conflict) {
        cell.conflict = said.conflict;
        cell.mark("unsaved", this.words.unsaved);
      } else {
        cell.refused = { answer: entry.answer, note: entry.note };
        cell.mark("unsaved", this.words.unsaved);
        if (cell.same) cell.say(this.explained(cell, said.message));
      }
    }
    this.keep();
    if (reply.figures) this.sum(reply);
    if (reply.anew || this.data.lively || !reply.answered !== !this.data.answered) this.lookAnew(LOOKS);
    this.ask();
    this.later();
    this.showStatus();
  }

  // Something stands otherwise around the sheet, or it was closed to this person, who is to see why. The line over which the
  // page is told may just have been cut: it is told again until the server has sent what there is now.
  lookAnew(times) {
    clearTimeout(this.looking);
    this.tell("anew");
    if (times) this.looking = setTimeout(() => this.lookAnew(times - 1), LOOK_AGAIN);
  }

  // what all of it comes to now, and what is still missing
  sum({ figures, summary }) {
    for (const [code, elements] of Object.entries(this.figures)) this.showFigures(elements, figures[code]);
    this.totals.replaceChildren(...summary.totals.map((text, at) => make(at ? "span" : "strong", { text })));
    this.totals.hidden = !summary.totals.length;
    this.trouble.replaceChildren(...summary.trouble.map((text) => make("p", { text })));
    this.trouble.hidden = !summary.trouble.length;
    const { title, lists } = summary.missing;
    put(this.missing.firstChild, title);
    this.missing.replaceChildren(this.missing.firstChild, ...lists.flatMap(([name, items]) => [
      make("h3", { text: name }), make("ul", {}, ...items.map((text) => make("li", { text }))),
    ]));
    this.missing.hidden = !lists.length;
    put(this.whole, lists.length ? "" : title);
  }

  explained(cell, message) {
    return cell.saved.answer ? `${message} ${fill(this.words.saved_is, { answer: cell.saved.answer })}` : message;
  }

  showFigures(elements, figure) {
    const { points, floor, ceiling, why } = figure || { points: "", floor: "", ceiling: "", why: "" };
    put(elements.points, points);
    put(elements.why, why || (elements.group && floor !== ceiling ? fill(`${this.words.floor} · ${this.words.ceiling}`, { floor, ceiling }) : ""));
  }

  // what goes to the server

  touched(cell) {
    if (cell.dirty) cell.mark("unsaved", this.words.unsaved);
    else if (!cell.refused) cell.mark("", "");
    this.keep();
    this.later();
    this.showStatus();
  }

  later(wait = SETTLED) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
  }

  flush(all = false) {
    if (this.pending) return;
    const ready = [...this.cells.values()].filter(
      (cell) => !cell.locked && !cell.conflict && !cell.same && (cell.dirty || cell.refused) && (all || !cell.waiting)
    );
    if (!ready.length) return;
    const entries = ready.map((cell) => ({ code: cell.row.code, version: cell.version, ...cell.now }));
    this.pending = { id: unique(), entries };
    for (const cell of ready) cell.mark("saving", this.words.saving);
    this.keep();
    this.sendPending();
  }

  // always exactly the same under the same key: the server does it once, however often it is asked
  async sendPending() {
    clearTimeout(this.clock);
    this.showStatus();
    const sent = this.pending;
    const body = JSON.stringify(sent);
    const heard = await fetch(this.data.address, {
      method: "POST", headers: { "Content-Type": "application/json" }, body, cache: "no-store",
      keepalive: document.hidden && body.length < MOST_WHEN_LEAVING, signal: AbortSignal.timeout(PATIENCE),
    }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    if (this.pending !== sent) return; // answered in the meantime
    if (heard) return this.hear(heard);
    this.clock = setTimeout(() => this.sendPending(), ASK_AGAIN[Math.min(this.tries, ASK_AGAIN.length - 1)]);
    this.tries += 1;
    this.showStatus();
  }

  unsaved() {
    return [...this.cells.values()].filter((cell) => cell.dirty);
  }

  // what is not saved survives F5 and a server that starts anew, in this tab alone

  keep() {
    if (!this.restored) return;
    const cells = {};
    for (const cell of this.unsaved()) cells[cell.row.code] = { ...cell.now, version: cell.version };
    try {
      if (Object.keys(cells).length || this.pending) sessionStorage.setItem(this.place, JSON.stringify({ cells, pending: this.pending }));
      else sessionStorage.removeItem(this.place);
    } catch { /* a browser that keeps nothing */ }
  }

  get place() { return `chamdiem/${this.key}`; }

  restore() {
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(this.place) || "null"); } catch { return; }
    if (!kept) return;
    for (const [code, one] of Object.entries(kept.cells || {})) {
      const cell = this.cells.get(code);
      if (!cell) continue;
      cell.show({ answer: String(one.answer), note: String(one.note) });
      if (cell.dirty) { cell.version = Number(one.version) || 0; cell.mark("unsaved", this.words.unsaved); }
    }
    if (kept.pending) { this.pending = kept.pending; setTimeout(() => this.pending && this.sendPending(), 0); }
    else this.later();
  }

  showStatus() {
    const waiting = this.unsaved();
    const wrong = waiting.filter((cell) => cell.refused || cell.conflict);
    this.confess(wrong.map((cell) => cell.row.code));
    const open = [...this.cells.values()].some((cell) => !cell.locked);
    let text = this.lastSaved ? fill(this.words.saved_at, { time: this.lastSaved }) : open ? this.words.nothing_yet : this.words.closed_sheet;
    let kind = this.lastSaved ? "saved" : "";
    if (this.pending && this.tries) { text = fill(this.words.offline, { n: Math.max(waiting.length, 1) }); kind = "unsaved"; }
    else if (this.pending) { text = this.words.saving; kind = "saving"; }
    else if (wrong.length) { text = fill(this.words.wrong_n, { n: wrong.length }); kind = "unsaved"; }
    else if (waiting.length) { text = fill(this.words.unsaved_n, { n: waiting.length }); kind = "unsaved"; }
    this.status.className = `status ${kind}`;
    if (this.status.textContent !== text) this.status.textContent = text;
    const asked = [...this.cells.values()].filter((cell) => cell.row.kind === "leaf");
    const answered = asked.filter((cell) => cell.now.answer.trim()).length;
    this.progress.textContent = fill(this.words.answered, { n: answered, m: asked.length });
  }

  // what was refused is not in the store: whoever hands the sheet in is told
  confess(codes) {
    const said = codes.join();
    if (said === (this.confessed || "")) return;
    this.confessed = said;
    this.leaveWord("wrong", codes);
  }

  // somebody else was first

  ask() {
    if (this.dialog) return;
    const cell = [...this.cells.values()].find((one) => one.conflict);
    if (!cell) return;
    const { says, theirs, mine } = cell.conflict;
    const close = () => { this.dialog.close(); this.dialog.remove(); this.dialog = null; cell.conflict = null; this.keep(); };
    const keep = make("button", { type: "button", class: "primary", text: this.words.keep_mine });
    const take = make("button", { type: "button", text: this.words.take_theirs });
    keep.addEventListener("click", () => { cell.version = theirs.version; close(); this.flush(true); this.ask(); });
    take.addEventListener("click", () => {
      close();
      cell.version = theirs.version;
      cell.refused = null;
      cell.show(theirs);
      cell.settle();
      cell.say("");
      cell.mark("saved", "");
      this.keep();
      this.showStatus();
      this.ask();
    });
    const value = (label, answer, note) => make("div", { class: "value" }, make("dt", { text: label }), make("dd", { text: answer || this.words.empty }), note ? make("dd", { class: "note", text: note }) : null);
    this.dialog = make(
      "dialog", { "aria-labelledby": "conflict-title", "aria-describedby": "conflict-says" },
      make("h2", { id: "conflict-title", text: this.words.conflict_title }),
      make("p", { id: "conflict-says", text: says }),
      make("dl", {}, value(this.words.mine, mine || cell.now.answer, cell.now.note), value(this.words.theirs, theirs.shown || theirs.answer, theirs.note)),
      make("div", { class: "buttons" }, keep, take)
    );
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    this.root.append(this.dialog);
    this.dialog.showModal();
    keep.focus();
  }

  // how it looks

  build(layout) {
    this.shape = layout.hash;
    const drafts = new Map([...this.cells].map(([code, cell]) => [code, { ...cell, now: cell.now }]));
    this.root.replaceChildren();
    this.cells = new Map();
    this.figures = {};
    this.status = make("span", { class: "status", role: "status", "aria-live": "polite" });
    this.progress = make("span", { class: "progress" });
    const print = make("button", { type: "button", class: "print", text: this.words.print });
    print.addEventListener("click", () => window.print());
    this.note = make("span", { class: "pasted", role: "status", hidden: true });
    this.totals = make("p", { class: "totals", hidden: true });
    this.trouble = make("div", { class: "trouble", role: "alert", hidden: true });
    this.missing = make("details", { class: "missing", hidden: true }, make("summary"));
    this.whole = make("p", { class: "whole", hidden: true });
    this.root.append(this.trouble, this.totals, make("div", { class: "bar" }, this.status, this.progress, this.note, make("span", { class: "keys", text: this.words.keys }), print));
    const heads = [
      ["code", this.words.code], ["title", this.words.criterion], ["top", this.words.maximum],
      ...layout.columns.map((column) => ["beside", column.label]),
      ["answer", this.words.answer], ["points", this.words.points], ["note", this.words.note],
    ];
    const head = make("thead", {}, make("tr", {}, ...heads.map(([name, label]) => make("th", { scope: "col", class: name, text: label }))));
    const body = make("tbody");
    layout.rows.forEach((row, at) => body.append(row.control ? this.line(row, at, layout.columns) : this.heading(row, layout.columns.length)));
    const besides = layout.columns.length;
    this.table = make("table", { class: besides > 3 ? "many" : null }, make("caption", { class: "unseen", text: this.words.sheet }), head, body);
    this.table.style.setProperty("--beside", besides);
    this.table.style.setProperty("--note", 4 + Math.ceil((besides + 3) / 2)); // the line of the grid where the note begins
    this.root.append(this.table, this.missing, this.whole);
    this.table.addEventListener("keydown", (event) => this.key_(event));
    this.table.addEventListener("paste", (event) => this.paste(event));
    this.table.addEventListener("focusout", () => setTimeout(() => this.flush(), 0));
    for (const [code, old] of drafts) {
      const cell = this.cells.get(code);
      if (!cell) continue;
      Object.assign(cell, { saved: old.saved, version: old.version, given: old.given, refused: old.refused, conflict: old.conflict });
      cell.show(old.now);
    }
  }

  heading(row, besides) {
    const points = make("span", { class: "figure" });
    const why = make("span", { class: "why" });
    if (row.figures) this.figures[row.figures] = { points, why, group: true };
    const name = row.code ? `${row.code}. ${row.title}` : row.title;
    return make(
      "tr", { class: `${row.kind} depth${Math.min(row.depth, 3)}` },
      make("th", { scope: "colgroup", colspan: 2, class: "title" }, make("span", { text: name }), row.how ? make("small", { text: row.how }) : null),
      make("td", { class: "top", text: row.top, "data-label": this.words.maximum }),
      besides ? make("td", { colspan: besides, class: "blank" }) : null,
      make("td", { class: "blank answer" }),
      make("td", { class: "points", "data-label": this.words.points }, points),
      make("td", { class: "between" }, why)
    );
  }

  line(row, at, columns) {
    const cell = new Cell(this, row);
    const id = `cell-${at}`;
    const label = `${row.kind === "fact" ? "" : `${row.code} `}${row.title}: ${this.words.answer}`;
    const element = make("tr", { class: `${row.kind}`, "data-code": row.code });
    cell.element = element;
    cell.control = new CONTROLS[row.control.kind](cell, id, label, this.words);
    cell.note = make("textarea", { id: `${id}-note`, rows: 1, class: "field", "aria-label": `${row.kind === "fact" ? "" : `${row.code} `}${row.title}: ${this.words.note}`, maxlength: 2000 });
    cell.note.addEventListener("input", () => { this.grow(cell.note); cell.typed(); });
    if (row.states.length && row.control.kind !== "select") {
      cell.special = make("select", { class: "special", "aria-label": `${this.words.special}: ${row.code}` }, make("option", { value: "", text: this.words.special }), ...row.states.map(([value, label]) => make("option", { value, text: label })));
      cell.special.addEventListener("change", () => { cell.dim(); cell.typed(); });
    }
    cell.told = make("span", { class: "message", id: `${id}-message`, role: "alert", hidden: true });
    cell.look = make("button", { type: "button", class: "look" });
    cell.look.addEventListener("click", () => {
      this.tell("look", row.code);
      const panel = document.querySelector(".st-key-evidence-panel");
      if (panel && panel.getBoundingClientRect().top > window.innerHeight * 0.7) panel.scrollIntoView({ block: "start" });
    });
    const points = make("span", { class: "figure" });
    const why = make("span", { class: "why" });
    this.figures[row.code] = { points, why, group: false };
    cell.stateCell = make("span", { class: "state", hidden: true });
    cell.beside = Object.fromEntries(columns.map((column) => [column.key, make("td", { class: "beside", "data-label": column.label }, make("span"), make("small"))]));
    const how = row.how.length > 110 || row.how.includes("\n")
      ? make("details", {}, make("summary", { text: this.words.how }), make("span", { text: row.how }))
      : row.how ? make("small", { text: row.how }) : null;
    const title = make("td", { class: "title" }, make("span", { text: row.title }), how, row.needs ? make("small", { class: "needs", text: row.needs }) : null, make("div", { class: "beneath" }, cell.look, cell.special));
    element.append(
      row.kind === "fact" ? make("td", { class: "code" }) : make("th", { scope: "row", class: "code", text: row.code }),
      title,
      make("td", { class: "top", text: row.top, "data-label": this.words.maximum }),
      ...Object.values(cell.beside),
      make("td", { class: "answer", "data-label": this.words.answer }, cell.control.element, row.hint ? make("small", { class: "hint", text: row.hint }) : null, cell.stateCell, cell.told, cell.printed = make("span", { class: "printed" })),
      make("td", { class: "points", "data-label": this.words.points }, points, why),
      make("td", { class: "note", "data-label": this.words.note }, cell.note, cell.printedNote = make("span", { class: "printed" }), cell.source = make("small", { class: "source", hidden: true }), cell.said = make("small", { class: "said", hidden: true }))
    );
    this.cells.set(row.code, cell);
    return element;
  }

  grow(area) {
    area.style.height = "auto";
    if (area.value.length > 16) area.style.height = `${Math.min(area.scrollHeight + 2, 220)}px`;
  }

  // the keyboard

  where(target) {
    for (const cell of this.cells.values()) {
      if (target === cell.note) return [cell, "note"];
      if (cell.control.inputs.includes(target)) return [cell, "answer"];
    }
    return [null, ""];
  }

  key_(event) {
    if (event.isComposing) return; // a letter is still being put together
    const [cell, column] = this.where(event.target);
    if (!cell) return;
    const { target, key } = event;
    if (key === "Enter" && target.type !== "button") {
      event.preventDefault();
      this.move(cell, column, event.shiftKey ? -1 : 1);
    } else if ((key === "ArrowDown" || key === "ArrowUp") && !event.altKey && !event.ctrlKey && target.tagName !== "SELECT") {
      const down = key === "ArrowDown";
      const edge = target.tagName !== "TEXTAREA" || (down ? target.selectionEnd === target.value.length : target.selectionStart === 0);
      if (edge) { event.preventDefault(); this.move(cell, column, down ? 1 : -1); }
    } else if (key === "F2") {
      event.preventDefault();
      if (target.setSelectionRange && target.type !== "checkbox") target.setSelectionRange(target.value.length, target.value.length);
    } else if (key === "Escape") {
      event.preventDefault();
      cell.show(cell.saved);
      cell.say("");
      cell.mark("", "");
      this.keep();
      this.later();
      this.showStatus();
    }
  }

  move(cell, column, step) {
    const all = [...this.cells.values()].filter((one) => !one.locked);
    const next = all[all.indexOf(cell) + step];
    if (!next) return;
    const target = column === "note" ? next.note : next.control.inputs.find((input) => !input.disabled) || next.special || next.note;
    target.focus();
    if (target.select && target.type !== "checkbox") target.select();
    target.scrollIntoView({ block: "nearest" });
  }

  // rows and columns from a spreadsheet

  paste(event) {
    const [cell, column] = this.where(event.target);
    const text = event.clipboardData.getData("text/plain");
    if (!cell || cell.locked) return;
    const rows = grid(text);
    const single = rows.length === 1 && rows[0].length === 1;
    if (single && (column === "note" || cell.row.control.kind === "text")) return; // the browser does that by itself
    event.preventDefault();
    const all = [...this.cells.values()];
    const start = all.indexOf(cell);
    // a first column with the very codes of these lines says where the rest belongs
    const coded = rows[0].length > 1 && rows.every((row, at) => all[start + at] && row[0].trim() === all[start + at].row.code);
    let written = 0;
    let lost = 0;
    rows.forEach((row, down) => {
      const there = all[start + down];
      const said = coded ? row.slice(1) : row;
      const targets = column === "note" && !coded ? ["note"] : ["answer", "note"];
      if (!there || there.locked) { lost += said.filter((one) => one.trim()).length; return; }
      said.forEach((value, across) => {
        if (targets[across] === "answer") {
          const special = there.special && there.row.states.some(([state]) => state === value.trim().toUpperCase());
          there.show({ answer: special ? value.trim().toUpperCase() : value, note: there.note.value });
          written += 1;
        } else if (targets[across] === "note") {
          there.show({ answer: there.now.answer, note: value });
          written += 1;
        } else if (value.trim()) lost += 1;
      });
      there.say("");
      this.touched(there);
    });
    put(this.note, fill(lost ? this.words.pasted_too_much : this.words.pasted, { n: written, lost }));
    this.flush(true);
  }
}
