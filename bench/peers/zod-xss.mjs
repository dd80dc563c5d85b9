// The peer zod 4 with js-xss for the HTML.

import { BODY_HTML, TITLE_HTML } from "../rules.mjs";
import { xssCheck } from "./support/xss.mjs";
import { zodPeer } from "./support/zod.mjs";

export const { name, validate, encode, pathOf } = zodPeer("zod + xss", {
  title: xssCheck(TITLE_HTML),
  body: xssCheck(BODY_HTML),
});
