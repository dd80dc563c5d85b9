// The baseline: it writes the body and checks nothing.

export const name = "JSON.stringify";
export const encode = (message) => JSON.stringify(message);
