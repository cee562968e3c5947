// Asks the browser for a passkey; only scripts can do that. The rest of the page needs none.
"use strict";
if (window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON) {
  document.documentElement.classList.add("passkeys");
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.passkey || form.elements.answer.value) return;
  event.preventDefault();
  const problem = form.querySelector("[data-problem]");
  problem.textContent = "";
  try {
    const options = await readOptions(form);
    if (options) {
      form.elements.answer.value = JSON.stringify(await ask(form.dataset.passkey, options));
      form.submit();
    }
  } catch (error) {
    problem.textContent = error.name === "InvalidStateError"
      ? "This device has a passkey for this account already."
      : "That did not work, or was cancelled. Try again, or use your password.";
  }
});

async function readOptions(form) {
  const response = await fetch(form.dataset.options, {
    method: "POST",
    headers: { accept: "application/json", "x-form-token": form.elements.form_token.value },
  });
  const body = await response.json();
  if (body.location) {
    location = body.location;
    return null;
  }
  if (!response.ok) throw new Error(response.status);
  return body;
}

async function ask(kind, options) {
  const credential = kind === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return credential.toJSON();
}
