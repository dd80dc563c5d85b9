// The string formats of the JSON Schema, by name.

import * as rules from "../../rules.mjs";
import { xssCheck } from "./xss.mjs";

export const title = xssCheck(rules.TITLE_HTML);
export const body = xssCheck(rules.BODY_HTML);
export const requiredTitle = (html) => rules.NON_BLANK.test(html) && title(html);
export const nonBlank = rules.NON_BLANK;
export const blank = (text) => !rules.NON_BLANK.test(text);
export const noSpace = rules.NO_SPACE;
export const content = rules.CONTENT;
export const userName = rules.USER_NAME;
export const httpUrl = rules.HTTP_URL;
export const urlTemplate = rules.isUrlTemplate;
export const email = rules.EMAIL;
