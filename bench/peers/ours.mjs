// The peer that is this package, as it is published.

import * as flowdock from "#flowdock-integration";

export const name = "ours";
export const validate = (message) => flowdock.validate(message).violations;
export const encode = (message) => flowdock.encode(message);
export const pathOf = (violation) => violation.path;
