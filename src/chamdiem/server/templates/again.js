// A tab whose session has ended shows what visitors see. Once this browser has signed in elsewhere, it goes on by itself;
// and one to which somebody comes back after he signed out elsewhere no longer shows what was his. A score sheet says itself
// that the session is over, and keeps what is not saved: its page stays.
(function () {
  var asking = false;
  function look() {
    var visitor = document.querySelector(".chamdiem-visitor"), person = document.querySelector(".chamdiem-person");
    var sheet = document.querySelector('[data-testid^="stBidiComponent"]');
    if (asking || document.hidden || !(visitor || (person && !sheet))) { return; }
    asking = true;
    fetch("/phien", { cache: "no-store" })
      .then(function (answer) { return answer.json(); })
      .then(function (said) { if (said.signed_in === Boolean(visitor)) { location.reload(); } })
      .catch(function () { /* no network: at the next look */ })
      .then(function () { asking = false; });
  }
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
})();
