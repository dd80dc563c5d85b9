// Cookies that scripts cannot read, and that the browser does not send with forms of other sites.

/**
 * Returns the value of the request's cookie with this name.
 *
 * @param {Request} request
 * @param {string} name
 */
export function cookie(request, name) {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([key]) => key === name)?.[1];
}

/**
 * Writes a cookie.
 *
 * @param {URL} url Polldock's own address. If it is https, the cookie is sent over https only.
 * @param {string} name
 * @param {string} value
 * @param {number} seconds How long the cookie lasts.
 * @returns {string} The value of a header Set-Cookie.
 */
export function cookieFor(url, name, value, seconds) {
  const secure = url.protocol === "https:" ? "; Secure" : "";
  // Lax and not Strict, because a user who comes back from Flowdock comes from another site.
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}
