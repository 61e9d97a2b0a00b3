// Goes on when the frames of this page have loaded; without scripts the page goes on by itself after a while.
window.addEventListener("load", function () {
  var link = document.getElementById("onward");
  if (link) { window.location.replace(link.href); }
});
