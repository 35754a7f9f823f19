"use client";

import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import type { Task } from "../api/api";
import { ownZone } from "../dates";
import type { TaskQuery } from "../selection";
import { useWorkspace } from "../workspace";
import { tasksOf } from "./cache";
import { keys } from "./keys";

/** A list, page by page. While another one is on its way the one before stays, so that typing does not make it flicker. */
export function useTaskList(query: TaskQuery) {
	const { api } = useWorkspace();
	return useInfiniteQuery({
		queryKey: keys.list(query),
		queryFn: ({ pageParam, signal }) => api.list(query, pageParam, signal),
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page.next_cursor,
		placeholderData: keepPreviousData,
	});
}

export const childrenQuery = (id: string): TaskQuery => ({ parent_id: id, sort_by: "position" });

/** What is right below these tasks: for a person's list few enough to be one page each. */
export function useChildren(ids: readonly string[]): (id: string) => readonly Task[] | undefined {
	const { api } = useWorkspace();
	const known = useQueries({
		queries: ids.map((id) => ({
			queryKey: keys.list(childrenQuery(id)),
			queryFn: async ({ signal }: { signal: AbortSignal }) => ({
				pages: [await api.list(childrenQuery(id), null, signal)],
				pageParams: [null],
			}),
		})),
		combine: (results) => new Map(ids.map((id, index) => [id, results[index]?.data])),
	});
	return (id) => {
		const pages = known.get(id);
		return pages && tasksOf(pages);
	};
}

/** The one that is open in the editor, as it is now. */
export function useTask(id: string | null) {
	const { api } = useWorkspace();
	return useQuery({
		queryKey: keys.task(id ?? ""),
		queryFn: ({ signal }) => api.get(id ?? "", signal),
		enabled: id !== null,
		staleTime: 0,
		gcTime: 0,
		// What somebody types into is not changed under their hands.
		refetchOnWindowFocus: false,
		refetchOnReconnect: false,
	});
}

export function useTags() {
	const { api } = useWorkspace();
	return useQuery({ queryKey: keys.tags, queryFn: ({ signal }) => api.tags(signal) });
}

export function useStats() {
	const { api } = useWorkspace();
	const zone = ownZone();
	return useQuery({
		queryKey: [...keys.stats, zone],
		queryFn: ({ signal }) => api.stats(zone, signal),
		staleTime: 5_000,
	});
}
