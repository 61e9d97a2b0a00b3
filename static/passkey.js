// Passkeys: asks the browser for one and puts its answer into a form of ours. Pages work without this file; then the
// buttons that need it stay hidden. Nothing is stored, and no request leaves the page but the form.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Fills the hidden fields of a form and sends it. */
function send(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    form.elements[name].value = value;
  }
  // The page's one box goes along.
  for (const box of document.querySelectorAll("#remember")) { box.setAttribute("form", form.id); }
  // A button with the id "submit" hides the form's own method.
  HTMLFormElement.prototype.submit.call(form);
}

function credentials(list) {
  return list.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: bytes(id) }));
}

/** What a form asks for, in the words of its data- attributes. */
async function ask(form, more) {
  const { challenge, rp, allowed, verification } = form.dataset;
  const publicKey = {
    challenge: bytes(challenge),
    rpId: rp,
    allowCredentials: credentials(allowed),
    userVerification: verification,
  };
  const found = await navigator.credentials.get({ publicKey, ...more });
  const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
  send(form, {
    credential: text(found.rawId),
    client_data: text(clientDataJSON),
    data: text(authenticatorData),
    signature: text(signature),
    user: userHandle && userHandle.byteLength ? text(userHandle) : "",
  });
}

async function make(form) {
  const { challenge, rp, allowed, user, address, person, service, algorithms } = form.dataset;
  const publicKey = {
    challenge: bytes(challenge),
    rp: { id: rp, name: service },
    user: { id: bytes(user), name: address, displayName: person },
    pubKeyCredParams: algorithms.split(" ").map((alg) => ({ type: "public-key", alg: Number(alg) })),
    excludeCredentials: credentials(allowed),
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
    attestation: "none",
  };
  const made = await navigator.credentials.create({ publicKey });
  send(form, { client_data: text(made.response.clientDataJSON), attestation: text(made.response.attestationObject) });
}

/** Says what went wrong; that a person turned back is nothing wrong. */
function complain(form, error) {
  if (error.name !== "AbortError") {
    form.querySelector("[role=status]").textContent = form.dataset.failed;
  }
}

let waiting = null;

/** The list under the address field offers passkeys too (conditional UI). */
async function offer(form) {
  const can = PublicKeyCredential.isConditionalMediationAvailable;
  if (!can || !(await can.call(PublicKeyCredential))) {
    return;
  }
  waiting = new AbortController();
  ask(form, { mediation: "conditional", signal: waiting.signal }).catch(() => {});
}

if (window.PublicKeyCredential) {
  for (const none of document.querySelectorAll("[data-no-passkeys]")) { none.hidden = true; }
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (waiting) {
        waiting.abort();
      }
      const done = form.dataset.passkey === "make" ? make(form) : ask(form, {});
      done.catch((error) => complain(form, error));
    });
    if (form.dataset.passkey === "offer") {
      offer(form);
    }
  }
}
