// A tab whose session has ended shows what visitors see. Once this browser has signed in elsewhere, it goes on by itself.
(function () {
  var asking = false;
  function look() {
    if (asking || document.hidden || !document.querySelector(".chamdiem-visitor")) { return; }
    asking = true;
    fetch("/phien", { cache: "no-store" })
      .then(function (answer) { return answer.json(); })
      .then(function (said) { if (said.signed_in) { location.reload(); } })
      .catch(function () { /* no network: at the next look */ })
      .then(function () { asking = false; });
  }
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
})();
