// Small comforts; every page works without them.
"use strict";
document.documentElement.classList.add("scripts");

document.addEventListener("submit", (event) => {
  const dialog = document.getElementById(event.target.dataset.dialog || "");
  if (dialog && dialog.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
});

document.addEventListener("click", async (event) => {
  const close = event.target.closest("[data-close]");
  if (close) {
    event.preventDefault();
    close.closest("dialog").close();
    return;
  }
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  const text = document.getElementById(copy.dataset.copy).textContent;
  const said = copy.textContent;
  try {
    await navigator.clipboard.writeText(text);
    copy.textContent = "Copied";
  } catch {
    const range = document.createRange();
    range.selectNodeContents(document.getElementById(copy.dataset.copy));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    copy.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => { copy.textContent = said; }, 2000);
});

const zone = document.querySelector("input[data-zone]");
if (zone && !zone.value) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}
