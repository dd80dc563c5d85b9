// The program that runs in every environment. It takes the package's exports as they come out of the environment's own import, and returns
// plain data. It depends on nothing else, so every bundler can take it and a test can send its text into a page.

/**
 * Uses the package as an integration does.
 *
 * @param {any} flowdock The exports of the package.
 * @param {Awaited<ReturnType<typeof import("../support/given.js").makeGiven>>["given"]} given
 * @returns {Promise<Record<string, any>>} What each step gave: a value, the code of its FlowdockError, or the text of any other error.
 */
export async function program(flowdock, given) {
  const { activity, Client, encode, FlowdockError, html, sanitizeBody, validate, verifyAction } = flowdock;

  const step = async (work) => {
    try {
      return await work();
    } catch (error) {
      // A caller decides by `instanceof`, so an error of another copy of the package fails here.
      return error instanceof FlowdockError ? error.code : `not a FlowdockError: ${error}`;
    }
  };
  const title = () => html`fixed <a href="${"https://example.com/?a=1&b=2"}">#${88}</a> in <b>${"<1.21 GW>"}</b>`;
  const message = () =>
    activity({
      author: "Doc",
      title: html`fixed <a href="https://example.com/88">#${88}</a>`,
      body: sanitizeBody("<p>Great <b>Scott</b>!<script>alert(1)</script></p>"),
      external_thread_id: "flux-capacitor",
      thread: { title: "The flux capacitor 🚗", status: ["fixed", "green"] },
    });
  const verify = async ({ url, method, headers, body }) => {
    const request =
      typeof Request === "function" ? new Request(url, { method, headers, body }) : { url, method, headers, body };
    const { userId, action } = await verifyAction(request, { secrets: [given.secret], now: given.now });
    return `${action["@type"]} of user ${userId}`;
  };

  return {
    good: await step(() => validate(message())),
    bad: await step(() => validate({ event: "message" }).violations.map(({ code, path }) => `${code} ${path}`)),
    refused: await step(() => encode({})),
    sanitized: await step(() => sanitizeBody('<p onclick="x()">1 < 2 <s>é</s><script>alert(1)</script><p>')),
    html: await step(() => String(title())),
    posted: await step(async () => {
      const client = new Client({ baseUrl: given.url, flowToken: given.token, retry: { baseMs: 1 } });
      const { kind, attempts, maybeDuplicate } = await client.post(message());
      return { kind, attempts, maybeDuplicate };
    }),
    genuine: await step(() => verify(given.genuine)),
    forged: await step(() => verify(given.forged)),
  };
}
