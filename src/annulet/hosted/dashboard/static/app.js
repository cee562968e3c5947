// Conveniences; every page works without them.
"use strict";
document.documentElement.classList.add("scripts");

document.addEventListener("submit", (event) => {
  const dialog = document.getElementById(event.target.dataset.dialog || "");
  if (dialog && dialog.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
});

// A second press sends nothing while the first one is under way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post") || form.dataset.passkey) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 3000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("click", async (event) => {
  const close = event.target.closest("[data-close]");
  if (close) {
    event.preventDefault();
    close.closest("dialog").close();
    return;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) await copyText(copy, document.getElementById(copy.dataset.copy));
});

// Shows on the button, and tells screen readers, that the text was copied or is selected.
async function copyText(button, source) {
  button.dataset.name ||= button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied ✓";
    button.classList.add("done");
    announce("Copied.");
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Press Ctrl+C";
    announce("The text is selected: press Control and C.");
  }
  clearTimeout(button.timer);
  button.timer = setTimeout(() => {
    button.textContent = button.dataset.name;
    button.classList.remove("done");
    announce("");
  }, 2500);
}

function announce(words) {
  document.getElementById("announcement").textContent = words;
}

const zone = document.querySelector("input[data-zone]");
if (zone && !zone.value) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}
