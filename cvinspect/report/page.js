// Filters, enlarging and copying. The page is whole without it.
(function () {
  "use strict";
  var bar = document.querySelector(".filters");
  var cards = Array.prototype.slice.call(document.querySelectorAll("#incidents .card"));
  if (bar) {
    var selects = bar.querySelectorAll("select");
    var shown = bar.querySelector("output");
    bar.hidden = false;
    var apply = function () {
      var count = 0;
      cards.forEach(function (card) {
        var fits = Array.prototype.every.call(selects, function (select) {
          return !select.value || card.dataset[select.name] === select.value;
        });
        card.hidden = !fits;
        count += fits ? 1 : 0;
      });
      shown.textContent = count + " / " + cards.length;
    };
    selects.forEach(function (select) { select.addEventListener("change", apply); });
    document.querySelectorAll("a.class[data-pick]").forEach(function (link) {
      link.addEventListener("click", function () {
        selects[0].value = link.dataset.pick;
        apply();
      });
    });
    document.querySelectorAll(".timeline a").forEach(function (link) {
      link.addEventListener("click", function () {
        selects.forEach(function (select) { select.value = ""; });
        apply();
      });
    });
    apply();
  }
  var dialog = document.querySelector("dialog");
  document.addEventListener("click", function (event) {
    var picture = event.target.closest("figure > a");
    if (picture && dialog.showModal && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      var small = picture.querySelector("img");
      dialog.querySelector("img").src = small.src;
      dialog.querySelector("img").alt = small.alt;
      dialog.querySelector("a").href = picture.getAttribute("href");
      dialog.showModal();
    } else if (event.target === dialog || event.target.closest("dialog button")) {
      dialog.close();
    }
    var copy = event.target.closest("button.copy");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.previousElementSibling.textContent).then(function () {
        copy.textContent = "✓";
      }, function () {});
    }
  });
})();
