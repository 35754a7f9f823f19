import type { Query, QueryClient } from "@tanstack/react-query";
import type { Task } from "../api/api";
import type { TaskQuery } from "../selection";
import { mayShow, type Pages, replaced, tasksOf, without } from "./cache";
import { keys } from "./keys";

/** What every list shows, changed ahead of the API's answer, with the way back. */
export async function anticipate(
	queries: QueryClient,
	change: (pages: Pages, query: TaskQuery) => Pages,
): Promise<{ takeBack: () => void }> {
	// An answer that is on its way knows nothing of the change yet. A list's first one has nothing to be changed, and would be missed.
	await queries.cancelQueries({ queryKey: keys.lists, predicate: ({ state }) => state.data !== undefined });
	const before = queries.getQueriesData<Pages>({ queryKey: keys.lists });
	apply(queries, change);
	return {
		takeBack() {
			// With other changes under way, what was before this one is not what is without it: ask.
			if (queries.isMutating() > 1) {
				queries.invalidateQueries({ queryKey: keys.lists });
				return;
			}
			for (const [key, pages] of before) queries.setQueryData(key, pages);
		},
	};
}

export function apply(queries: QueryClient, change: (pages: Pages, query: TaskQuery) => Pages) {
	for (const [key, pages] of queries.getQueriesData<Pages>({ queryKey: keys.lists })) {
		if (!pages) continue;
		const after = change(pages, key[1] as TaskQuery);
		if (after !== pages) queries.setQueryData(key, after);
	}
}

/** Lists that nothing is known of yet may have been read just before a change: they are read again. */
export async function readAgain(queries: QueryClient) {
	const unread = { queryKey: keys.lists, predicate: ({ state }: Query) => state.data === undefined };
	await queries.cancelQueries(unread);
	await queries.invalidateQueries(unread);
}

/** A task as the API has it now. What is shown already and newer is left alone. */
export function settle(queries: QueryClient, task: Task) {
	apply(queries, (pages) =>
		replaced(pages, task.id, (shown) => (shown.version > task.version ? shown : task)),
	);
	queries.invalidateQueries({ queryKey: keys.stats });
	void readAgain(queries);
}

/** Takes a task off the lists that it does not belong to any more. */
export function sift(queries: QueryClient, id: string) {
	const now = new Date();
	apply(queries, (pages, query) => {
		const task = tasksOf(pages).find((candidate) => candidate.id === id);
		return task && !mayShow(query, task, now) ? without(pages, new Set([id])) : pages;
	});
}

export function shownTask(queries: QueryClient, id: string): Task | undefined {
	for (const [, pages] of queries.getQueriesData<Pages>({ queryKey: keys.lists })) {
		const task = tasksOf(pages).find((candidate) => candidate.id === id);
		if (task) return task;
	}
	return undefined;
}
