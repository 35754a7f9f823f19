import { type InfiniteData, notifyManager } from "@tanstack/react-query";
import type { Page } from "../pages.js";
import type { Task, TaskFilters } from "../tasks.js";
import type { DrawbridgeContext } from "./context.js";
import { belongs } from "./optimistic.js";

type Held = Pick<DrawbridgeContext, "queries" | "keys">;
type Lists = InfiniteData<Page<Task>>;

/** Keeps an answer, and ends what was shown ahead of it, in one step for the eye. */
export function answered(keep: () => unknown, undo: (() => void) | undefined): void {
	notifyManager.batch(() => {
		keep();
		if (undo) notifyManager.schedule(undo);
	});
}

/** A task as it is now, wherever it is shown. An answer that was overtaken by a later one changes nothing. */
export function write({ queries, keys }: Held, task: Task): void {
	const newer = (held: Task) => (held.version > task.version ? held : task);
	queries.setQueryData<Task>(keys.task(task.id), (held) => held && newer(held));
	inLists({ queries, keys }, (items) => items.map((held) => (held.id === task.id ? newer(held) : held)));
}

/** A task that was made, in the lists that it belongs to: where exactly, the next answer tells. */
export function insert({ queries, keys }: Held, task: Task): void {
	const lists = queries.getQueryCache().findAll({ queryKey: keys.lists });
	for (const { queryKey } of lists) {
		const filters = (queryKey[4] ?? {}) as TaskFilters;
		if (!belongs(task, filters)) continue;
		const atEnd = filters.sort_by === "position";
		queries.setQueryData<Lists>(queryKey, (data) => {
			const at = atEnd ? (data?.pages.length ?? 0) - 1 : 0;
			const pages = data?.pages.map((page, index) => {
				if (index !== at || page.items.some(({ id }) => id === task.id)) return page;
				return { ...page, items: atEnd ? [...page.items, task] : [task, ...page.items] };
			});
			return data && pages && { ...data, pages };
		});
	}
}

/** A task that is gone, or in the trash. */
export function forget({ queries, keys }: Held, id: string): void {
	queries.removeQueries({ queryKey: keys.task(id) });
	inLists({ queries, keys }, (items) => items.filter((held) => held.id !== id));
}

function inLists({ queries, keys }: Held, change: (items: Task[]) => Task[]): void {
	queries.setQueriesData<Lists>(
		{ queryKey: keys.lists },
		(data) => data && { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) },
	);
}
