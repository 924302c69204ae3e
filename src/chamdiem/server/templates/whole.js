// What is chosen in a list and cut off by its box, as on a telephone, stands below the box in full; see shell.css.
(function () {
  var waiting = false;
  function look() {
    waiting = false;
    document.querySelectorAll("[data-testid=stSelectbox]").forEach(function (box) {
      var input = box.querySelector("input");
      var cut = input && input !== document.activeElement && input.scrollWidth > input.clientWidth ? input.value : "";
      if (cut) { box.dataset.whole = cut; } else { delete box.dataset.whole; }
    });
  }
  function soon() { if (!waiting) { waiting = true; requestAnimationFrame(look); } }
  new MutationObserver(soon).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["value"]
  });
  ["resize", "focusin", "focusout"].forEach(function (name) { window.addEventListener(name, soon); });
})();
