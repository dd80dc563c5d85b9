// The JavaScript that posts a message.

import { pretty } from "./literal.js";

/**
 * @param {unknown} message
 * @param {{ id: string, name: string }[]} files
 */
export function javascriptSample(message, files) {
  const imports = files.length > 0 ? 'import { readFile } from "node:fs/promises";\n' : "";
  return `${imports}import { Client } from "flowdock-integration";

const client = new Client({
  baseUrl: process.env.FLOWDOCK_URL,
  flowToken: process.env.FLOWDOCK_TOKEN,
});

const message = ${pretty(message, keyOf)};

const { uuid } = await client.post(message${options(files)});
console.log(\`posted \${uuid}\`);
`;
}

/** @param {{ id: string, name: string }[]} files */
function options(files) {
  if (files.length === 0) return "";
  const entries = files.map(({ id, name }) => {
    const file = JSON.stringify(name);
    return `    ${JSON.stringify(id)}: new File([await readFile(${file})], ${file}),
`;
  });
  return `, {\n  attachments: {\n${entries.join("")}  },\n}`;
}

/** @param {string} key */
function keyOf(key) {
  // Without brackets this key would set the prototype.
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
