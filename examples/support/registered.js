// Registers an example with a new inbox, so that the inbox calls it by its name and not "Example application".

/** The name of the only application that a new inbox has. */
const NEW = "Example application";

/**
 * Registers an application, and adds a source of it to the flow of a flow token. An inbox that has other applications already is left as it is.
 *
 * @param {Record<string, string | undefined>} inbox The variables `FLOWDOCK_URL`, `FLOWDOCK_TOKEN` and `FLOWDOCK_API_TOKEN`. Without an API
 *   token nothing is registered.
 * @param {{ application: string, source: string }} names
 * @returns {Promise<string | undefined>} The flow token to post with.
 */
export async function registered(
  { FLOWDOCK_URL: baseUrl, FLOWDOCK_TOKEN: flowToken, FLOWDOCK_API_TOKEN: apiToken },
  names,
) {
  if (!baseUrl || !flowToken || !apiToken) return flowToken;
  const headers = { authorization: `Bearer ${apiToken}`, "content-type": "application/json" };
  /**
   * @param {string} url
   * @param {object} [fields] The fields of what is created. Without them, the answer is what `url` names.
   */
  const call = async (url, fields) => {
    const response = await fetch(url, { headers, ...(fields && { method: "POST", body: JSON.stringify(fields) }) });
    if (!response.ok) throw new Error(`${url.split("?")[0]}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const applications = `${baseUrl}/oauth/applications`;
  const [first, ...others] = await call(applications);
  if (first?.name !== NEW || others.length > 0) return flowToken;
  const [{ url }] = await call(`${baseUrl}/sources?${new URLSearchParams({ flow_token: flowToken })}`);
  const { id: application } = await call(applications, { name: names.application });
  // The URL of a source without its id names the sources of its flow.
  const { flow_token: own } = await call(url.slice(0, url.lastIndexOf("/")), { name: names.source, application });
  return own;
}
