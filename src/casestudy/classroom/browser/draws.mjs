// What sets draw under Pyodide: node draws.mjs FOLDER WHEEL ASKED, where ASKED is a file of JSON as draws.told takes it
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, wheel, asked] = process.argv.slice(2);
globalThis.fetch = () => Promise.reject(new Error("nothing is fetched here"));
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const pyodide = await loadPyodide({ indexURL: folder });
await pyodide.loadPackage(["numpy", "pandas"], { messageCallback: () => {} });
pyodide.unpackArchive(new Uint8Array(readFileSync(wheel)).buffer, "wheel");
pyodide.globals.set("asked", readFileSync(asked, "utf-8"));
const found = pyodide.runPython("from casestudy.classroom.browser.draws import told\ntold(asked)");
process.stdout.write(found, () => process.exit(0));
