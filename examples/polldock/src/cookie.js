// Cookies that no script reads and that forms of other sites do not send.

/** The value of the request's cookie with this name. */
export function cookie(request, name) {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([key]) => key === name)?.[1];
}

/** @returns {string} A Set-Cookie for `seconds`; of `url`, Polldock's own address, it depends whether https is asked for. */
export function cookieFor(url, name, value, seconds) {
  const secure = url.protocol === "https:" ? "; Secure" : "";
  // Lax, not Strict: who comes back from Flowdock comes from another site.
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}
