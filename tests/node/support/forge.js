// Makes the requests of `fixtures/callbacks.json`, genuine and forged ones, and passes them to `verifyAction`. It needs only WebCrypto, so it
// also runs in workerd and in pages.

const encoder = new TextEncoder();

/**
 * Verifies each call of the table.
 *
 * @param table The parsed file.
 * @returns {Promise<{ name: string, outcome: string }[]>} The outcome of each call: `verified`, or the code of the error.
 */
export async function judgeCalls({ verifyAction }, table) {
  const outcomes = [];
  for (const row of table.calls) {
    const { request, options } = await forge(row, table);
    outcomes.push({ name: row.name, outcome: await outcome(verifyAction, request, options, row.again) });
  }
  return outcomes;
}

async function outcome(verifyAction, request, options, again) {
  try {
    if (again) await verifyAction(request(), options);
    const { userId, action } = await verifyAction(request(), options);
    const sent = await request().text();
    return userId === "7" && JSON.stringify(action) === sent ? "verified" : `${userId} ${JSON.stringify(action)}`;
  } catch (error) {
    return error.code ?? String(error);
  }
}

/** Makes the request of a row. Parts that the row leaves out are as Flowdock sends them. */
export async function forge(row, { now, secret, template: usual }) {
  const {
    key = secret,
    secrets = [secret],
    hash = "SHA-256",
    age = 0,
    template = usual,
    url = usual,
    expectedUrl,
  } = row;
  const { method = "POST" } = row;
  const fill = (text, values) => text.replace(/\$(\w+)/g, (whole, name) => values[name] ?? whole);
  const target = { "@type": "EntryPoint", urlTemplate: template, httpMethod: "POST" };
  const agent = { "@type": "Person", name: "Doc" };
  const action = JSON.stringify({ "@type": "UpdateAction", name: "Vote for pizza", agent, target });
  const body = row.body === undefined ? action : fill(row.body, { template });
  const sha256 = hex(await crypto.subtle.digest("SHA-256", encoder.encode(body)));

  const facts = {
    exp: now - age + 30,
    sha256,
    SHA256: sha256.toUpperCase(),
    sha: sha256.slice(0, -1),
    long: "x".repeat(5000),
  };
  const claims = (user) => fill(row.claims ?? `{"sub":"${user}","exp":$exp,"signature":"$sha256"}`, facts);
  const parts = {
    header: base64url(encoder.encode(row.header ?? '{"alg":"HS256","typ":"JWT"}')),
    claims: base64url(encoder.encode(claims(7))),
    otherclaims: base64url(encoder.encode(claims(8))),
  };
  const algorithm = { name: "HMAC", hash };
  const signer = await crypto.subtle.importKey("raw", encoder.encode(key), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", signer, encoder.encode(`${parts.header}.${parts.claims}`));
  parts.mac = base64url(new Uint8Array(mac));
  // Base64 whose last digit has other unused bits. A lax decoder gives the bytes of `mac` for it.
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  parts.othermac = parts.mac.slice(0, -1) + digits[digits.indexOf(parts.mac.at(-1)) + 1];

  const token = row.token === null ? null : fill(row.token ?? "$header.$claims.$mac", parts);
  const headers = token === null ? {} : { "flowdock-token": token };
  const sent = row.sent === undefined ? body : fill(row.sent, { body, template });
  const known = new Map();
  const seen = (id, until) => known.size === known.set(id, until).size;
  return {
    request: () => new Request(url, { method, headers, body: sent }),
    options: { secrets, seen, now: now * 1000, ...(expectedUrl && { expectedUrl }) },
  };
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
