import type { Task } from "../api/api";
import { type Selection, toQuery } from "../selection";
import { mayShow } from "./cache";

/** What the API has found, followed by what is known here and has each typed word at the beginning of one of its own. */
export function matchesHere(
	found: readonly Task[],
	known: readonly Task[],
	selection: Selection,
	now = new Date(),
): Task[] {
	const words = wordsOf(selection.search);
	const query = toQuery(selection, now);
	// Quotes, `or` and `-without` are for the API to understand.
	if (words.length === 0 || /["-]|\bor\b/i.test(selection.search)) return [...found];
	const matches = new Map(found.map((task) => [task.id, task]));
	for (const task of known) {
		if (matches.has(task.id) || !mayShow(query, task, now)) continue;
		const own = wordsOf(`${task.title} ${task.description ?? ""}`);
		if (words.every((word) => own.some((candidate) => candidate.startsWith(word))))
			matches.set(task.id, task);
	}
	return [...matches.values()];
}

function wordsOf(text: string): string[] {
	return text.toLocaleLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
