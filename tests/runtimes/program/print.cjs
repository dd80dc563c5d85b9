// As print.js, in CommonJS.
const flowdock = require("flowdock-integration");
const { program } = require("./program.cjs");

program(flowdock, JSON.parse(process.argv.at(-1))).then((result) => console.log(JSON.stringify(result)));
