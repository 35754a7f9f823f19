"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { readSelection, type Selection, writeSelection } from "./selection";

/**
 * The selection in the address, and how to change it. Each step is one that "back" takes back, but for what is typed letter by
 * letter.
 */
export function useSelection(): [Selection, (change: Partial<Selection>, how?: "push" | "replace") => void] {
	const parameters = useSearchParams();
	const selection = useMemo(() => readSelection(parameters), [parameters]);
	const change = useCallback((part: Partial<Selection>, how: "push" | "replace" = "push") => {
		// What the address says now, not what was rendered last: two changes may come before the next rendering.
		const current = readSelection(new URLSearchParams(window.location.search));
		const next = writeSelection({ ...current, ...part }).toString();
		const address = next ? `?${next}` : window.location.pathname;
		if (how === "push") window.history.pushState(null, "", address);
		else window.history.replaceState(null, "", address);
	}, []);
	return [selection, change];
}
