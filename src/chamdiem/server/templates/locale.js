// Dates and numbers are written the Vietnamese way, whatever language the browser was installed in.
(function () {
  var local = "vi-VN";
  function has(value) { return { configurable: true, get: function () { return value; } }; }
  try {
    Object.defineProperty(navigator, "language", has(local));
    Object.defineProperty(navigator, "languages", has([local, "vi"]));
  } catch (error) { /* an old browser keeps its own */ }
  ["DateTimeFormat", "NumberFormat", "PluralRules", "RelativeTimeFormat", "ListFormat", "Collator"].forEach(function (name) {
    var own = Intl[name];
    if (!own) { return; }
    Intl[name] = new Proxy(own, {
      construct: function (target, given, as) {
        return Reflect.construct(target, [given[0] === undefined ? local : given[0]].concat(given.slice(1)), as);
      },
      apply: function (target, self, given) {
        return target.apply(self, [given[0] === undefined ? local : given[0]].concat(given.slice(1)));
      }
    });
  });
  [[Number.prototype, ["toLocaleString"]], [Date.prototype, ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]]]
    .forEach(function (pair) {
      pair[1].forEach(function (name) {
        var own = pair[0][name];
        pair[0][name] = function (locales, options) { return own.call(this, locales === undefined ? local : locales, options); };
      });
    });
})();
