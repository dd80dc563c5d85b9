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
  showOwner(kept);
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

/**
 * Shows who is signed in, and the flow that the request names. If the session has ended, the page asks for the API token.
 *
 * @param {string} session
 */
async function showOwner(session) {
  const headers = { Authorization: `Bearer ${session}` };
  /** @param {string} path */
  const get = (path) => fetch(`${base}/${path}`, { headers, credentials: "omit" }).catch(() => undefined);
  const answer = await get("user");
  if (answer?.status === 401) {
    if (localStorage.getItem(key) === session) localStorage.removeItem(key);
    field.value = "";
    label.hidden = false;
    field.focus();
    return;
  }
  const list = await get("flows");
  // The page works without these facts.
  if (!answer?.ok || !list?.ok) return;
  const [user, flows] = await Promise.all([answer.json(), list.json()]);
  /** @type {{ id: string, name: string, organization: { name: string } }[]} */
  const all = flows;
  show("user", `${user.name} of ${[...new Set(all.map(({ organization }) => organization.name))].join(", ")}`);
  const wanted = document.getElementById("flow")?.dataset.id;
  if (wanted === undefined) return;
  const flow = all.find(({ id }) => id === wanted);
  show("flow", flow ? `${flow.organization.name} / ${flow.name}` : "one that this inbox does not have");
}

/**
 * Fills in a row of the page.
 *
 * @param {string} id
 * @param {string} text
 */
function show(id, text) {
  const row = /** @type {HTMLElement} */ (document.getElementById(id));
  const value = document.createElement("b");
  value.textContent = text;
  row.querySelector("dd")?.replaceChildren(value);
  row.hidden = false;
}
