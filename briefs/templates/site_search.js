// Narrows the two lists of this page to the lines that hold all the words. Without it the lists stand in full.
(function () {
  "use strict";
  var box = document.getElementById("find");
  var words = document.getElementById("words");
  var found = document.getElementById("found");
  var lines = Array.prototype.slice.call(document.querySelectorAll("li[data-words]"));
  function fold(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }
  var held = lines.map(function (line) { return fold(line.getAttribute("data-words")); });
  words.addEventListener("input", function () {
    var wanted = fold(words.value).split(/\s+/).filter(Boolean);
    var shown = 0;
    lines.forEach(function (line, at) {
      var fits = wanted.every(function (word) { return held[at].indexOf(word) >= 0; });
      line.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    found.textContent = wanted.length ? shown + (shown === 1 ? " line" : " lines") : "";
  });
  box.hidden = false;
})();
