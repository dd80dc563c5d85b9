// Gives the program's input to a server and reads its result from the answer.

/** @param {string | URL} url */
export async function post(url, given) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(given),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text.slice(0, 2000)}`);
  return JSON.parse(text);
}
