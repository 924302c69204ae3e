// A tab whose session has ended shows what visitors see. Once this browser has signed in elsewhere, it goes on by itself;
// and one that lies open, or to which somebody comes back, no longer shows what was his once he was signed out elsewhere.
// A score sheet keeps what is not saved and is told of it: it has its page run again, which no warning of the browser stops.
(function () {
  var asking = false, every = 60000; // ms
  function look() {
    var visitor = document.querySelector(".chamdiem-visitor"), person = document.querySelector(".chamdiem-person");
    var sheet = document.querySelector('[data-testid^="stBidiComponent"]');
    if (asking || document.hidden || !(visitor || person)) { return; }
    asking = true;
    fetch("/phien", { cache: "no-store" })
      .then(function (answer) { return answer.json(); })
      .then(function (said) {
        if (said.signed_in !== Boolean(visitor)) { return; }
        if (sheet) { window.dispatchEvent(new Event("chamdiem:ended")); } else { location.reload(); }
      })
      .catch(function () { /* no network: at the next look */ })
      .then(function () { asking = false; });
  }
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
  setInterval(look, every);
})();
