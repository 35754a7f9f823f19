import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useSyncExternalStore } from "react";
import type { TagListQuery } from "../tags.js";
import type { Task, TaskFilters } from "../tasks.js";
import { type DrawbridgeContext, useDrawbridgeContext } from "./context.js";
import type { TaskListOptions } from "./keys.js";
import { listWithChanges, type Overlay, withChanges } from "./pending.js";

/**
 * A list that grows by a page with `query.fetchNextPage()`. `tasks` shows the user's changes before the API has answered them;
 * `query` is TanStack's, with what was read as it was read.
 */
export function useTasks(filters: TaskFilters = {}, options: TaskListOptions = {}) {
	const { drawbridge, keys, pending } = useDrawbridgeContext();
	const query = useInfiniteQuery({
		queryKey: keys.list(filters, options),
		queryFn: ({ pageParam, signal }) =>
			drawbridge.tasks.list(
				{ ...filters, ...options, ...(pageParam === null ? {} : { cursor: pageParam }) },
				{ signal },
			),
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page.next_cursor,
		// The client itself has tried again where that helps.
		retry: false,
	});
	const overlay = useOverlay(pending);
	const key = JSON.stringify(filters);
	// biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for `filters`, which most callers write in place.
	const tasks = useMemo(
		() => listWithChanges(query.data?.pages.flatMap((page) => page.items) ?? [], filters, overlay),
		[query.data, key, overlay],
	);
	return { tasks, total: query.data?.pages[0]?.total ?? null, query };
}

/** One task; `task` is null while it is not there, or when it is being removed. */
export function useTask(id: string) {
	const { drawbridge, keys, pending, queries } = useDrawbridgeContext();
	const query = useQuery<Task>({
		queryKey: keys.task(id),
		queryFn: ({ signal }) => drawbridge.tasks.get(id, { signal }),
		placeholderData: () => findInLists({ queries, keys }, id),
		retry: false,
	});
	const overlay = useOverlay(pending);
	const task = useMemo(() => query.data && withChanges(query.data, overlay), [query.data, overlay]);
	return { task: task ?? null, query };
}

/** All tags, by name. */
export function useTags(options: Pick<TagListQuery, "with_counts"> = {}) {
	const { drawbridge, keys } = useDrawbridgeContext();
	return useQuery({
		queryKey: keys.tagList(options),
		queryFn: async ({ signal }) => {
			const tags = [];
			for await (const tag of drawbridge.tags.iterate(options, { signal })) tags.push(tag);
			return tags;
		},
		retry: false,
	});
}

/** Counts by state, priority, tag, and day. The days are those of this browser's time zone unless told. */
export function useStats(query: { timezone?: string; days?: number } = {}) {
	const { drawbridge, keys } = useDrawbridgeContext();
	const asked = { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, ...query };
	return useQuery({
		queryKey: keys.statsOf(asked),
		queryFn: ({ signal }) => drawbridge.tasks.stats(asked, { signal }),
		retry: false,
	});
}

function useOverlay(pending: DrawbridgeContext["pending"]): Overlay {
	return useSyncExternalStore(pending.subscribe, pending.overlay, pending.overlay);
}

interface Lists {
	pages: readonly { items: readonly Task[] }[];
}

function findInLists(
	{ queries, keys }: Pick<DrawbridgeContext, "queries" | "keys">,
	id: string,
): Task | undefined {
	for (const [, data] of queries.getQueriesData<Lists>({ queryKey: keys.lists })) {
		for (const page of data?.pages ?? []) {
			const task = page.items.find((one) => one.id === id);
			if (task) return task;
		}
	}
	return undefined;
}
