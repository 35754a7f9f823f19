"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Task } from "../api/api";
import type { Selection } from "../selection";
import { type Pages, tasksOf } from "./cache";
import { keys } from "./keys";
import { matchesHere } from "./matches";

/**
 * The tasks of a list, and while somebody is typing also those that begin with what they have typed so far: the API looks for
 * whole words, and half a word is none yet.
 */
export function useMatches(pages: Pages | undefined, selection: Selection): Task[] {
	const queries = useQueryClient();
	return useMemo(() => {
		const found = tasksOf(pages);
		if (selection.search === "") return found;
		const known = queries
			.getQueriesData<Pages>({ queryKey: keys.lists })
			.flatMap(([, each]) => tasksOf(each));
		return matchesHere(found, known, selection);
	}, [pages, selection, queries]);
}
