// The script of the consent page. It signs the owner in by the session of the inbox's own page, which the browser keeps for this origin
// alone: cookies would go to every port of the host. Without this script the page asks for the API token each time.

const base = new URL("..", location.href).href.replace(/\/+$/, "");
const key = `flowdock-inbox session ${base}`;
const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("token"));
const label = /** @type {HTMLElement} */ (form.querySelector("label"));

// The inbox has just refused what the browser kept.
if (form.dataset.refused !== undefined) localStorage.removeItem(key);

const kept = localStorage.getItem(key);
if (kept) {
  field.value = kept;
  label.hidden = true;
}

form.addEventListener("submit", async (event) => {
  const { submitter } = event;
  if (label.hidden || !(submitter instanceof HTMLButtonElement) || submitter.value !== "authorise") return;
  event.preventDefault();
  // Gives the API token away for a session, so that the browser keeps only that.
  const headers = { Authorization: `Bearer ${field.value.trim()}` };
  const answer = await fetch(`${base}/session`, { method: "POST", headers, credentials: "omit" }).catch(
    () => undefined,
  );
  if (answer?.status === 201) {
    const { token } = await answer.json();
    localStorage.setItem(key, token);
    field.value = token;
  }
  label.hidden = true;
  form.requestSubmit(submitter);
});
