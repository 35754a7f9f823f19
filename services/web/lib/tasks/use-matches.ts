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
export function useMatches(pages: Pages | undefined, selection: Selection, outdated: boolean): Task[] {
	const queries = useQueryClient();
	return useMemo(() => {
		const found = tasksOf(pages);
		if (selection.search === "") return found;
		const known = queries
			.getQueriesData<Pages>({ queryKey: keys.lists })
			.flatMap(([, each]) => tasksOf(each));
		if (!outdated) return matchesHere(found, known, selection);
		// What is shown is still the answer to the question before. It stays where nothing better is known here.
		const matches = matchesHere([], known, selection);
		return matches.length > 0 ? matches : found;
	}, [pages, selection, outdated, queries]);
}
