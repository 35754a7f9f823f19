import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** What stands in README.md as code of this language, in order. */
export function blocks(language: "sh" | "ts" | "tsx"): string[] {
	const found = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
	return found.filter(([, of]) => of === language).map(([, , code = ""]) => code);
}

/** The one of them in which this stands. */
export function block(language: "sh" | "ts" | "tsx", words: string): string {
	const found = blocks(language).filter((code) => code.includes(words));
	const [code] = found;
	if (code === undefined || found.length > 1)
		throw new Error(`README.md has ${found.length} blocks of ${language} with ${words}`);
	return code;
}
