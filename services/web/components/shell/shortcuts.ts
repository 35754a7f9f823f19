"use client";

import { useEffect } from "react";
import { toasts } from "@/lib/toasts";

/** Whether a key belongs to whoever is typing, or to a dialog that is open. */
export function isTaken(event: KeyboardEvent): boolean {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
	if (document.querySelector('[role="dialog"], [role="menu"]')) return true;
	const { target } = event;
	if (!(target instanceof HTMLElement)) return false;
	return (
		target.isContentEditable ||
		/^(TEXTAREA|SELECT)$/.test(target.tagName) ||
		(target instanceof HTMLInputElement && !/^(checkbox|radio|button)$/.test(target.type))
	);
}

export function useShortcuts({ help, developer }: { help: () => void; developer: () => void }) {
	useEffect(() => {
		function press(event: KeyboardEvent) {
			if (isTaken(event)) return;
			const focus = (selector: string) => {
				const field = document.querySelector<HTMLInputElement>(selector);
				field?.focus();
				field?.select();
				return field !== null;
			};
			const done = (what: () => void) => {
				what();
				return true;
			};
			const keys: Record<string, () => boolean> = {
				"?": () => done(help),
				".": () => done(developer),
				n: () => focus("#new-task"),
				"/": () => focus("#search"),
				u: () => toasts.undo(),
			};
			if (keys[event.key]?.()) event.preventDefault();
		}
		document.addEventListener("keydown", press);
		return () => document.removeEventListener("keydown", press);
	});
}
