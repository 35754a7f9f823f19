"use client";

import { useCallback, useEffect, useState } from "react";

/**
 * What somebody has typed and not saved, kept for this tab until it is: a reload or a page left by mistake costs nothing. It is
 * kept under the user it belongs to, and goes when they sign out.
 */
export function useDraft(userId: string, name: string): [string, (text: string) => void] {
	const key = `${PREFIX}${userId}:${name}`;
	const [text, setText] = useState("");
	// After the first rendering, which has to be the same as the server's.
	useEffect(() => setText(readDraft(key) ?? ""), [key]);
	const write = useCallback(
		(next: string) => {
			setText(next);
			writeDraft(key, next);
		},
		[key],
	);
	return [text, write];
}

const PREFIX = "draft:";

export const draftKey = (userId: string, name: string): string => `${PREFIX}${userId}:${name}`;

export function readDraft(key: string): string | null {
	try {
		return sessionStorage.getItem(key);
	} catch {
		return null;
	}
}

export function writeDraft(key: string, text: string) {
	try {
		if (text === "") sessionStorage.removeItem(key);
		else sessionStorage.setItem(key, text);
	} catch {
		// Storage may be full or forbidden; then the draft lives as long as the page does.
	}
}

export function forgetDrafts(userId: string) {
	try {
		for (const key of Object.keys(sessionStorage)) {
			if (key.startsWith(`${PREFIX}${userId}:`)) sessionStorage.removeItem(key);
		}
	} catch {
		// Nothing is kept, so nothing is left.
	}
}
