// ajv, which compiles its schema when the program starts, with js-xss for the HTML.

import Ajv from "ajv";
import { ajvPeer, options, schema } from "./support/ajv.mjs";
import * as formats from "./support/ajv-formats.mjs";

const check = new Ajv({ ...options, formats }).compile(schema);

export const { name, validate, encode, pathOf } = ajvPeer("ajv + xss", check);
