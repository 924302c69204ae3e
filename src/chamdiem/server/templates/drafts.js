// What somebody types into a field of several lines stays in this tab until it is sent: neither a session that ends, nor a
// lost network, nor F5 takes it away. It is offered back to the same person, on the same page, and to nobody else.
(function () {
  var OURS = "chamdiem/draft/", FIELD = '[data-testid="stTextArea"] textarea', WAIT = 250;
  var typed = {};  // by place: what was typed since this page was opened, and so need not be offered
  var waiting = 0;

  function person() {
    return document.querySelector(".chamdiem-visitor") ? null : document.querySelector(".chamdiem-person");
  }
  function page() {
    var asked = new URLSearchParams(location.search);
    return OURS + [location.pathname, asked.get("dot") || "", asked.get("dv") || "", ""].join("|");
  }
  function place(field) {
    var keyed = field.closest('[class*="st-key-"]');
    var key = keyed ? Array.from(keyed.classList).find(function (name) { return name.indexOf("st-key-") === 0; }) : "";
    return page() + key + "|" + (field.getAttribute("aria-label") || "");
  }
  function kept(where) {
    try { return JSON.parse(sessionStorage.getItem(where) || "null"); } catch (error) { return null; }
  }
  function keep(where, draft) {
    try { sessionStorage.setItem(where, JSON.stringify(draft)); } catch (error) { /* no room: the page itself still has it */ }
  }
  function forget(where) { delete typed[where]; sessionStorage.removeItem(where); }
  function all() { return Object.keys(sessionStorage).filter(function (name) { return name.indexOf(OURS) === 0; }); }

  function heard(event) {
    var me = person(), field = event.target;
    if (!me || !field.matches || !field.matches(FIELD)) { return; }
    var where = place(field);
    typed[where] = field.value;
    unoffered(field);
    if (field.value.trim()) { keep(where, { person: me.dataset.person, text: field.value, at: Date.now() }); } else { forget(where); }
  }

  // Once the script has run: what is no longer in its field was sent or given up; what an earlier page left is offered.
  function look() {
    waiting = 0;
    var me = person(), app = document.querySelector('[data-testid="stApp"]');
    if (!me || !app || app.dataset.testScriptState !== "notRunning" || app.dataset.testConnectionState !== "CONNECTED") { return; }
    var fields = {};
    document.querySelectorAll(FIELD).forEach(function (field) { fields[place(field)] = field; });
    Object.keys(typed).forEach(function (where) {
      if (where.indexOf(page()) !== 0) { delete typed[where]; }  // he went to another page: it waits for him
      else if (!fields[where] || fields[where].value !== typed[where]) { forget(where); }
    });
    all().forEach(function (where) {
      var draft = kept(where), field = fields[where];
      if (!draft || draft.person !== me.dataset.person) { forget(where); return; }
      if (!field || where in typed) { return; }
      if (field.value === draft.text) { typed[where] = draft.text; } else { offer(field, where, draft, me.dataset); }
    });
  }

  function offer(field, where, draft, words) {
    var box = field.closest('[data-testid="stTextArea"]');
    if (box.querySelector(".chamdiem-draft")) { return; }
    var bar = document.createElement("div"), at = new Date(draft.at);
    var today = at.toDateString() === new Date().toDateString(), short = { hour: "2-digit", minute: "2-digit" };
    bar.className = "chamdiem-draft";
    bar.setAttribute("role", "status");
    bar.append(words.draft.replace("{at}", today ? at.toLocaleTimeString([], short) : at.toLocaleString()));
    button(bar, words.restore, function () {
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, draft.text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
    button(bar, words.drop, function () { forget(where); unoffered(field); field.focus(); });
    box.append(bar);
  }
  function button(bar, words, act) {
    var one = document.createElement("button");
    one.type = "button";
    one.textContent = words;
    one.addEventListener("click", act);
    bar.append(one);
  }
  function unoffered(field) {
    var bar = field.closest('[data-testid="stTextArea"]').querySelector(".chamdiem-draft");
    if (bar) { bar.remove(); }
  }

  document.addEventListener("input", heard);
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest('a[href^="/dang-xuat"]')) { all().forEach(forget); }
  }, true);
  new MutationObserver(function () { waiting = waiting || setTimeout(look, WAIT); }).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-test-script-state", "data-test-connection-state"]
  });
})();
