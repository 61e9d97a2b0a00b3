// Posts the answer to the application at once. Plain enough for every browser that an application's tests may bring; without
// scripts the person presses the button.
window.addEventListener("load", function () {
  var form = document.getElementById("going-back");
  if (form) { form.submit(); }
});
