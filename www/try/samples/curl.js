// The command that posts a message with curl.

/** @param {unknown} message */
export function curlSample(message) {
  const json = JSON.stringify(message, null, 2);
  // In single quotes the shell leaves everything alone but an apostrophe. The token is outside them, so that the shell puts it in.
  const quoted = json.replaceAll("'", "'\\''");
  const withToken =
    quoted[0] === "{"
      ? `{\n  "flow_token": "'"$FLOWDOCK_TOKEN"'"${quoted === "{}" ? "\n" : ","}${quoted.slice(1)}`
      : quoted;
  return `curl --json '${withToken}' "$FLOWDOCK_URL/messages"\n`;
}
