// The peer ajv with js-xss for the HTML. It compiles its schema when the program starts.

import Ajv from "ajv";
import { ajvPeer, options, schema } from "./support/ajv.mjs";
import * as formats from "./support/ajv-formats.mjs";

const check = new Ajv({ ...options, formats }).compile(schema);

export const { name, validate, encode, pathOf } = ajvPeer("ajv + xss", check);
