// Runs one row in a process of its own, for run.js: `node row.js ENVIRONMENT INDEX KIT`. It sends its verdicts to its parent.

import { Row } from "./support/row.js";

const [file, index, kit] = process.argv.slice(2);
const { rows } = await import(`./environments/${file}.js`);
const verdicts = await new Row(rows[Number(index)], kit, (text) => process.stderr.write(text)).verdicts();
process.send(verdicts, () => process.exit());
