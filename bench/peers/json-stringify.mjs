// What everybody has to pay: the body, with nothing checked.

export const name = "JSON.stringify";
export const encode = (message) => JSON.stringify(message);
