// Writes lib/problems.json, which tells what each problem of the API means, from docs/problems.md. A test says when it is behind.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../../docs/problems.md", import.meta.url));
const target = fileURLToPath(new URL("../lib/problems.json", import.meta.url));

/**
 * @param {string} markdown
 * @returns {{ code: string, status: number, title: string, when: string, fix: string }[]}
 */
export function problemsIn(markdown) {
	const problems = [];
	let status = 0;
	for (const section of markdown.split(/^(?=#{2,3} )/m)) {
		const heading = /^## (\d{3}) /.exec(section);
		if (heading) status = Number(heading[1]);
		const code = /^### `([^`]+)`\n/.exec(section)?.[1];
		if (!code) continue;
		/** @param {string} name */
		const part = (name) => new RegExp(`\\*\\*${name}:\\*\\* (.*)`).exec(section)?.[1] ?? "";
		const title = section.split("\n\n")[1] ?? "";
		problems.push({ code, status, title, when: part("When"), fix: part("What to do") });
	}
	return problems;
}

/** What is to stand in lib/problems.json. */
export const expected = () => `${JSON.stringify(problemsIn(readFileSync(source, "utf8")), null, "\t")}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, expected());
