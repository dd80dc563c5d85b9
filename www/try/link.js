// A link that holds the draft: `#/try?message=…`, the message as JSON in base64url. It never holds a token.

import { go, hrefOf, place } from "../page/address.js";
import { copy } from "../page/copy.js";
import { toast } from "../page/toast.js";
import { draft, draftOf, replaceDraft, wholeMessage } from "./draft.js";
import { withoutToken } from "./draft-store.js";
import { eventOf } from "./events.js";
import { isObject } from "./pointer.js";

/** @import { JsonObject } from "./pointer.js" */

/** The largest message in a link, in characters of base64url. Many programs cut longer links. */
const MAX_LINK_CHARS = 16_000;

export function copyLink() {
  const whole = wholeMessage();
  const message = encoded(shared(isObject(whole) ? whole : draft().message));
  if (message.length > MAX_LINK_CHARS) {
    toast("The message is too long for a link. Copy its JSON instead.");
    return;
  }
  const url = new URL(hrefOf({ view: "try", query: { message } }), location.href);
  copy(url.href, "Link");
}

/** Fills the draft from the address, if that holds a message, and takes the message out of the address. */
export function takeLink() {
  const { view, query } = place();
  const { message: text } = query;
  if (view !== "try" || text === undefined) return;
  // An address with the message in it would bring it back with each reload.
  go({ view: "try", query: { message: "" } }, { isSame: true });
  const message = text.length > MAX_LINK_CHARS ? undefined : decoded(text);
  // The form would not show a message without a known event.
  if (message)
    replaceDraft(
      draftOf(shared(message), eventOf(message.event) ? "form" : "json"),
      "The draft is now the message from the link.",
    );
  else toast("The link holds no message that this page can read.");
}

/** A message as another person may have it: no token, and not the id of one post. @param {JsonObject} message */
function shared(message) {
  const { uuid: _, ...rest } = withoutToken(message);
  return rest;
}

/** @param {unknown} value */
function encoded(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} text */
function decoded(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
