// Our own pages beside the screens (signing in and out, the language) open in this tab: Streamlit opens every link in another.
// Who only has to confirm that he is himself does so in another tab: what he has typed here stays.
(function () {
  var own = /^\/(dang-nhap|dang-xuat|dang-xuat-het|doi-mat-khau|dien-thoai|ngon-ngu|oidc)(\/|$)/;
  document.addEventListener("click", function (event) {
    var link = event.target instanceof Element ? event.target.closest("a[target=_blank]") : null;
    if (!link || link.origin !== location.origin || /[?&]lai=1/.test(link.search)) { return; }
    if (own.test(link.pathname)) { link.target = "_self"; }
  }, true);
})();
