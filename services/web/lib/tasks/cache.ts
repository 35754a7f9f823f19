import type { InfiniteData } from "@tanstack/react-query";
import type { Task, TaskPage } from "../api/api";
import type { TaskQuery } from "../selection";

/** Pages of a list as they are kept, and what changes to one task mean for them. Pure, so that it can be tested as such. */
export type Pages = InfiniteData<TaskPage>;

export function tasksOf(pages: Pages | undefined): Task[] {
	return pages?.pages.flatMap(({ items }) => items) ?? [];
}

/** The task in the place that it has, wherever it is listed. Pages without it stay the very same objects. */
export function replaced(pages: Pages, id: string, change: (task: Task) => Task): Pages {
	let changed = false;
	const next = pages.pages.map((page) => {
		const index = page.items.findIndex((task) => task.id === id);
		const before = page.items[index];
		if (!before) return page;
		const after = change(before);
		if (after === before) return page;
		changed = true;
		return { ...page, items: page.items.with(index, after) };
	});
	return changed ? { ...pages, pages: next } : pages;
}

export function without(pages: Pages, ids: ReadonlySet<string>): Pages {
	if (!tasksOf(pages).some(({ id }) => ids.has(id))) return pages;
	return {
		...pages,
		pages: pages.pages.map((page) => ({ ...page, items: page.items.filter(({ id }) => !ids.has(id)) })),
	};
}

/** At the head of the first page, unless it is listed already. */
export function prepended(pages: Pages, task: Task): Pages {
	const [first, ...rest] = pages.pages;
	if (!first || tasksOf(pages).some(({ id }) => id === task.id)) return pages;
	return { ...pages, pages: [{ ...first, items: [task, ...first.items] }, ...rest] };
}

/** Behind the last one, where the list is known to its end; elsewhere it comes with its page. */
export function appended(pages: Pages, task: Task): Pages {
	const last = pages.pages.at(-1);
	if (!last || last.has_more || tasksOf(pages).some(({ id }) => id === task.id)) return pages;
	return { ...pages, pages: pages.pages.with(-1, { ...last, items: [...last.items, task] }) };
}

/** The task moved right before or after another one. The pages keep their sizes, so that their cursors stay good. */
export function moved(pages: Pages, id: string, to: { before: string } | { after: string }): Pages {
	const all = tasksOf(pages);
	const task = all.find((candidate) => candidate.id === id);
	const rest = all.filter((candidate) => candidate.id !== id);
	const neighbour = "before" in to ? to.before : to.after;
	const at = rest.findIndex((candidate) => candidate.id === neighbour);
	if (!task || at < 0) return pages;
	rest.splice("before" in to ? at : at + 1, 0, task);
	let from = 0;
	return {
		...pages,
		pages: pages.pages.map((page) => {
			const items = rest.slice(from, from + page.items.length);
			from += page.items.length;
			return { ...page, items };
		}),
	};
}

/**
 * Whether a list with this query would still show the task, as far as can be told here. What only the server knows, such as
 * whether words are found, counts as yes: the next answer puts it right.
 */
export function mayShow(query: TaskQuery, task: Task, now: Date): boolean {
	if ((query.deleted === "only") !== (task.deleted_at !== null)) return false;
	if (query.status === "incomplete" && task.completed) return false;
	if (query.status === "complete" && !task.completed) return false;
	if (query.priority && !query.priority.includes(task.priority)) return false;
	if (query.parent_id && query.parent_id !== (task.parent_id ?? "none")) return false;
	if (query.tag_id) {
		const has = (id: string) => task.tags.some((tag) => tag.id === id);
		if (!(query.tag_match === "all" ? query.tag_id.every(has) : query.tag_id.some(has))) return false;
	}
	const due = task.due_date === null ? null : Date.parse(task.due_date);
	if (query.due_before && (due === null || due >= Date.parse(query.due_before))) return false;
	if (query.due_after && (due === null || due <= Date.parse(query.due_after))) return false;
	if (query.overdue && (due === null || due >= now.getTime() || task.completed)) return false;
	return true;
}
