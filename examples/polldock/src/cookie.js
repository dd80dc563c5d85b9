// Cookies that no script reads and that forms of other sites do not send.

/**
 * The value of the request's cookie with this name.
 *
 * @param {Request} request
 * @param {string} name
 */
export function cookie(request, name) {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([key]) => key === name)?.[1];
}

/**
 * @param {URL} url Polldock's own address: of it depends whether https is asked for.
 * @param {string} name
 * @param {string} value
 * @param {number} seconds How long it lasts.
 * @returns {string} A Set-Cookie.
 */
export function cookieFor(url, name, value, seconds) {
  const secure = url.protocol === "https:" ? "; Secure" : "";
  // Lax, not Strict: who comes back from Flowdock comes from another site.
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}
