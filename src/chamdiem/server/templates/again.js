// A tab whose session has ended shows what visitors see. Once this browser has signed in elsewhere, it goes on by itself;
// and one to which somebody comes back after he signed out elsewhere no longer shows what was his.
(function () {
  var asking = false;
  function look() {
    var visitor = document.querySelector(".chamdiem-visitor"), person = document.querySelector(".chamdiem-person");
    if (asking || document.hidden || !(visitor || person)) { return; }
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
