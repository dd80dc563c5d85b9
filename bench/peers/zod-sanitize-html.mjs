// The peer zod 4 with sanitize-html for the HTML.

import { BODY_HTML, TITLE_HTML } from "../rules.mjs";
import { sanitizeHtmlCheck } from "./support/sanitize-html.mjs";
import { zodPeer } from "./support/zod.mjs";

export const { name, validate, encode, pathOf } = zodPeer("zod + sanitize-html", {
  title: sanitizeHtmlCheck(TITLE_HTML),
  body: sanitizeHtmlCheck(BODY_HTML),
});
